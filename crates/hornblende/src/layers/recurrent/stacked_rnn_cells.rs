//! Cells one behind the other.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::DropoutMasks;
use super::cell::{RecurrentCell, step_of_cell};
use super::recurrence::build_inner;
use super::rnn::cell_of;
use crate::config::{Config, Json, class_object};
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "StackedRNNCells",
    aliases: &[],
    arguments: &[&["cells"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(StackedRNNCells::from_config(config)?)),
    examples: || {
        let cell = |class: &str, units: usize| {
            let config = Config::new().with("units", units);
            class_object("keras.layers", class, config)
        };
        let cells = vec![cell("GRUCell", 3), cell("SimpleRNNCell", 2)];
        let config = Config::new().with("cells", Json::from(cells));
        vec![Example::new(config, [[2, 4], [2, 3], [2, 2]])]
    },
};

/// Cells one behind the other, which count as one: the output of each is the input of the next.
///
/// # Shapes
/// The states are those of all cells in order; the output is that of the last cell.
///
/// # Errors
/// [`Error::InvalidArgument`] if there is no cell.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let cells = StackedRNNCells::new().add(LSTMCell::new(3)).add(LSTMCell::new(2));
/// let layer = RNN::new(cells).return_state(true);
/// let results = layer.call_all(&Tensor::zeros([1, 5, 4], DType::F32))?;
/// let sizes: Vec<usize> = results.iter().map(|x| x.shape()[1]).collect();
/// assert_eq!(sizes, [2, 3, 3, 2, 2]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.StackedRNNCells`.
#[derive(Clone, Default)]
pub struct StackedRNNCells {
    base: LayerBase,
    cells: Vec<Arc<dyn RecurrentCell>>,
}

impl StackedRNNCells {
    /// A stack without cells.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The stack with one more cell behind the others.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "the word of Sequential")]
    pub fn add(mut self, cell: impl RecurrentCell) -> Self {
        self.cells.push(Arc::new(cell));
        self
    }

    pub(super) fn of_list(cells: &[Json]) -> Result<Self> {
        let cells = cells.iter().map(|cell| cell_of("cells", cell));
        Ok(Self {
            cells: cells.collect::<Result<_>>()?,
            ..Self::new()
        })
    }

    fn from_config(config: &Config) -> Result<Self> {
        match config.get("cells") {
            Some(Json::Array(cells)) => Self::of_list(cells),
            other => Err(Error::format(
                "StackedRNNCells",
                "the argument \"cells\", a list",
                other.map_or("none".to_owned(), Json::to_string),
                "",
            )),
        }
    }

    /// The size of the output of a cell whose input has this shape.
    fn output_of(cell: &dyn RecurrentCell, input: &Shape) -> Shape {
        let state = cell.state_shapes().into_iter().next().unwrap_or_default();
        [input[0]]
            .iter()
            .chain(state.dims())
            .copied()
            .collect::<Vec<_>>()
            .into()
    }
}

impl RecurrentCell for StackedRNNCells {
    fn state_shapes(&self) -> Vec<Shape> {
        self.cells
            .iter()
            .flat_map(|cell| cell.state_shapes())
            .collect()
    }

    fn draw(&self, input: &Shape, call: &Call) -> Result<DropoutMasks> {
        let mut masks = DropoutMasks::default();
        let mut input = input.clone();
        for cell in &self.cells {
            masks.inner.push(cell.draw(&input, call)?);
            input = Self::output_of(&**cell, &input);
        }
        Ok(masks)
    }

    fn project(&self, x: &Tensor, masks: &DropoutMasks) -> Result<Tensor> {
        match (self.cells.first(), masks.inner.first()) {
            (Some(cell), Some(masks)) => cell.project(x, masks),
            _ => Ok(x.clone()),
        }
    }

    fn step(&self, x: &Tensor, states: &[Tensor], masks: &DropoutMasks) -> Result<Vec<Tensor>> {
        let mut output = x.clone();
        let (mut rest, mut all) = (states, Vec::new());
        for (k, (cell, masks)) in self.cells.iter().zip(&masks.inner).enumerate() {
            if k > 0 {
                output = cell.project(&output, masks)?;
            }
            let (own, others) = rest.split_at(cell.state_shapes().len());
            let mut results = cell.step(&output, own, masks)?;
            output = results.remove(0);
            all.append(&mut results);
            rest = others;
        }
        all.insert(0, output);
        Ok(all)
    }

    fn output_is_first_state(&self) -> bool {
        matches!(&*self.cells, [only] if only.output_is_first_state())
    }
}

impl Layer for StackedRNNCells {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        if self.cells.is_empty() {
            let expected = "at least one cell";
            return Err(Error::invalid_argument(
                "StackedRNNCells",
                expected,
                "none",
                "Use add",
            ));
        }
        let mut input = inputs[0].clone();
        for cell in &self.cells {
            build_inner(&self.base, ENTRY.class_name, &**cell, &input)?;
            input = Self::output_of(&**cell, &input);
        }
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        step_of_cell(self, inputs, call)
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        let layer = |cell: &Arc<dyn RecurrentCell>| Arc::clone(cell) as Arc<dyn Layer>;
        self.cells.iter().map(layer).collect()
    }

    fn get_config(&self) -> Config {
        let object = |cell: &Arc<dyn RecurrentCell>| {
            class_object("keras.layers", cell.class_name(), cell.get_config())
        };
        let cells: Vec<Json> = self.cells.iter().map(object).collect();
        self.base
            .get_config(self.class_name())
            .with("cells", Json::from(cells))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
