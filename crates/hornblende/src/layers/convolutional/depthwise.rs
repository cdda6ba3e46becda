// tidy: not an item
//! What the depthwise convolutions have in common, whatever the number of axes.

use hornblende_core::{Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::{Affine, Example, LayerBase, Sizes};

use super::geometry::{ConvolutionKind, Geometry};

/// `activation(each channel's own kernels moved over it + bias)`.
#[derive(Clone)]
pub(super) struct Depthwise {
    pub(super) base: LayerBase,
    pub(super) geometry: Geometry,
    pub(super) depth_multiplier: usize,
    pub(super) affine: Affine,
}

/// The arguments of activation, bias and the kernel of each channel.
pub(super) const DEPTHWISE: &[&str] = &[
    "depth_multiplier",
    "activation",
    "use_bias",
    "depthwise_initializer",
    "depthwise_regularizer",
    "depthwise_constraint",
    "bias_initializer",
    "bias_regularizer",
    "bias_constraint",
];

impl Depthwise {
    pub(super) const ARGUMENTS: &'static [&'static [&'static str]] =
        &[Geometry::ARGUMENTS, DEPTHWISE];

    pub(super) fn new(kind: ConvolutionKind, kernel_size: Sizes) -> Self {
        Self {
            base: LayerBase::default(),
            geometry: Geometry::new(kind, kernel_size),
            depth_multiplier: 1,
            affine: Affine::default(),
        }
    }

    pub(super) fn from_config(kind: ConvolutionKind, config: &Config) -> Result<Self> {
        let depthwise = Self {
            base: LayerBase::default(),
            geometry: Geometry::from_config(kind, config)?,
            depth_multiplier: config.size("depth_multiplier")?.unwrap_or(1),
            affine: Affine::from_config_with_kernel(config, "depthwise")?,
        };
        depthwise.geometry.check(false)?;
        Ok(depthwise)
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let config = config.with("depth_multiplier", self.depth_multiplier);
        let config = self.geometry.add_to(config);
        self.affine.add_to_with_kernel(config, "depthwise")
    }

    pub(super) fn build(&self, inputs: &[Shape]) -> Result<()> {
        let multiplier = self.depth_multiplier;
        self.geometry.check_count("depth_multiplier", multiplier)?;
        self.geometry.check(false)?;
        let channels = self.geometry.channels(&inputs[0])?;
        let mut kernel = self.geometry.kernel_size()?;
        kernel.extend([channels, multiplier]);
        self.affine.build(&self.base, kernel, channels * multiplier)
    }

    pub(super) fn forward(&self, inputs: &[Tensor]) -> Result<Tensor> {
        let kernel = self.base.built_variable("kernel")?.read();
        let channels = kernel.shape()[self.geometry.kind.rank];
        let x = self.geometry.channels_last(&inputs[0], channels)?;
        let y = self.geometry.convolve_depthwise(&x, &kernel)?;
        let y = self.affine.add_bias(&self.base, y)?;
        let y = self.geometry.data_format()?.of_channels_last(&y);
        self.affine.activate(&y)
    }

    /// Configurations and inputs to try the layer with.
    pub(super) fn examples(kind: ConvolutionKind) -> Vec<Example> {
        let config = |size: usize| Config::new().with("kernel_size", size);
        let spatial = |sizes: [usize; 2]| sizes[..kind.rank].to_vec();
        let same = config(3).with("strides", 2).with("padding", "same");
        let twice = config(2)
            .with("depth_multiplier", 2)
            .with("activation", "tanh");
        let first = config(2)
            .with("dilation_rate", 2)
            .with("use_bias", false)
            .with("data_format", "channels_first");
        vec![
            Example::new(same, [[vec![2], spatial([4, 5]), vec![3]].concat()]),
            Example::new(twice, [[vec![1], spatial([3, 4]), vec![2]].concat()]),
            Example::new(first, [[vec![1, 2], spatial([4, 3])].concat()]),
        ]
    }
}

/// The options of a depthwise convolution: a macro, because each class is a type of its own whose methods must
/// be found on it.
macro_rules! depthwise {
    ($layer:ident) => {
        impl $layer {
            /// A convolution with a kernel of this size for each channel.
            #[must_use]
            pub fn new(kernel_size: impl Into<crate::layers::Sizes>) -> Self {
                Self(Depthwise::new(KIND, kernel_size.into()))
            }

            /// How many kernels, and so results, each channel has. Default: 1.
            #[must_use]
            pub fn depth_multiplier(mut self, depth_multiplier: usize) -> Self {
                self.0.depth_multiplier = depth_multiplier;
                self
            }

            crate::layers::weight_options!(pub, "kernel", "glorot_uniform", self => self.0.affine.kernel;
                depthwise_initializer, depthwise_regularizer, depthwise_constraint);
        }

        super::geometry::geometry_options!($layer);
        super::geometry::bias_options!($layer);
        crate::layers::delegated_layer!($layer);
    };
}
pub(super) use depthwise;
