// tidy: not an item
//! What the plain convolutions have in common, whatever the number of axes.

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::{Affine, Example, LayerBase, Sizes, require_size};

use super::geometry::{ConvolutionKind, Geometry};

/// `activation(kernel moved over x + bias)`.
#[derive(Clone)]
pub(super) struct Convolution {
    pub(super) base: LayerBase,
    pub(super) geometry: Geometry,
    filters: usize,
    pub(super) groups: usize,
    pub(super) affine: Affine,
}

impl Convolution {
    pub(super) const ARGUMENTS: &'static [&'static [&'static str]] = &[
        &["filters", "groups"],
        Geometry::ARGUMENTS,
        Affine::ARGUMENTS,
    ];

    pub(super) fn new(kind: ConvolutionKind, filters: usize, kernel_size: Sizes) -> Self {
        Self {
            base: LayerBase::default(),
            geometry: Geometry::new(kind, kernel_size),
            filters,
            groups: 1,
            affine: Affine::default(),
        }
    }

    pub(super) fn from_config(kind: ConvolutionKind, config: &Config) -> Result<Self> {
        let convolution = Self {
            base: LayerBase::default(),
            geometry: Geometry::from_config(kind, config)?,
            filters: require_size(kind.class_name, config, "filters")?,
            groups: config.size("groups")?.unwrap_or(1),
            affine: Affine::from_config(config)?,
        };
        convolution.geometry.check(kind.rank == 1)?;
        Ok(convolution)
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let config = config
            .with("filters", self.filters)
            .with("groups", self.groups);
        self.affine.add_to(self.geometry.add_to(config))
    }

    pub(super) fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.geometry.check_count("filters", self.filters)?;
        self.geometry.check_count("groups", self.groups)?;
        self.geometry.check(self.geometry.kind.rank == 1)?;
        self.geometry.check_strides_or_dilation()?;
        let channels = self.geometry.channels(&inputs[0])?;
        self.check_groups(channels)?;
        let mut kernel = self.geometry.kernel_size()?;
        kernel.extend([channels / self.groups, self.filters]);
        self.affine.build(&self.base, kernel, self.filters)
    }

    fn check_groups(&self, channels: usize) -> Result<()> {
        if channels.is_multiple_of(self.groups) && self.filters.is_multiple_of(self.groups) {
            return Ok(());
        }
        Err(Error::invalid_argument(
            format!("{}: groups", self.geometry.kind.class_name),
            format!(
                "a divisor of the {channels} channels and of the {} filters",
                self.filters
            ),
            self.groups.to_string(),
            "",
        ))
    }

    pub(super) fn forward(&self, inputs: &[Tensor]) -> Result<Tensor> {
        let kernel = self.base.built_variable("kernel")?.read();
        let channels = kernel.shape()[self.geometry.kind.rank] * self.groups;
        let x = self.geometry.channels_last(&inputs[0], channels)?;
        let y = self.geometry.convolve(&x, &kernel, self.groups)?;
        let y = self.affine.add_bias(&self.base, y)?;
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
        let spatial = |sizes: [usize; 3]| sizes[..kind.rank].to_vec();
        let last = |sizes, channels: usize| [vec![2], spatial(sizes), vec![channels]].concat();
        let same = config(2, 3).with("strides", 2).with("padding", "same");
        let groups = config(4, 2).with("groups", 2).with("activation", "tanh");
        let dilated = config(2, 2)
            .with("dilation_rate", 2)
            .with("data_format", "channels_first");
        let mut examples = vec![
            Example::new(same, [last([4, 5, 3], 2)]),
            Example::new(groups, [last([3, 3, 2], 2)]),
            Example::new(dilated, [[vec![1, 2], spatial([4, 3, 3])].concat()]),
        ];
        if kind.rank == 1 {
            let causal = config(2, 3)
                .with("padding", "causal")
                .with("use_bias", false);
            examples.push(Example::new(causal, [[2, 4, 2]]));
        }
        examples
    }
}

/// The options of a plain convolution: a macro, because each class is a type of its own whose methods must be
/// found on it.
macro_rules! convolution {
    ($layer:ident) => {
        impl $layer {
            /// A convolution with `filters` kernels of this size: one number for all axes, or one for each.
            #[must_use]
            pub fn new(filters: usize, kernel_size: impl Into<crate::layers::Sizes>) -> Self {
                Self(Convolution::new(KIND, filters, kernel_size.into()))
            }

            /// In how many groups channels and filters are cut that do not see each other. Default: 1.
            #[must_use]
            pub fn groups(mut self, groups: usize) -> Self {
                self.0.groups = groups;
                self
            }
        }

        impl crate::layers::AffineOptions for $layer {
            fn affine_mut(&mut self) -> &mut crate::layers::Affine {
                &mut self.0.affine
            }
        }

        super::geometry::geometry_options!($layer);
        crate::layers::delegated_layer!($layer);
    };
}
pub(super) use convolution;
