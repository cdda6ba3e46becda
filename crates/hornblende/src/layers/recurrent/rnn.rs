//! A recurrent layer of any cell.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::cell::RecurrentCell;
use super::gru_cell::GRUCell;
use super::lstm_cell::LSTMCell;
use super::recurrence::{Recurrence, RecurrenceArguments};
use super::simple_rnn_cell::SimpleRNNCell;
use super::stacked_rnn_cells::StackedRNNCells;
use crate::config::{Config, Json, class_object, class_of};
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase, from_config};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RNN",
    aliases: &[],
    arguments: &[&["cell"], Recurrence::ARGUMENTS],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(RNN::from_config(config)?)),
    examples: || {
        let cell = |class: &str| {
            let config = Config::new().with("units", 2);
            class_object("keras.layers", class, config)
        };
        let two = Json::from(vec![cell("LSTMCell"), cell("GRUCell")]);
        let two = class_object(
            "keras.layers",
            "StackedRNNCells",
            Config::new().with("cells", two),
        );
        let all = Config::new()
            .with("cell", two)
            .with("return_sequences", true);
        vec![
            Example::new(
                Config::new().with("cell", cell("SimpleRNNCell")),
                [[2, 3, 2]],
            ),
            Example::new(all, [[2, 2, 3]]),
        ]
    },
};

/// A recurrent layer of any cell: runs the cell over the time axis, its states passing from step to step.
///
/// # Arguments
/// `cell`: a [`SimpleRNNCell`], [`LSTMCell`], [`GRUCell`], a [`StackedRNNCells`] or a
/// [`RecurrentCell`] of the user's own. The others are methods: see [`RecurrenceArguments`] and
/// [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, time, ..]` gives the cell's output of the last step; with `return_sequences` those of all steps,
/// time behind batch, and with `return_state` the states as further results. First states are further inputs. A
/// mask `[batch, time]` leaves steps out: they repeat the states and the output before them.
///
/// # Errors
/// [`Error::ShapeMismatch`] for an input of less than three axes; what the cell returns.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let cells = StackedRNNCells::new().add(LSTMCell::new(8)).add(GRUCell::new(4));
/// let y = RNN::new(cells).call(&Tensor::zeros([2, 10, 3], DType::F32))?;
/// assert_eq!(y.shape().dims(), [2, 4]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.RNN`.
#[derive(Clone)]
pub struct RNN {
    base: LayerBase,
    cell: Arc<dyn RecurrentCell>,
    recurrence: Recurrence,
}

impl RNN {
    /// A layer that runs this cell.
    #[must_use]
    pub fn new(cell: impl RecurrentCell) -> Self {
        Self::of_cell(Arc::new(cell))
    }

    fn of_cell(cell: Arc<dyn RecurrentCell>) -> Self {
        // The cell is named first, as in Keras, where it is made first.
        let _ = cell.base().name(cell.class_name());
        Self {
            base: LayerBase::default(),
            cell,
            recurrence: Recurrence::default(),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        let cell = match config.get("cell") {
            Some(Json::Array(cells)) => Arc::new(StackedRNNCells::of_list(cells)?),
            Some(cell) => cell_of("cell", cell)?,
            None => return Err(Error::format("RNN", "the argument \"cell\"", "none", "")),
        };
        Ok(Self {
            recurrence: Recurrence::from_config(config)?,
            ..Self::of_cell(cell)
        })
    }

    fn spec(&self) -> InputSpec {
        InputSpec::least_rank(3)
    }
}

/// A cell inside a configuration.
pub(super) fn cell_of(key: &str, value: &Json) -> Result<Arc<dyn RecurrentCell>> {
    let (class_name, config) = class_of(key, value)?;
    let layer = from_config(&class_name, &config)?;
    let any = layer.as_any();
    if let Some(cell) = any.downcast_ref::<SimpleRNNCell>() {
        return Ok(Arc::new(cell.clone()));
    }
    if let Some(cell) = any.downcast_ref::<LSTMCell>() {
        return Ok(Arc::new(cell.clone()));
    }
    if let Some(cell) = any.downcast_ref::<GRUCell>() {
        return Ok(Arc::new(cell.clone()));
    }
    match any.downcast_ref::<StackedRNNCells>() {
        Some(cells) => Ok(Arc::new(cells.clone())),
        None => Err(Error::format(
            format!("argument \"{key}\""),
            "a cell: SimpleRNNCell, LSTMCell, GRUCell or StackedRNNCells",
            class_name,
            "",
        )),
    }
}

impl RecurrenceArguments for RNN {
    fn recurrence_mut(&mut self) -> &mut Recurrence {
        &mut self.recurrence
    }
}

impl Layer for RNN {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.recurrence
            .build(self, &*self.cell, self.spec(), inputs)
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        self.spec().check(ENTRY.class_name, inputs[0].shape())?;
        self.recurrence
            .forward(&self.base, &*self.cell, inputs, call)
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        vec![Arc::clone(&self.cell) as Arc<dyn Layer>]
    }

    fn get_config(&self) -> Config {
        let cell = class_object(
            "keras.layers",
            self.cell.class_name(),
            self.cell.get_config(),
        );
        let config = self.base.get_config(self.class_name());
        self.recurrence.add_to(config).with("cell", cell)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
