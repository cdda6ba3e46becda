// tidy: not an item
//! What the separable convolutions have in common, whatever the number of axes.

use hornblende_core::{Result, Shape, Tensor};

use crate::config::Config;
use crate::initializers::GlorotUniform;
use crate::layers::{Affine, Example, LayerBase, Sizes, WeightOptions, require_size};

use super::depthwise::DEPTHWISE;
use super::geometry::{ConvolutionKind, Geometry};

/// `activation(channels mixed at each place of a depthwise convolution + bias)`.
#[derive(Clone)]
pub(super) struct Separable {
    pub(super) base: LayerBase,
    pub(super) geometry: Geometry,
    filters: usize,
    pub(super) depth_multiplier: usize,
    /// Its kernel is the depthwise one.
    pub(super) affine: Affine,
    pub(super) pointwise: WeightOptions,
}

impl Separable {
    pub(super) const ARGUMENTS: &'static [&'static [&'static str]] = &[
        &[
            "filters",
            "pointwise_initializer",
            "pointwise_regularizer",
            "pointwise_constraint",
        ],
        Geometry::ARGUMENTS,
        DEPTHWISE,
    ];

    pub(super) fn new(kind: ConvolutionKind, filters: usize, kernel_size: Sizes) -> Self {
        Self {
            base: LayerBase::default(),
            geometry: Geometry::new(kind, kernel_size),
            filters,
            depth_multiplier: 1,
            affine: Affine::default(),
            pointwise: WeightOptions::new(GlorotUniform::new()),
        }
    }

    pub(super) fn from_config(kind: ConvolutionKind, config: &Config) -> Result<Self> {
        let mut pointwise = WeightOptions::new(GlorotUniform::new());
        pointwise.read(config, "pointwise")?;
        let separable = Self {
            base: LayerBase::default(),
            geometry: Geometry::from_config(kind, config)?,
            filters: require_size(kind.class_name, config, "filters")?,
            depth_multiplier: config.size("depth_multiplier")?.unwrap_or(1),
            affine: Affine::from_config_with_kernel(config, "depthwise")?,
            pointwise,
        };
        separable.geometry.check(false)?;
        Ok(separable)
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let config = config
            .with("filters", self.filters)
            .with("depth_multiplier", self.depth_multiplier);
        let config = self.geometry.add_to(config);
        let config = self.pointwise.add_to(config, "pointwise");
        self.affine.add_to_with_kernel(config, "depthwise")
    }

    pub(super) fn build(&self, inputs: &[Shape]) -> Result<()> {
        let multiplier = self.depth_multiplier;
        self.geometry.check_count("depth_multiplier", multiplier)?;
        self.geometry.check_count("filters", self.filters)?;
        self.geometry.check(false)?;
        self.affine.check()?;
        let channels = self.geometry.channels(&inputs[0])?;
        let mut depthwise = self.geometry.kernel_size()?;
        depthwise.extend([channels, multiplier]);
        let mut pointwise = vec![1; self.geometry.kind.rank];
        pointwise.extend([channels * multiplier, self.filters]);
        let base = &self.base;
        self.affine
            .kernel
            .add_weight(base, "depthwise_kernel", depthwise)?;
        self.pointwise
            .add_weight(base, "pointwise_kernel", pointwise)?;
        self.affine.build_bias(base, self.filters)
    }

    pub(super) fn forward(&self, inputs: &[Tensor]) -> Result<Tensor> {
        let depthwise = self.base.built_variable("depthwise_kernel")?.read();
        let pointwise = self.base.built_variable("pointwise_kernel")?.read();
        let channels = depthwise.shape()[self.geometry.kind.rank];
        let x = self.geometry.channels_last(&inputs[0], channels)?;
        let y = self.geometry.convolve_depthwise(&x, &depthwise)?;
        // A kernel of one place is a product along the channels.
        let mixed = pointwise.reshape_to(&pointwise.shape().dims()[self.geometry.kind.rank..]);
        let y = self.affine.add_bias(&self.base, y.matmul(&mixed))?;
        let y = self.geometry.data_format()?.of_channels_last(&y);
        self.affine.activate(&y)
    }

    /// Configurations and inputs to try the layer with.
    pub(super) fn examples(kind: ConvolutionKind) -> Vec<Example> {
        let config = |filters: usize, size: usize| {
            Config::new()
                .with("filters", filters)
                .with("kernel_size", size)
        };
        let spatial = |sizes: [usize; 2]| sizes[..kind.rank].to_vec();
        let same = config(3, 3).with("strides", 2).with("padding", "same");
        let first = config(2, 2)
            .with("depth_multiplier", 2)
            .with("activation", "tanh")
            .with("data_format", "channels_first");
        vec![
            Example::new(same, [[vec![2], spatial([4, 5]), vec![2]].concat()]),
            Example::new(first, [[vec![1, 2], spatial([4, 3])].concat()]),
        ]
    }
}

/// The options of a separable convolution: a macro, because each class is a type of its own whose methods must
/// be found on it.
macro_rules! separable {
    ($layer:ident) => {
        impl $layer {
            /// A kernel of this size for each channel, then `filters` mixtures of the channels.
            #[must_use]
            pub fn new(filters: usize, kernel_size: impl Into<crate::layers::Sizes>) -> Self {
                Self(Separable::new(KIND, filters, kernel_size.into()))
            }

            /// How many kernels each channel has. Default: 1.
            #[must_use]
            pub fn depth_multiplier(mut self, depth_multiplier: usize) -> Self {
                self.0.depth_multiplier = depth_multiplier;
                self
            }

            crate::layers::weight_options!(pub, "kernel of each channel", "glorot_uniform",
                self => self.0.affine.kernel;
                depthwise_initializer, depthwise_regularizer, depthwise_constraint);

            crate::layers::weight_options!(pub, "kernel that mixes the channels", "glorot_uniform",
                self => self.0.pointwise;
                pointwise_initializer, pointwise_regularizer, pointwise_constraint);
        }

        super::geometry::geometry_options!($layer);
        super::geometry::bias_options!($layer);
        crate::layers::delegated_layer!($layer);
    };
}
pub(super) use separable;
