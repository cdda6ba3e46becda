//! The convolutional long short-term memory of sequences.

use std::sync::Arc;

use super::cell_options::{CellOptions, GateArguments};
use super::conv_lstm_cell::{ConvLSTMCell, conv_lstm_options};
use super::recurrence::Recurrence;
use super::recurrent_layer;
use crate::config::Config;
use crate::layers::{Entry, Example, Sizes};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "ConvLSTM1D",
    aliases: &[],
    arguments: &[
        ConvLSTMCell::<1>::ARGUMENTS,
        CellOptions::ARGUMENTS,
        CellOptions::GATES,
        Recurrence::ARGUMENTS,
    ],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(ConvLSTM1D::from_config(config)?)),
    examples: || {
        let config = Config::new().with("filters", 1).with("kernel_size", 2);
        let same = config
            .clone()
            .with("padding", "same")
            .with("return_sequences", true);
        let dropped = config.with("dropout", 0.3).with("recurrent_dropout", 0.3);
        vec![
            Example::new(same, [[1, 2, 3, 2]]),
            Example::new(dropped, [[1, 2, 4, 1]]),
        ]
    },
};

recurrent_layer!(
    /// The convolutional long short-term memory of sequences: an `LSTM` whose products with the kernels are
    /// convolutions, so that its states are sequences too.
    ///
    /// With `z = kernel * x + recurrent_kernel * h + bias`, cut into four parts of `filters` channels, a step is
    /// that of [`LSTMCell`](crate::layers::LSTMCell). The convolution of the state has stride 1 and keeps its size.
    ///
    /// # Arguments
    /// `filters`: the channels of output and states, above 0. `kernel_size`: the size of both kernels, one number
    /// or one for each axis. The others are methods: `strides`, `padding`, `data_format`, `dilation_rate`,
    /// `unit_forget_bias`, and those of [`CellArguments`](crate::layers::CellArguments), [`GateArguments`],
    /// [`RecurrenceArguments`](crate::layers::RecurrenceArguments) and
    /// [`LayerOptions`](crate::layers::LayerOptions).
    ///
    /// # Shapes
    /// `[batch, time, steps, channels]` gives the result of a convolution of the last step, with
    /// `return_sequences` of all steps. States and masks are those of [`LSTM`](crate::layers::LSTM).
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input of another number of axes, of unknown
    /// sizes, or smaller than the kernel.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let layer = ConvLSTM1D::new(16, 2);
    /// let y = layer.call(&Tensor::zeros([2, 4, 8, 3], DType::F32))?;
    /// assert_eq!(y.shape().dims(), [2, 7, 16]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Source: X. Shi and others, "Convolutional LSTM Network", 2015; `keras.layers.ConvLSTM1D`.
    ConvLSTM1D, ConvLSTMCell<1>, "conv_lstm_cell", [filters: usize, kernel_size: impl Into<Sizes>]
);

conv_lstm_options!(ConvLSTM1D);

impl GateArguments for ConvLSTM1D {}
