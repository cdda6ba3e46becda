//! What gradients can be asked of.

use hornblende_core::{Error, Tensor, Variable};

/// What gradients are asked of: a tensor or variable, an array of them, or a list.
///
/// A source that is named alone (`&x`) or in an array (`[&a, &b]`) gives a tensor, which carries an error where the
/// target does not depend on it. A list (`&variables`) gives a `Vec` of options.
pub trait GradientSources {
    /// One gradient for each source.
    type Gradients;

    /// The sources in order.
    fn sources(&self) -> Vec<GradientSource>;

    /// The gradients in the form that these sources ask for.
    fn gradients(&self, found: Vec<Option<Tensor>>) -> Self::Gradients;
}

/// One source.
#[derive(Clone)]
pub enum GradientSource {
    /// A tensor: the very one that the target was computed from.
    Tensor(Tensor),
    /// A variable: all reads of it.
    Variable(Variable),
}

impl GradientSource {
    /// What the gradient is taken of.
    pub(super) fn tensor(&self) -> Tensor {
        match self {
            Self::Tensor(tensor) => tensor.clone(),
            Self::Variable(variable) => variable.read(),
        }
    }

    /// True if both are the same variable or the same tensor.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tensor(a), Self::Tensor(b)) => a.is_same(b),
            (Self::Variable(a), Self::Variable(b)) => a == b,
            _ => false,
        }
    }

    #[track_caller]
    pub(super) fn or_unconnected(&self, found: Option<Tensor>) -> Tensor {
        found.unwrap_or_else(|| {
            let source = match self {
                Self::Tensor(tensor) => format!("the tensor of shape {}", tensor.shape()),
                Self::Variable(variable) => format!("variable \"{}\"", variable.name()),
            };
            crate::ops::invalid(Error::invalid_argument(
                "gradient",
                format!("a target that depends on {source}"),
                "one that does not",
                "Compute the target from it, in floating-point numbers, or ask for UnconnectedGradients::Zero",
            ))
        })
    }
}

impl From<&Tensor> for GradientSource {
    fn from(tensor: &Tensor) -> Self {
        Self::Tensor(tensor.clone())
    }
}

impl From<&Variable> for GradientSource {
    fn from(variable: &Variable) -> Self {
        Self::Variable(variable.clone())
    }
}

/// A source and references to it: one gradient.
macro_rules! one {
    ($($source:ty),*) => {$(
        impl GradientSources for &$source {
            type Gradients = Tensor;

            fn sources(&self) -> Vec<GradientSource> {
                vec![GradientSource::from(*self)]
            }

            #[track_caller]
            fn gradients(&self, mut found: Vec<Option<Tensor>>) -> Tensor {
                GradientSource::from(*self).or_unconnected(found.pop().flatten())
            }
        }

        impl<const N: usize> GradientSources for [&$source; N] {
            type Gradients = [Tensor; N];

            fn sources(&self) -> Vec<GradientSource> {
                self.iter().map(|source| GradientSource::from(*source)).collect()
            }

            #[track_caller]
            fn gradients(&self, found: Vec<Option<Tensor>>) -> [Tensor; N] {
                let mut found = found.into_iter();
                self.map(|source| GradientSource::from(source).or_unconnected(found.next().flatten()))
            }
        }

        list!(&[$source], &Vec<$source>);

        impl<const N: usize> GradientSources for &[$source; N] {
            type Gradients = Vec<Option<Tensor>>;

            fn sources(&self) -> Vec<GradientSource> {
                self.iter().map(GradientSource::from).collect()
            }

            fn gradients(&self, found: Vec<Option<Tensor>>) -> Self::Gradients {
                found
            }
        }
    )*};
}

/// Lists: as many options.
macro_rules! list {
    ($($list:ty),*) => {$(
        impl GradientSources for $list {
            type Gradients = Vec<Option<Tensor>>;

            fn sources(&self) -> Vec<GradientSource> {
                self.iter().map(GradientSource::from).collect()
            }

            fn gradients(&self, found: Vec<Option<Tensor>>) -> Self::Gradients {
                found
            }
        }
    )*};
}

one!(Tensor, Variable);
