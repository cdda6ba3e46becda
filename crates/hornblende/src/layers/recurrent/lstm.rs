//! The long short-term memory.

use std::sync::Arc;

use super::cell_options::{CellOptions, GateArguments};
use super::lstm_cell::LSTMCell;
use super::recurrence::Recurrence;
use super::recurrent_layer;
use crate::config::Config;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "LSTM",
    aliases: &[],
    arguments: &[
        LSTMCell::ARGUMENTS,
        CellOptions::ARGUMENTS,
        CellOptions::GATES,
        Recurrence::ARGUMENTS,
    ],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(LSTM::from_config(config)?)),
    examples: || {
        let config = Config::new().with("units", 2);
        let all = config.clone().with("return_sequences", true);
        let dropped = config.with("dropout", 0.3).with("recurrent_dropout", 0.3);
        vec![
            Example::new(all.with("unit_forget_bias", false), [[2, 4, 3]]),
            Example::new(dropped, [[2, 2, 3]]),
        ]
    },
};

recurrent_layer!(
    /// The long short-term memory: a recurrent layer whose second state passes from step to step through a
    /// gate and no weights. The arithmetic of a step is that of [`LSTMCell`].
    ///
    /// # Arguments
    /// `units`: the size of output and states, above 0. The others are methods: [`LSTM::unit_forget_bias`], and
    /// those of [`CellArguments`](crate::layers::CellArguments), [`GateArguments`],
    /// [`RecurrenceArguments`](crate::layers::RecurrenceArguments) and
    /// [`LayerOptions`](crate::layers::LayerOptions).
    ///
    /// # Shapes
    /// `[batch, time, n]` gives `[batch, units]`, the output of the last step; with `return_sequences`
    /// `[batch, time, units]`, and with `return_state` the states `h` and `c` as further results. First states
    /// are two further inputs `[batch, units]`. A mask `[batch, time]` leaves steps out: they repeat the states
    /// and the output before them.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes, or whose
    /// features differ from the first call's.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let layer = LSTM::new(64).return_sequences(true).return_state(true);
    /// let results = layer.call_all(&Tensor::zeros([32, 50, 8], DType::F32))?;
    /// assert_eq!(results[0].shape().dims(), [32, 50, 64]);
    /// assert_eq!(results[2].shape().dims(), [32, 64]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Source: S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", 1997; `keras.layers.LSTM`.
    LSTM, LSTMCell, "lstm_cell", [units: usize]
);

impl LSTM {
    /// Whether the bias of the forget gate begins with ones, whatever the initializer. Default: true.
    #[must_use]
    pub fn unit_forget_bias(mut self, unit_forget_bias: bool) -> Self {
        self.cell = self.cell.unit_forget_bias(unit_forget_bias);
        self
    }
}

impl GateArguments for LSTM {}
