//! The fully connected recurrent layer.

use std::sync::Arc;

use super::cell_options::CellOptions;
use super::recurrence::Recurrence;
use super::recurrent_layer;
use super::simple_rnn_cell::SimpleRNNCell;
use crate::config::Config;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "SimpleRNN",
    aliases: &[],
    arguments: &[&["units"], CellOptions::ARGUMENTS, Recurrence::ARGUMENTS],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(SimpleRNN::from_config(config)?)),
    examples: || {
        let config = Config::new().with("units", 3);
        let backwards = config.clone().with("go_backwards", true);
        let unrolled = config.clone().with("unroll", true).with("use_bias", false);
        let dropped = config.with("dropout", 0.3).with("recurrent_dropout", 0.3);
        vec![
            Example::new(backwards.with("return_sequences", true), [[2, 4, 2]]),
            Example::new(unrolled, [[2, 3, 2]]),
            Example::new(dropped, [[1, 2, 3]]),
        ]
    },
};

recurrent_layer!(
    /// The fully connected recurrent layer: at each step
    /// `h = activation(x · kernel + h · recurrent_kernel + bias)`; the state `h` begins with zeros.
    ///
    /// # Arguments
    /// `units`: the size of output and state, above 0. The others are methods: see
    /// [`CellArguments`](crate::layers::CellArguments),
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
    /// let layer = SimpleRNN::new(1).activation("linear").return_sequences(true);
    /// let layer = layer.kernel_initializer("ones").recurrent_initializer("ones");
    /// let y = layer.call(&Tensor::from([[[1.0f32], [2.0], [3.0]]]))?;
    /// assert_eq!(y.to_vec::<f32>()?, [1.0, 3.0, 6.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Source: `keras.layers.SimpleRNN`; Keras 3.15 drops its `activity_regularizer`, here it counts.
    SimpleRNN, SimpleRNNCell, "simple_rnn_cell", [units: usize]
);
