//! Which columns of a batch are inputs, labels and weights.

use hornblende_core::Tensor;

/// What the columns of a batch are: first the inputs, then the labels of those outputs that have some,
/// then the weights of those outputs that have some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) inputs: usize,
    /// For each output whether there are labels; empty for inputs alone.
    pub(super) labels: Vec<bool>,
    /// For each output whether there are weights.
    pub(super) weights: Vec<bool>,
}

/// The tensors of a batch by their roles.
pub(super) struct Batch {
    pub(super) inputs: Vec<Tensor>,
    pub(super) labels: Vec<Option<Tensor>>,
    pub(super) weights: Vec<Option<Tensor>>,
}

impl Layout {
    /// Sorts the tensors of a batch by their roles.
    pub(super) fn split(&self, columns: &[Tensor]) -> Batch {
        let mut rest = columns.iter().skip(self.inputs).cloned();
        let mut take = |present: &bool| if *present { rest.next() } else { None };
        Batch {
            inputs: columns.iter().take(self.inputs).cloned().collect(),
            labels: self.labels.iter().map(&mut take).collect(),
            weights: self.weights.iter().map(&mut take).collect(),
        }
    }

    /// The column of the labels of this output.
    pub(super) fn label_column(&self, output: usize) -> Option<usize> {
        let before = |flags: &[bool]| flags.iter().filter(|f| **f).count();
        let present = *self.labels.get(output)?;
        present.then(|| self.inputs + before(&self.labels[..output]))
    }

    /// Notes that this output has weights, and gives the column where they belong.
    pub(super) fn add_weight(&mut self, output: usize) -> usize {
        let count = |flags: &[bool]| flags.iter().filter(|f| **f).count();
        self.weights[output] = true;
        self.inputs + count(&self.labels) + count(&self.weights[..output])
    }

    /// What a column is, for messages.
    pub(super) fn role(&self, column: usize) -> &'static str {
        let labels = self.labels.iter().filter(|f| **f).count();
        if column < self.inputs {
            "every input of x"
        } else if column < self.inputs + labels {
            "y"
        } else {
            "sample_weight"
        }
    }
}
