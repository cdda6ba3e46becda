// tidy: not an item
//! The cell of the convolutional LSTM layers, which Keras keeps to itself too.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use hornblende_core::{Error, Result, Shape, Tensor};

use super::DropoutMasks;
use super::cell::{RecurrentCell, step_of_cell};
use super::cell_options::{CellArguments, CellOptions, GateArguments, project_gates};
use super::lstm_cell::lstm_step;
use crate::config::Config;
use crate::layers::spatial_window::{Padding, check_positive, convolve, window};
use crate::layers::{Call, DataFormat, InputSpec, Layer, LayerBase, Sizes, require_size};

/// One step of a convolutional LSTM over `RANK` spatial axes.
#[derive(Clone)]
pub(super) struct ConvLSTMCell<const RANK: usize> {
    base: LayerBase,
    filters: usize,
    kernel_size: Sizes,
    pub(super) strides: Sizes,
    pub(super) padding: Result<Padding>,
    pub(super) data_format: Result<DataFormat>,
    pub(super) dilation_rate: Sizes,
    pub(super) unit_forget_bias: bool,
    options: CellOptions,
    /// The shape of a state of one sample, known when the cell is built.
    state: Arc<OnceLock<Shape>>,
}

impl<const RANK: usize> ConvLSTMCell<RANK> {
    pub(super) const ARGUMENTS: &[&str] = &[
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "dilation_rate",
        "unit_forget_bias",
    ];

    pub(super) fn new(filters: usize, kernel_size: Sizes) -> Self {
        Self {
            base: LayerBase::default(),
            filters,
            kernel_size,
            strides: 1.into(),
            padding: Ok(Padding::Valid),
            data_format: Ok(DataFormat::ChannelsLast),
            dilation_rate: 1.into(),
            unit_forget_bias: true,
            options: CellOptions::default(),
            state: Arc::default(),
        }
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let class_name = Self::LAYER;
        let filters = require_size(class_name, config, "filters")?;
        let sizes = |key: &str| Sizes::from_config(config, key, RANK);
        let kernel_size = sizes("kernel_size")?
            .ok_or_else(|| Error::format(class_name, "the argument \"kernel_size\"", "none", ""))?;
        Ok(Self {
            strides: sizes("strides")?.unwrap_or(1.into()),
            padding: Ok(Padding::from_config(config)?),
            data_format: Ok(DataFormat::from_config(config)?),
            dilation_rate: sizes("dilation_rate")?.unwrap_or(1.into()),
            unit_forget_bias: config.flag("unit_forget_bias")?.unwrap_or(true),
            options: CellOptions::from_config(config)?,
            ..Self::new(filters, kernel_size)
        })
    }

    pub(super) fn arguments(&self, config: Config) -> Config {
        let padding = self.padding.as_ref().map_or("unknown", |p| p.name());
        let data_format = self.data_format.as_ref().map_or("unknown", |d| d.name());
        let config = config
            .with("filters", self.filters)
            .with("kernel_size", self.kernel_size.json(RANK))
            .with("strides", self.strides.json(RANK))
            .with("padding", padding)
            .with("data_format", data_format)
            .with("dilation_rate", self.dilation_rate.json(RANK))
            .with("unit_forget_bias", self.unit_forget_bias);
        self.options.add_gates_to(config)
    }

    /// The name of the layer that this is the cell of, for messages.
    const LAYER: &str = match RANK {
        1 => "ConvLSTM1D",
        2 => "ConvLSTM2D",
        _ => "ConvLSTM3D",
    };

    /// What the cell demands of a sequence.
    pub(super) fn sequence_spec(&self) -> InputSpec {
        let spec = InputSpec::rank(RANK + 3);
        let axis = match self.data_format {
            Ok(DataFormat::ChannelsFirst) => -(RANK as isize) - 1,
            _ => -1,
        };
        match self.base.variable("kernel") {
            Some(kernel) => spec.axis(axis, kernel.shape()[RANK]),
            None => spec,
        }
    }

    fn format(&self) -> Result<DataFormat> {
        self.data_format.clone()
    }

    /// Spatial sizes and channels of `[batch, ..]`.
    fn sizes_of(&self, input: &Shape) -> Result<(Vec<usize>, usize)> {
        InputSpec::rank(RANK + 2).check(Self::LAYER, input)?;
        let dims = input.dims();
        let (sizes, channels) = match self.format()? {
            DataFormat::ChannelsLast => (dims[1..=RANK].to_vec(), dims[RANK + 1]),
            DataFormat::ChannelsFirst => (dims[2..].to_vec(), dims[1]),
        };
        if sizes.contains(&Shape::UNKNOWN) || channels == Shape::UNKNOWN {
            let expected = "known spatial sizes and channels";
            let got = input.to_string();
            return Err(Error::shape_mismatch(Self::LAYER, expected, got, ""));
        }
        Ok((sizes, channels))
    }

    /// The spatial sizes of the states.
    fn state_sizes(&self, sizes: &[usize]) -> Result<Vec<usize>> {
        let subject = |key: &str| format!("{}: {key}", Self::LAYER);
        let kernel = self.kernel_size.positive(&subject("kernel_size"), RANK)?;
        let strides = self.strides.positive(&subject("strides"), RANK)?;
        let dilation = self
            .dilation_rate
            .positive(&subject("dilation_rate"), RANK)?;
        if strides.iter().any(|s| *s > 1) && dilation.iter().any(|d| *d > 1) {
            let got = format!("strides {strides:?}, dilation_rate {dilation:?}");
            let expected = "strides of 1 or a dilation_rate of 1";
            return Err(Error::invalid_argument(Self::LAYER, expected, got, ""));
        }
        let padding = self.padding.clone()?;
        let window = window(Self::LAYER, sizes, &kernel, &strides, &dilation, padding)?;
        let size = |k: usize| {
            let (before, after) = window.padding[k];
            let reach = (kernel[k] - 1) * dilation[k] + 1;
            let padded = sizes[k].saturating_add_signed(before + after);
            padded.saturating_sub(reach) / strides[k] + 1
        };
        Ok((0..RANK).map(size).collect())
    }

    /// The convolution of inputs `[.., batch, ..]`, all axes before the spatial ones and the channels counting
    /// as samples, or of states. The result has its channels last.
    fn convolution(&self, x: &Tensor, kernel: &Tensor, of_state: bool) -> Result<Tensor> {
        let ones = vec![1; RANK];
        let (strides, dilation, padding) = match of_state {
            true => (ones.clone(), ones, Padding::Same),
            false => (
                self.strides.along("strides", RANK)?,
                self.dilation_rate.along("dilation_rate", RANK)?,
                self.padding.clone()?,
            ),
        };
        let (outer, sample) = x.shape().dims().split_at(x.rank() - RANK - 1);
        let samples = [&[outer.iter().product()], sample].concat();
        let folded = self.format()?.to_channels_last(&x.reshape_to(samples));
        let windows = (&*strides, &*dilation);
        let y = convolve(Self::LAYER, (&folded, kernel), windows, padding, 1)?;
        y.check()?;
        Ok(y.reshape_to([outer, &y.shape().dims()[1..]].concat()))
    }
}

impl<const RANK: usize> CellArguments for ConvLSTMCell<RANK> {
    fn cell_options_mut(&mut self) -> &mut CellOptions {
        &mut self.options
    }
}

impl<const RANK: usize> GateArguments for ConvLSTMCell<RANK> {}

impl<const RANK: usize> RecurrentCell for ConvLSTMCell<RANK> {
    fn state_shapes(&self) -> Vec<Shape> {
        self.state
            .get()
            .map_or_else(Vec::new, |state| vec![state.clone(); 2])
    }

    fn draw(&self, input: &Shape, call: &Call) -> Result<DropoutMasks> {
        let state = self.state.get().cloned().unwrap_or_default();
        self.options
            .draw_for_gates(call, (4, 4), input, &state, self.base.dtype())
    }

    fn project(&self, x: &Tensor, masks: &DropoutMasks) -> Result<Tensor> {
        let kernel = self.base.built_variable("kernel")?.read();
        let x = project_gates(x, &kernel, &masks.input, |x, kernel| {
            let convolved = self.convolution(x, kernel, false);
            convolved.unwrap_or_else(Tensor::invalid)
        });
        Ok(match self.options.use_bias {
            true => x + self.base.built_variable("bias")?.read(),
            false => x,
        })
    }

    fn step(&self, x: &Tensor, states: &[Tensor], masks: &DropoutMasks) -> Result<Vec<Tensor>> {
        let kernel = self.base.built_variable("recurrent_kernel")?.read();
        let state = project_gates(&states[0], &kernel, &masks.recurrent, |state, kernel| {
            let convolved = self.convolution(state, kernel, true);
            convolved.unwrap_or_else(Tensor::invalid)
        });
        let format = self.format()?;
        let carry = format.to_channels_last(&states[1]);
        let results = lstm_step(&self.options, x, &state, &carry)?;
        Ok(results.iter().map(|y| format.of_channels_last(y)).collect())
    }

    fn output_is_first_state(&self) -> bool {
        true
    }
}

impl<const RANK: usize> Layer for ConvLSTMCell<RANK> {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "ConvLSTMCell"
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        check_positive(&format!("{}: filters", Self::LAYER), &[self.filters])?;
        let (sizes, channels) = self.sizes_of(&inputs[0])?;
        let mut state = self.state_sizes(&sizes)?;
        match self.format()? {
            DataFormat::ChannelsLast => state.push(self.filters),
            DataFormat::ChannelsFirst => state.insert(0, self.filters),
        }
        // A second try after a failure is for inputs of the same shape, or it builds another layer.
        let _ = self.state.set(state.into());
        let size = self.kernel_size.along("kernel_size", RANK)?;
        let (filters, all) = (self.filters, 4 * self.filters);
        let kernel = |channels: usize| [&*size, &[channels, all]].concat();
        let forget = self.unit_forget_bias.then_some(filters..2 * filters);
        self.options
            .build(&self.base, kernel(channels), kernel(filters), [all], forget)
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        step_of_cell(self, inputs, call)
    }

    fn get_config(&self) -> Config {
        self.arguments(self.base.get_config(self.class_name()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The options of a convolutional LSTM layer: a macro, since the three layers are types of their own.
macro_rules! conv_lstm_options {
    ($layer:ident) => {
        impl $layer {
            /// The step between places of the kernel on the input. Default: 1.
            #[must_use]
            pub fn strides(mut self, strides: impl Into<$crate::layers::Sizes>) -> Self {
                self.cell.strides = strides.into();
                self
            }

            /// What happens at the borders of the input: `"valid"` (the default) or `"same"`.
            #[must_use]
            pub fn padding(mut self, name: &str) -> Self {
                self.cell.padding = $crate::layers::spatial_window::Padding::from_name(name);
                self
            }

            /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
            #[must_use]
            pub fn data_format(mut self, name: &str) -> Self {
                self.cell.data_format = $crate::layers::DataFormat::from_name(name);
                self
            }

            /// The step between elements of the input under one kernel. Default: 1.
            #[must_use]
            pub fn dilation_rate(
                mut self,
                dilation_rate: impl Into<$crate::layers::Sizes>,
            ) -> Self {
                self.cell.dilation_rate = dilation_rate.into();
                self
            }

            /// Whether the bias of the forget gate begins with ones, whatever the initializer. Default: true.
            #[must_use]
            pub fn unit_forget_bias(mut self, unit_forget_bias: bool) -> Self {
                self.cell.unit_forget_bias = unit_forget_bias;
                self
            }
        }
    };
}
pub(super) use conv_lstm_options;
