//! The gated recurrent unit.

use std::sync::Arc;

use super::cell_options::{CellOptions, GateArguments};
use super::gru_cell::GRUCell;
use super::recurrence::Recurrence;
use super::recurrent_layer;
use crate::config::Config;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "GRU",
    aliases: &[],
    arguments: &[
        GRUCell::ARGUMENTS,
        CellOptions::ARGUMENTS,
        CellOptions::GATES,
        Recurrence::ARGUMENTS,
    ],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(GRU::from_config(config)?)),
    examples: || {
        let config = Config::new().with("units", 2);
        let all = config.clone().with("return_sequences", true);
        let before = config.clone().with("reset_after", false);
        let dropped = config.with("dropout", 0.3).with("recurrent_dropout", 0.3);
        vec![
            Example::new(all, [[2, 4, 3]]),
            Example::new(before, [[2, 3, 3]]),
            Example::new(dropped, [[2, 2, 3]]),
        ]
    },
};

recurrent_layer!(
    /// The gated recurrent unit: a recurrent layer that mixes its state with a candidate, gate by gate. The
    /// arithmetic of a step is that of [`GRUCell`].
    ///
    /// # Arguments
    /// `units`: the size of output and state, above 0. The others are methods: [`GRU::reset_after`], and those
    /// of [`CellArguments`](crate::layers::CellArguments), [`GateArguments`],
    /// [`RecurrenceArguments`](crate::layers::RecurrenceArguments) and
    /// [`LayerOptions`](crate::layers::LayerOptions).
    ///
    /// # Shapes
    /// `[batch, time, n]` gives `[batch, units]`, the output of the last step; with `return_sequences`
    /// `[batch, time, units]`, and with `return_state` the state as a further result. A first state is a
    /// further input `[batch, units]`. A mask `[batch, time]` leaves steps out: they repeat the state and the
    /// output before them.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes, or whose
    /// features differ from the first call's.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let layer = GRU::new(16);
    /// assert_eq!(layer.call(&Tensor::zeros([4, 10, 8], DType::F32))?.shape().dims(), [4, 16]);
    /// assert_eq!(layer.count_params(), 3 * 16 * (8 + 16 + 2));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Source: K. Cho and others, "Learning Phrase Representations using RNN Encoder-Decoder", 2014;
    /// `keras.layers.GRU`.
    GRU, GRUCell, "gru_cell", [units: usize]
);

impl GRU {
    /// Whether the reset gate is applied after the product with the recurrent kernel. Default: true.
    #[must_use]
    pub fn reset_after(mut self, reset_after: bool) -> Self {
        self.cell = self.cell.reset_after(reset_after);
        self
    }
}

impl GateArguments for GRU {}
