//! The largest of each window of an image.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::graph::op::{Reduction, Window};
use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::spatial_window::{Padding, check_positive, window};
use crate::layers::{Call, DataFormat, Entry, Example, InputSpec, Layer, LayerBase, Pair};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "MaxPooling2D",
    aliases: &["MaxPool2D"],
    arguments: &[&["pool_size", "strides", "padding", "data_format"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(MaxPooling2D::from_config(config)?)),
    examples: || {
        let same = Config::new()
            .with("pool_size", 3)
            .with("strides", 2)
            .with("padding", "same");
        let first = Config::new().with("data_format", "channels_first");
        vec![
            Example::new(Config::new(), [[2, 4, 5, 2]]),
            Example::new(same, [[1, 4, 5, 2]]),
            Example::new(first, [[1, 2, 4, 4]]),
        ]
    },
};

/// The largest of each window of an image.
///
/// # Arguments
/// All are methods: `pool_size` (default 2), `strides` (default: the pool size), `padding`
/// (`"valid"`), `data_format` (`"channels_last"`). Keras calls the layer `MaxPool2D` too.
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, new height, new width, channels]`, counted as by
/// [`Conv2D`](crate::layers::Conv2D). Padding never wins.
///
/// # Errors
/// [`Error::ShapeMismatch`] for an input that has not four axes or is smaller than the window.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 2, 2, 1], vec![1.0f32, 4.0, 3.0, 2.0]);
/// assert_eq!(MaxPooling2D::new().call(&x)?.to_vec::<f32>()?, [4.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct MaxPooling2D {
    base: LayerBase,
    pool_size: Pair,
    strides: Option<Pair>,
    padding: Result<Padding>,
    data_format: Result<DataFormat>,
}

impl MaxPooling2D {
    /// Windows of two by two that do not overlap.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            pool_size: Pair([2, 2]),
            strides: None,
            padding: Ok(Padding::Valid),
            data_format: Ok(DataFormat::ChannelsLast),
        }
    }

    /// The window's height and width. Default: 2.
    #[must_use]
    pub fn pool_size(mut self, pool_size: impl Into<Pair>) -> Self {
        self.pool_size = pool_size.into();
        self
    }

    /// The step between windows. Default: the window's size.
    #[must_use]
    pub fn strides(mut self, strides: impl Into<Pair>) -> Self {
        self.strides = Some(strides.into());
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

    fn from_config(config: &Config) -> Result<Self> {
        let new = Self::new();
        Ok(Self {
            pool_size: Pair::from_config(config, "pool_size")?.unwrap_or(new.pool_size),
            strides: Pair::from_config(config, "strides")?,
            padding: Ok(Padding::from_config(config)?),
            data_format: Ok(DataFormat::from_config(config)?),
            ..new
        })
    }
}

impl Default for MaxPooling2D {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for MaxPooling2D {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.padding.as_ref().map_err(Error::clone)?;
        self.data_format.as_ref().map_err(Error::clone)?;
        check_positive("MaxPooling2D: pool_size", &self.pool_size.0)?;
        check_positive(
            "MaxPooling2D: strides",
            &self.strides.unwrap_or(self.pool_size).0,
        )
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let data_format = *self.data_format.as_ref().map_err(Error::clone)?;
        let padding = *self.padding.as_ref().map_err(Error::clone)?;
        let shape = inputs[0].shape();
        InputSpec::rank(4).check("MaxPooling2D", shape)?;
        let first = match data_format {
            DataFormat::ChannelsLast => 1,
            DataFormat::ChannelsFirst => 2,
        };
        let strides = self.strides.unwrap_or(self.pool_size);
        let spatial = window(
            "MaxPooling2D",
            &shape.dims()[first..first + 2],
            &self.pool_size.0,
            &strides.0,
            &[1, 1],
            padding,
        )?;
        Ok(inputs[0].reduce_window(Reduction::Max, around(&spatial, first)))
    }

    fn get_config(&self) -> Config {
        let data_format = self.data_format.as_ref().map_or("unknown", |d| d.name());
        self.base
            .get_config(self.class_name())
            .with("pool_size", self.pool_size.json())
            .with(
                "padding",
                self.padding.as_ref().map_or("unknown", |p| p.name()),
            )
            .with("strides", self.strides.unwrap_or(self.pool_size).json())
            .with("data_format", data_format)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The window over two spatial axes, the first of which is axis `first` of four, as one over all axes.
fn around(spatial: &Window, first: usize) -> Window {
    let mut window = Window {
        size: vec![1; 4],
        strides: vec![1; 4],
        padding: vec![(0, 0); 4],
        dilation: vec![1; 4],
    };
    for k in 0..2 {
        window.size[first + k] = spatial.size[k];
        window.strides[first + k] = spatial.strides[k];
        window.padding[first + k] = spatial.padding[k];
    }
    window
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn padding_never_wins() {
        let x = Tensor::full([1, 3, 3, 1], -5.0, DType::F32);
        let y = MaxPooling2D::new().padding("same").call(&x).unwrap();
        assert_eq!(y.to_vec::<f32>().unwrap(), [-5.0; 4]);
    }

    #[test]
    fn a_window_larger_than_the_image_is_told() {
        let x = Tensor::zeros([1, 1, 3, 1], DType::F32);
        let error = MaxPooling2D::new().call(&x).unwrap_err().to_string();
        let expected =
            "MaxPooling2D: expected an image at least as large as the window [2, 2]; got [1, 3].";
        assert!(error.starts_with(expected), "{error}");
        let error = MaxPooling2D::new()
            .strides(0)
            .call(&x)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("MaxPooling2D: strides: expected numbers above 0"),
            "{error}"
        );
    }
}
