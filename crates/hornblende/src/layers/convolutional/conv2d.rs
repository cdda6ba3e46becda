//! Convolution of images.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::graph::op::ConvDims;
use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::spatial_window::{Padding, check_positive, window};
use crate::layers::{
    Affine, AffineOptions, Call, DataFormat, Entry, Example, InputSpec, Layer, LayerBase, Pair,
    require_size,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Conv2D",
    aliases: &["Convolution2D"],
    arguments: &[
        &[
            "filters",
            "kernel_size",
            "strides",
            "padding",
            "data_format",
            "dilation_rate",
            "groups",
        ],
        Affine::ARGUMENTS,
    ],
    unsupported: Affine::UNSUPPORTED,
    from_config: |config| Ok(Arc::new(Conv2D::from_config(config)?)),
    examples: || {
        let config = |filters: usize, size: usize| {
            Config::new()
                .with("filters", filters)
                .with("kernel_size", size)
        };
        let same = config(2, 3).with("strides", 2).with("padding", "same");
        let groups = config(4, 2).with("groups", 2).with("activation", "tanh");
        let dilated = config(2, 2)
            .with("dilation_rate", 2)
            .with("data_format", "channels_first");
        vec![
            Example::new(same, [[2, 4, 5, 2]]),
            Example::new(groups, [[1, 3, 3, 2]]),
            Example::new(dilated, [[1, 2, 4, 4]]),
        ]
    },
};

/// Convolution of images: `activation(kernel moved over x + bias)`. The kernel is not flipped.
///
/// # Arguments
/// `filters`: the channels of the result. `kernel_size`: height and width of the kernel, one number for
/// both. The others are methods: [`Conv2D::strides`], [`Conv2D::padding`], [`Conv2D::dilation_rate`],
/// [`Conv2D::groups`], [`Conv2D::data_format`], and those of [`AffineOptions`] and
/// [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, new height, new width, filters]`; the kernel is
/// `[kernel height, kernel width, channels / groups, filters]`. With padding `"valid"` the new height is
/// `(height - (kernel height - 1) * dilation - 1) / stride + 1`, rounded down, with `"same"` it is
/// `height / stride`, rounded up, where of an odd number of added rows the larger half stands at the end.
///
/// # Errors
/// [`Error::ShapeMismatch`] for an input that has not four axes, whose channels differ from the first call's,
/// or that is smaller than the kernel; [`Error::InvalidArgument`] for sizes of 0, for groups that do not
/// divide channels and filters, and for strides and dilation that are both above 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Conv2D::new(32, 3).padding("same").activation("relu");
/// let y = layer.call(&Tensor::zeros([1, 28, 28, 1], DType::F32))?;
/// assert_eq!(y.shape().dims(), [1, 28, 28, 32]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Conv2D {
    base: LayerBase,
    filters: usize,
    kernel_size: Pair,
    strides: Pair,
    padding: Result<Padding>,
    data_format: Result<DataFormat>,
    dilation_rate: Pair,
    groups: usize,
    affine: Affine,
}

impl Conv2D {
    /// A convolution with `filters` kernels of this height and width.
    #[must_use]
    pub fn new(filters: usize, kernel_size: impl Into<Pair>) -> Self {
        Self {
            base: LayerBase::default(),
            filters,
            kernel_size: kernel_size.into(),
            strides: Pair([1, 1]),
            padding: Ok(Padding::Valid),
            data_format: Ok(DataFormat::ChannelsLast),
            dilation_rate: Pair([1, 1]),
            groups: 1,
            affine: Affine::default(),
        }
    }

    /// The step between places of the kernel. Default: 1.
    #[must_use]
    pub fn strides(mut self, strides: impl Into<Pair>) -> Self {
        self.strides = strides.into();
        self
    }

    /// What happens at the borders: `"valid"` (the default) or `"same"`.
    #[must_use]
    pub fn padding(mut self, name: &str) -> Self {
        self.padding = Padding::from_name(name);
        self
    }

    /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
    #[must_use]
    pub fn data_format(mut self, name: &str) -> Self {
        self.data_format = DataFormat::from_name(name);
        self
    }

    /// The step between elements under one kernel. Default: 1.
    #[must_use]
    pub fn dilation_rate(mut self, dilation_rate: impl Into<Pair>) -> Self {
        self.dilation_rate = dilation_rate.into();
        self
    }

    /// In how many groups channels and filters are cut that do not see each other. Default: 1.
    #[must_use]
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let filters = require_size("Conv2D", config, "filters")?;
        let kernel_size = Pair::from_config(config, "kernel_size")?
            .ok_or_else(|| Error::format("Conv2D", "the argument \"kernel_size\"", "none", ""))?;
        let one = Pair([1, 1]);
        Ok(Self {
            strides: Pair::from_config(config, "strides")?.unwrap_or(one),
            padding: Ok(Padding::from_config(config)?),
            data_format: Ok(DataFormat::from_config(config)?),
            dilation_rate: Pair::from_config(config, "dilation_rate")?.unwrap_or(one),
            groups: config.size("groups")?.unwrap_or(1),
            affine: Affine::from_config(config)?,
            ..Self::new(filters, kernel_size)
        })
    }

    fn check_arguments(&self) -> Result<()> {
        check_positive("Conv2D: filters", &[self.filters])?;
        check_positive("Conv2D: groups", &[self.groups])?;
        check_positive("Conv2D: kernel_size", &self.kernel_size.0)?;
        check_positive("Conv2D: strides", &self.strides.0)?;
        check_positive("Conv2D: dilation_rate", &self.dilation_rate.0)?;
        let above_one = |pair: Pair| pair.0.iter().any(|n| *n > 1);
        if above_one(self.strides) && above_one(self.dilation_rate) {
            let got = format!(
                "strides {:?}, dilation_rate {:?}",
                self.strides.0, self.dilation_rate.0
            );
            let expected = "strides of 1 or a dilation_rate of 1";
            return Err(Error::invalid_argument("Conv2D", expected, got, ""));
        }
        Ok(())
    }

    fn check_groups(&self, channels: usize) -> Result<()> {
        if channels.is_multiple_of(self.groups) && self.filters.is_multiple_of(self.groups) {
            return Ok(());
        }
        Err(Error::invalid_argument(
            "Conv2D: groups",
            format!(
                "a divisor of the {channels} channels and of the {} filters",
                self.filters
            ),
            self.groups.to_string(),
            "",
        ))
    }
}

impl AffineOptions for Conv2D {
    fn affine_mut(&mut self) -> &mut Affine {
        &mut self.affine
    }
}

impl Layer for Conv2D {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.check_arguments()?;
        self.padding.as_ref().map_err(Error::clone)?;
        let data_format = self.data_format.as_ref().map_err(Error::clone)?;
        let shape = &inputs[0];
        let fix =
            "Images have height, width and channels; add the channel axis with expand_dims(-1)";
        InputSpec::rank(4).fix(fix).check("Conv2D", shape)?;
        let channels = shape[shape.axis("Conv2D", data_format.channel_axis(4))?];
        if channels == Shape::UNKNOWN {
            let got = format!("shape {shape}");
            return Err(Error::shape_mismatch(
                "Conv2D",
                "a known number of channels",
                got,
                "",
            ));
        }
        self.check_groups(channels)?;
        let [height, width] = self.kernel_size.0;
        let kernel = [height, width, channels / self.groups, self.filters];
        self.affine.build(&self.base, kernel, self.filters)
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let data_format = *self.data_format.as_ref().map_err(Error::clone)?;
        let padding = *self.padding.as_ref().map_err(Error::clone)?;
        let kernel = self.base.built_variable("kernel")?.read();
        let channels = kernel.shape()[2] * self.groups;
        let spec = InputSpec::rank(4).axis(data_format.channel_axis(4), channels);
        spec.fix("The kernel was made for that many channels by the first call")
            .check("Conv2D", inputs[0].shape())?;
        let x = data_format.to_channels_last(&inputs[0]);
        let window = window(
            "Conv2D",
            &x.shape().dims()[1..3],
            &self.kernel_size.0,
            &self.strides.0,
            &self.dilation_rate.0,
            padding,
        )?;
        let groups = self.groups;
        let y = x.convolution(&kernel, ConvDims { window, groups });
        let y = self.affine.add_bias(&self.base, y)?;
        self.affine.activate(&data_format.of_channels_last(&y))
    }

    fn get_config(&self) -> Config {
        let data_format = self.data_format.as_ref().map_or("unknown", |d| d.name());
        let config = self
            .base
            .get_config(self.class_name())
            .with("filters", self.filters)
            .with("kernel_size", self.kernel_size.json())
            .with("strides", self.strides.json())
            .with(
                "padding",
                self.padding.as_ref().map_or("unknown", |p| p.name()),
            )
            .with("data_format", data_format)
            .with("dilation_rate", self.dilation_rate.json())
            .with("groups", self.groups);
        self.affine.add_to(config)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn message(layer: Conv2D, shape: impl Into<Shape>) -> String {
        layer
            .call(Tensor::zeros(shape, DType::F32))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn wrong_arguments_are_told() {
        let shape = [1, 5, 5, 3];
        for (layer, expected) in [
            (
                Conv2D::new(0, 3),
                "Conv2D: filters: expected numbers above 0; got [0].",
            ),
            (
                Conv2D::new(2, (3, 0)),
                "Conv2D: kernel_size: expected numbers above 0; got [3, 0].",
            ),
            (
                Conv2D::new(2, 3).strides(0),
                "Conv2D: strides: expected numbers above 0; got [0, 0].",
            ),
            (
                Conv2D::new(2, 3).groups(2),
                "Conv2D: groups: expected a divisor of the 3 channels and of the 2 filters; got 2.",
            ),
            (
                Conv2D::new(2, 2).strides(2).dilation_rate(2),
                "Conv2D: expected strides of 1 or a dilation_rate of 1; got strides [2, 2], \
                 dilation_rate [2, 2].",
            ),
            (
                Conv2D::new(2, 3).padding("some"),
                "padding: expected the name of a known padding; got \"some\". Did you mean \"same\"?",
            ),
        ] {
            let got = message(layer, shape);
            assert!(got.starts_with(expected), "{got}");
        }
    }

    #[test]
    fn wrong_inputs_are_told() {
        let got = message(Conv2D::new(2, 3), [5, 28, 28]);
        assert!(
            got.starts_with("input of Conv2D: expected 4 axes; got shape (5, 28, 28). Images"),
            "{got}"
        );
        let got = message(Conv2D::new(2, 3), [1, 2, 9, 1]);
        assert!(
            got.starts_with(
                "Conv2D: expected an image at least as large as the window [3, 3]; got [2, 9]."
            ),
            "{got}"
        );
        let layer = Conv2D::new(2, 1);
        layer.call(Tensor::zeros([1, 1, 1, 3], DType::F32)).unwrap();
        let got = message(layer, [1, 1, 1, 4]);
        assert!(
            got.contains("expected 4 axes, size 3 along axis -1; got shape (1, 1, 1, 4)."),
            "{got}"
        );
    }

    #[test]
    fn same_padding_of_an_odd_number_adds_more_at_the_end() {
        let layer = Conv2D::new(1, (1, 2))
            .padding("same")
            .kernel_initializer("ones");
        let y = layer
            .call(Tensor::from_vec([1, 1, 3, 1], vec![1.0f32, 2.0, 4.0]))
            .unwrap();
        assert_eq!(y.to_vec::<f32>().unwrap(), [3.0, 6.0, 4.0]);
    }

    #[test]
    fn channels_first_gives_the_same_numbers_in_another_order() {
        let x = Tensor::arange(2 * 3 * 4 * 5, DType::F32).reshape([2, 3, 4, 5]); // channels last
        let last = Conv2D::new(2, 2).activation("softmax");
        let expected = last.call(&x).unwrap();
        let first = Conv2D::new(2, 2)
            .data_format("channels_first")
            .activation(|x: &Tensor| x.clone());
        let turned = x.transpose([0, 3, 1, 2]);
        first.call(&turned).unwrap();
        first.set_weights(&last.get_weights()).unwrap();
        let got = first.call(&turned).unwrap().transpose([0, 2, 3, 1]);
        let logits = expected.remark("softmax_logits").unwrap();
        assert_eq!(
            got.to_vec::<f32>().unwrap(),
            logits.to_vec::<f32>().unwrap()
        );
    }
}
