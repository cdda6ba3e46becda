// tidy: not an item
//! What the transposed convolutions have in common, whatever the number of axes.
//!
//! A transposed convolution is the gradient by the input of a convolution from the larger side to the smaller one:
//! each place of the input spreads its channels over a window of the result.

use hornblende_core::graph::op::{ConvDims, Op, Window};
use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::{Config, Json};
use crate::layers::spatial_window::{Padding, window};
use crate::layers::{Affine, Example, LayerBase, Sizes, require_size};

use super::geometry::{ConvolutionKind, Geometry};

/// `activation(x spread over windows by the kernel + bias)`.
#[derive(Clone)]
pub(super) struct Transposed {
    pub(super) base: LayerBase,
    pub(super) geometry: Geometry,
    filters: usize,
    pub(super) output_padding: Option<Sizes>,
    pub(super) affine: Affine,
}

impl Transposed {
    pub(super) const ARGUMENTS: &'static [&'static [&'static str]] = &[
        &["filters", "output_padding"],
        Geometry::ARGUMENTS,
        Affine::ARGUMENTS,
    ];

    pub(super) fn new(kind: ConvolutionKind, filters: usize, kernel_size: Sizes) -> Self {
        Self {
            base: LayerBase::default(),
            geometry: Geometry::new(kind, kernel_size),
            filters,
            output_padding: None,
            affine: Affine::default(),
        }
    }

    pub(super) fn from_config(kind: ConvolutionKind, config: &Config) -> Result<Self> {
        let transposed = Self {
            base: LayerBase::default(),
            geometry: Geometry::from_config(kind, config)?,
            filters: require_size(kind.class_name, config, "filters")?,
            output_padding: Sizes::from_config(config, "output_padding", kind.rank)?,
            affine: Affine::from_config(config)?,
        };
        transposed.geometry.check(false)?;
        Ok(transposed)
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let output_padding = match &self.output_padding {
            Some(sizes) => Json::from(sizes.json(self.geometry.kind.rank)),
            None => Json::Null,
        };
        let config = config
            .with("filters", self.filters)
            .with("output_padding", output_padding);
        self.affine.add_to(self.geometry.add_to(config))
    }

    pub(super) fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.geometry.check_count("filters", self.filters)?;
        self.geometry.check(false)?;
        self.check_output_padding()?;
        self.geometry.check_strides_or_dilation()?;
        let channels = self.geometry.channels(&inputs[0])?;
        let mut kernel = self.geometry.kernel_size()?;
        kernel.extend([self.filters, channels]);
        self.affine.build(&self.base, kernel, self.filters)
    }

    /// What is to be added at the end of each axis, if the user said so.
    fn output_padding(&self) -> Result<Option<Vec<usize>>> {
        let ConvolutionKind { class_name, rank } = self.geometry.kind;
        let subject = format!("{class_name}: output_padding");
        let sizes = self.output_padding.as_ref();
        sizes.map(|sizes| sizes.along(&subject, rank)).transpose()
    }

    fn check_output_padding(&self) -> Result<()> {
        let Some(output_padding) = self.output_padding()? else {
            return Ok(());
        };
        let strides = self.geometry.steps()?;
        if output_padding.iter().zip(&strides).all(|(p, s)| p < s) {
            return Ok(());
        }
        Err(Error::invalid_argument(
            format!("{}: output_padding", self.geometry.kind.class_name),
            format!("numbers below the strides {strides:?}"),
            format!("{output_padding:?}"),
            "",
        ))
    }

    pub(super) fn forward(&self, inputs: &[Tensor]) -> Result<Tensor> {
        let rank = self.geometry.kind.rank;
        let kernel = self.base.built_variable("kernel")?.read();
        let x = self
            .geometry
            .channels_last(&inputs[0], kernel.shape()[rank + 1])?;
        let dims = x.shape().dims();
        let sizes = self.result_sizes(&dims[1..=rank])?;
        let conv = ConvDims {
            window: self.window(&sizes, &dims[1..=rank])?,
            groups: 1,
        };
        let input = Shape::from([&[dims[0]], &sizes[..], &[self.filters]].concat());
        let y = Tensor::apply(Op::ConvolutionInputGradient { conv, input }, &[x, kernel]);
        let y = self.affine.add_bias(&self.base, y)?;
        let y = self.geometry.data_format()?.of_channels_last(&y);
        self.affine.activate(&y)
    }

    /// The spatial sizes of the result.
    fn result_sizes(&self, sizes: &[usize]) -> Result<Vec<usize>> {
        let padding = *self.geometry.padding.as_ref().map_err(Error::clone)?;
        let output_padding = self.output_padding()?;
        let (reaches, strides) = (self.geometry.reaches()?, self.geometry.steps()?);
        let size = |k: usize| {
            let (reach, stride) = (reaches[k], strides[k]);
            let added = output_padding.as_ref().map(|added| added[k]);
            let steps = sizes[k].saturating_sub(1) * stride;
            match (sizes[k], padding, added) {
                (0, _, _) => 0,
                (_, Padding::Same, None) => sizes[k] * stride,
                (_, Padding::Same, Some(added)) => steps + reach % 2 + added,
                (_, _, None) => steps + reach.max(stride),
                (_, _, Some(added)) => steps + reach + added,
            }
        };
        Ok((0..sizes.len()).map(size).collect())
    }

    /// The window of the convolution from the result to the input.
    fn window(&self, result: &[usize], input: &[usize]) -> Result<Window> {
        let class_name = self.geometry.kind.class_name;
        let padding = *self.geometry.padding.as_ref().map_err(Error::clone)?;
        let (strides, reaches) = (self.geometry.steps()?, self.geometry.reaches()?);
        if padding == Padding::Same {
            // An even kernel and an output_padding of 0 would leave a result that gives fewer places back.
            let gives_back = |k: usize| result[k].div_ceil(strides[k]) == input[k];
            if !(0..input.len()).all(gives_back) {
                return Err(Error::invalid_argument(
                    format!("{class_name}: output_padding"),
                    format!("sizes of the result that strides {strides:?} lead to from {input:?}"),
                    format!("{result:?}"),
                    "Leave output_padding out, or set it to 1 or more along axes of even kernels",
                ));
            }
        }
        let mut window = window(
            class_name,
            result,
            &self.geometry.kernel_size()?,
            &strides,
            &self.geometry.spread()?,
            padding,
        )?;
        for k in 0..result.len() {
            // What the windows do not reach is cut, so that their number is that of the input's places.
            let (low, _) = window.padding[k];
            let used = (input[k].saturating_sub(1) * strides[k] + reaches[k]) as isize;
            window.padding[k].1 = used - low - result[k] as isize;
        }
        Ok(window)
    }

    /// Configurations and inputs to try the layer with.
    pub(super) fn examples(kind: ConvolutionKind) -> Vec<Example> {
        let config = |filters: usize, size: usize| {
            Config::new()
                .with("filters", filters)
                .with("kernel_size", size)
        };
        let spatial = |sizes: [usize; 3]| sizes[..kind.rank].to_vec();
        let same = config(2, 3).with("strides", 2).with("padding", "same");
        let padded = same.clone().with("output_padding", 1);
        let first = config(2, 2)
            .with("strides", 3)
            .with("activation", "tanh")
            .with("data_format", "channels_first");
        let dilated = config(2, 2).with("dilation_rate", 2);
        let last = |sizes| [vec![2], spatial(sizes), vec![2]].concat();
        vec![
            Example::new(same, [last([2, 3, 2])]),
            Example::new(padded, [last([3, 2, 1])]),
            Example::new(first, [[vec![1, 2], spatial([2, 2, 1])].concat()]),
            Example::new(dilated, [last([2, 1, 2])]),
        ]
    }
}

/// The options of a transposed convolution: a macro, because each class is a type of its own whose methods must
/// be found on it.
macro_rules! transposed {
    ($layer:ident) => {
        impl $layer {
            /// A transposed convolution with `filters` kernels of this size: one number for all axes, or one
            /// for each.
            #[must_use]
            pub fn new(filters: usize, kernel_size: impl Into<crate::layers::Sizes>) -> Self {
                Self(Transposed::new(KIND, filters, kernel_size.into()))
            }

            /// How much larger than it need be the result is, below the strides. Default: what makes the result
            /// `strides` times the input, or with padding `"valid"` as large as the windows reach.
            #[must_use]
            pub fn output_padding(mut self, sizes: impl Into<crate::layers::Sizes>) -> Self {
                self.0.output_padding = Some(sizes.into());
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
pub(super) use transposed;
