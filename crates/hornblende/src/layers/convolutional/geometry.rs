// tidy: not an item
//! How a kernel moves over the spatial axes: what all convolutions have in common.

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::spatial_window::{Padding, check_positive, convolve};
use crate::layers::{DataFormat, InputSpec, Sizes};

/// What tells the classes apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConvolutionKind {
    pub(super) class_name: &'static str,
    /// The number of spatial axes.
    pub(super) rank: usize,
}

/// Size, step, spread and padding of a kernel, and where the channels stand.
#[derive(Clone)]
pub(super) struct Geometry {
    pub(super) kind: ConvolutionKind,
    kernel_size: Sizes,
    pub(super) strides: Sizes,
    pub(super) padding: Result<Padding>,
    pub(super) data_format: Result<DataFormat>,
    pub(super) dilation_rate: Sizes,
}

impl Geometry {
    pub(super) const ARGUMENTS: &'static [&'static str] = &[
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "dilation_rate",
    ];

    pub(super) fn new(kind: ConvolutionKind, kernel_size: Sizes) -> Self {
        Self {
            kind,
            kernel_size,
            strides: Sizes::from(1),
            padding: Ok(Padding::Valid),
            data_format: Ok(DataFormat::ChannelsLast),
            dilation_rate: Sizes::from(1),
        }
    }

    pub(super) fn from_config(kind: ConvolutionKind, config: &Config) -> Result<Self> {
        let sizes = |key: &str| Sizes::from_config(config, key, kind.rank);
        let kernel_size = sizes("kernel_size")?.ok_or_else(|| {
            let expected = "the argument \"kernel_size\"";
            Error::format(kind.class_name, expected, "none", "")
        })?;
        let mut geometry = Self::new(kind, kernel_size);
        if let Some(strides) = sizes("strides")? {
            geometry.strides = strides;
        }
        if let Some(dilation_rate) = sizes("dilation_rate")? {
            geometry.dilation_rate = dilation_rate;
        }
        if let Some(name) = config.text("padding")? {
            geometry.padding = Ok(Padding::or_causal(&name)?);
        }
        geometry.data_format = Ok(DataFormat::from_config(config)?);
        Ok(geometry)
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let rank = self.kind.rank;
        let padding = self.padding.as_ref().map_or("unknown", |p| p.name());
        let data_format = self.data_format.as_ref().map_or("unknown", |d| d.name());
        config
            .with("kernel_size", self.kernel_size.json(rank))
            .with("strides", self.strides.json(rank))
            .with("padding", padding)
            .with("data_format", data_format)
            .with("dilation_rate", self.dilation_rate.json(rank))
    }

    /// Fails for arguments that make no sense. Only some classes know causal padding.
    pub(super) fn check(&self, knows_causal: bool) -> Result<()> {
        let padding = *self.padding.as_ref().map_err(Error::clone)?;
        if padding == Padding::Causal && !knows_causal {
            return Err(Error::unknown("padding", "causal", &["valid", "same"]));
        }
        self.data_format.as_ref().map_err(Error::clone)?;
        self.kernel_size()?;
        self.steps()?;
        self.spread()?;
        Ok(())
    }

    /// Fails for steps and a spread that are both above 1.
    pub(super) fn check_strides_or_dilation(&self) -> Result<()> {
        let (strides, dilation) = (self.steps()?, self.spread()?);
        let above_one = |sizes: &[usize]| sizes.iter().any(|n| *n > 1);
        if above_one(&strides) && above_one(&dilation) {
            let got = format!("strides {strides:?}, dilation_rate {dilation:?}");
            let expected = "strides of 1 or a dilation_rate of 1";
            return Err(Error::invalid_argument(
                self.kind.class_name,
                expected,
                got,
                "",
            ));
        }
        Ok(())
    }

    /// Fails if the argument of this name is 0.
    pub(super) fn check_count(&self, argument: &str, count: usize) -> Result<()> {
        check_positive(&format!("{}: {argument}", self.kind.class_name), &[count])
    }

    fn positive(&self, argument: &str, sizes: &Sizes) -> Result<Vec<usize>> {
        sizes.positive(
            &format!("{}: {argument}", self.kind.class_name),
            self.kind.rank,
        )
    }

    pub(super) fn kernel_size(&self) -> Result<Vec<usize>> {
        self.positive("kernel_size", &self.kernel_size)
    }

    /// The step along each axis.
    pub(super) fn steps(&self) -> Result<Vec<usize>> {
        self.positive("strides", &self.strides)
    }

    /// The step between elements under the kernel, along each axis.
    pub(super) fn spread(&self) -> Result<Vec<usize>> {
        self.positive("dilation_rate", &self.dilation_rate)
    }

    /// The places from the first to the last element under the kernel, along each axis.
    pub(super) fn reaches(&self) -> Result<Vec<usize>> {
        let (sizes, spread) = (self.kernel_size()?, self.spread()?);
        let reach = |(size, spread): (&usize, &usize)| (size - 1) * spread + 1;
        Ok(sizes.iter().zip(&spread).map(reach).collect())
    }

    pub(super) fn data_format(&self) -> Result<DataFormat> {
        self.data_format.clone()
    }

    /// The channels of an input of this shape.
    ///
    /// # Errors
    /// For another number of axes, and for channels that are not known.
    pub(super) fn channels(&self, shape: &Shape) -> Result<usize> {
        let ConvolutionKind { class_name, rank } = self.kind;
        let fix = match rank {
            1 => "Sequences have steps and channels; add the channel axis with expand_dims(-1)",
            2 => {
                "Images have height, width and channels; add the channel axis with expand_dims(-1)"
            }
            _ => "Volumes have three sizes and channels; add the channel axis with expand_dims(-1)",
        };
        InputSpec::rank(rank + 2)
            .fix(fix)
            .check(class_name, shape)?;
        let axis = shape.axis(class_name, self.data_format()?.channel_axis(rank + 2))?;
        match shape[axis] {
            Shape::UNKNOWN => Err(Error::shape_mismatch(
                class_name,
                "a known number of channels",
                format!("shape {shape}"),
                "",
            )),
            channels => Ok(channels),
        }
    }

    /// The input with its channels last, of which there must be so many.
    pub(super) fn channels_last(&self, x: &Tensor, channels: usize) -> Result<Tensor> {
        let ConvolutionKind { class_name, rank } = self.kind;
        let data_format = self.data_format()?;
        InputSpec::rank(rank + 2)
            .axis(data_format.channel_axis(rank + 2), channels)
            .fix("The kernel was made for that many channels by the first call")
            .check(class_name, x.shape())?;
        Ok(data_format.to_channels_last(x))
    }

    /// Moves a kernel over an input whose channels are last.
    pub(super) fn convolve(&self, x: &Tensor, kernel: &Tensor, groups: usize) -> Result<Tensor> {
        convolve(
            self.kind.class_name,
            (x, kernel),
            (&self.steps()?, &self.spread()?),
            *self.padding.as_ref().map_err(Error::clone)?,
            groups,
        )
    }

    /// Moves a kernel `[spatial.., channels, multiplier]` of which each channel has its own over an input whose
    /// channels are last. Channel `c * multiplier + m` of the result comes from channel `c`.
    pub(super) fn convolve_depthwise(&self, x: &Tensor, kernel: &Tensor) -> Result<Tensor> {
        let dims = kernel.shape().dims();
        let (spatial, channels) = (&dims[..self.kind.rank], dims[self.kind.rank]);
        let columns = channels * dims[self.kind.rank + 1];
        let kernel = kernel.reshape_to([spatial, &[1, columns]].concat());
        self.convolve(x, &kernel, channels)
    }
}

/// The options of a convolution that say how the kernel moves: a macro, because each class is a type of its own
/// whose methods must be found on it.
macro_rules! geometry_options {
    ($layer:ident) => {
        impl $layer {
            /// The step between places of the kernel: one number, or one for each axis. Default: 1.
            #[must_use]
            pub fn strides(mut self, strides: impl Into<crate::layers::Sizes>) -> Self {
                self.0.geometry.strides = strides.into();
                self
            }

            /// What happens at the borders: `"valid"` (the default) or `"same"`; for `Conv1D` also `"causal"`.
            #[must_use]
            pub fn padding(mut self, name: &str) -> Self {
                self.0.geometry.padding = crate::layers::spatial_window::Padding::or_causal(name);
                self
            }

            /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
            ///
            /// Keras on TensorFlow adds the bias along the last axis instead of the channels where these come
            /// first and the last axis happens to have as many places as there are filters; this layer does not.
            #[must_use]
            pub fn data_format(mut self, name: &str) -> Self {
                self.0.geometry.data_format = crate::layers::DataFormat::from_name(name);
                self
            }

            /// The step between elements under one kernel: one number, or one for each axis. Default: 1.
            #[must_use]
            pub fn dilation_rate(mut self, rate: impl Into<crate::layers::Sizes>) -> Self {
                self.0.geometry.dilation_rate = rate.into();
                self
            }
        }
    };
}
pub(super) use geometry_options;

/// Activation and bias of a convolution whose kernel is not called kernel; see [`geometry_options`].
macro_rules! bias_options {
    ($layer:ident) => {
        impl $layer {
            /// The function behind the bias: a name, a function of [`crate::activations`] or a closure.
            /// Default: none.
            #[track_caller]
            #[must_use]
            pub fn activation(
                mut self,
                activation: impl crate::activations::IntoActivation,
            ) -> Self {
                self.0.affine.set_activation(activation);
                self
            }

            /// Whether a bias is added. Default: true.
            #[must_use]
            pub fn use_bias(mut self, use_bias: bool) -> Self {
                self.0.affine.set_use_bias(use_bias);
                self
            }

            crate::layers::weight_options!(pub, "bias", "zeros", self => self.0.affine.bias;
                bias_initializer, bias_regularizer, bias_constraint);
        }
    };
}
pub(super) use bias_options;
