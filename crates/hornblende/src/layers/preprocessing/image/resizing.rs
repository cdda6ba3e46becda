//! Images of another size.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::image_size::ImageSize;
use super::images::{Images, image_layer};
use super::resample::Resample;
use crate::config::Config;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Resizing",
    aliases: &[],
    arguments: &[
        ImageSize::ARGUMENTS,
        &[
            "interpolation",
            "crop_to_aspect_ratio",
            "pad_to_aspect_ratio",
            "fill_mode",
            "fill_value",
            "antialias",
            "data_format",
        ],
    ],
    unsupported: &["bounding_box_format"],
    from_config: |config| Ok(Arc::new(Resizing::from_config(config)?)),
    examples: || {
        let config = Config::new().with("height", 3).with("width", 4);
        let cropped = config.clone().with("crop_to_aspect_ratio", true);
        let padded = config
            .clone()
            .with("pad_to_aspect_ratio", true)
            .with("fill_value", 0.5);
        let smooth = config
            .clone()
            .with("interpolation", "lanczos3")
            .with("antialias", true);
        let configs = [
            config,
            cropped,
            padded,
            smooth.with("data_format", "channels_first"),
        ];
        configs.map(|c| Example::new(c, [[2, 5, 4, 2]])).to_vec()
    },
};

/// Images of another size.
///
/// # Shapes
/// `[batch, .., .., channels]` gives `[batch, height, width, channels]`; one image, `[.., .., channels]`,
/// works as well. Whole numbers stay whole numbers: they are rounded.
///
/// # Arguments
/// `height`, `width`: the size, above 0. Methods, with their defaults:
/// - [`Resizing::interpolation`] (`"bilinear"`): also `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`,
///   `"lanczos5"`;
/// - [`Resizing::antialias`] (false): smoothes where images become smaller, except with nearest and area;
/// - [`Resizing::crop_to_aspect_ratio`] (false): cuts from the sides what would be distorted;
/// - [`Resizing::pad_to_aspect_ratio`] (false): adds [`Resizing::fill_value`] (0) at the sides instead.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[0.0f32], [4.0]]]); // one row of two pixels
/// let y = Resizing::new(1, 4).call(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 3.0, 4.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.Resizing` as TensorFlow computes it. Padding is added on both sides, where Keras's
/// does not always give the wanted aspect ratio when the number of rows is odd.
#[derive(Clone)]
pub struct Resizing {
    images: Images,
    size: ImageSize,
    interpolation: Result<Resample>,
    crop_to_aspect_ratio: bool,
    pad_to_aspect_ratio: bool,
    fill_value: f64,
    antialias: bool,
}

impl Resizing {
    /// A layer whose results have this height and width.
    #[must_use]
    pub fn new(height: usize, width: usize) -> Self {
        Self {
            images: Images::fixed().keeping_integers(),
            size: ImageSize([height, width]),
            interpolation: Ok(Resample::Bilinear),
            crop_to_aspect_ratio: false,
            pad_to_aspect_ratio: false,
            fill_value: 0.0,
            antialias: false,
        }
    }

    /// How numbers between places are found. Default: `"bilinear"`.
    #[must_use]
    pub fn interpolation(mut self, name: &str) -> Self {
        self.interpolation = Resample::from_name(name);
        self
    }

    /// Whether the sides of an image are cut so that it is not distorted. Default: false.
    #[must_use]
    pub fn crop_to_aspect_ratio(mut self, crop: bool) -> Self {
        self.crop_to_aspect_ratio = crop;
        self
    }

    /// Whether an image gets more sides so that it is not distorted. Default: false.
    #[must_use]
    pub fn pad_to_aspect_ratio(mut self, pad: bool) -> Self {
        self.pad_to_aspect_ratio = pad;
        self
    }

    /// What the added sides are filled with. Default: 0.
    #[must_use]
    pub fn fill_value(mut self, fill_value: f64) -> Self {
        self.fill_value = fill_value;
        self
    }

    /// Whether images that become smaller are smoothed. Default: false.
    #[must_use]
    pub fn antialias(mut self, antialias: bool) -> Self {
        self.antialias = antialias;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let ImageSize([height, width]) = ImageSize::from_config(ENTRY.class_name, config)?;
        let mut layer = Self::new(height, width);
        layer.images = layer.images.read(config)?;
        if let Some(name) = config.text("interpolation")? {
            layer.interpolation = Ok(Resample::from_name(&name)?);
        }
        let flag = |key: &str| Ok::<bool, Error>(config.flag(key)?.unwrap_or(false));
        layer.crop_to_aspect_ratio = flag("crop_to_aspect_ratio")?;
        layer.pad_to_aspect_ratio = flag("pad_to_aspect_ratio")?;
        layer.antialias = flag("antialias")?;
        layer.fill_value = config.number("fill_value")?.unwrap_or(0.0);
        match config.text("fill_mode")?.as_deref() {
            None | Some("constant") => Ok(layer),
            Some(other) => Err(Error::unknown(
                "fill_mode of Resizing",
                other,
                &["constant"],
            )),
        }
    }

    fn check(&self) -> Result<()> {
        self.interpolation.as_ref().map_err(Error::clone)?;
        let subject = "Resizing";
        if self.crop_to_aspect_ratio && self.pad_to_aspect_ratio {
            let expected = "one of crop_to_aspect_ratio and pad_to_aspect_ratio";
            return Err(Error::invalid_argument(subject, expected, "both", ""));
        }
        self.size.check(ENTRY.class_name)
    }

    fn transform(&self, images: &Tensor, _training: bool) -> Result<Tensor> {
        let resample = *self.interpolation.as_ref().map_err(Error::clone)?;
        let images = if self.crop_to_aspect_ratio {
            crop_to_aspect_ratio(images, self.size.0)
        } else if self.pad_to_aspect_ratio {
            pad_to_aspect_ratio(images, self.size.0, self.fill_value)
        } else {
            images.clone()
        };
        Ok(resample.resize(&images, self.size.0, self.antialias))
    }

    fn add_to(&self, config: Config) -> Config {
        let interpolation = self
            .interpolation
            .as_ref()
            .map_or("unknown", |it| it.name());
        self.size
            .add_to(config)
            .with("interpolation", interpolation)
            .with("crop_to_aspect_ratio", self.crop_to_aspect_ratio)
            .with("pad_to_aspect_ratio", self.pad_to_aspect_ratio)
            .with("fill_mode", "constant")
            .with("fill_value", self.fill_value)
            .with("antialias", self.antialias)
    }
}

image_layer!(Resizing);

/// The largest part in the middle of the images whose sides are as those of `size`.
pub(super) fn crop_to_aspect_ratio(images: &Tensor, size: [usize; 2]) -> Tensor {
    let part = [1, 2].map(|axis| {
        let before = images.shape()[axis];
        let wanted = fitting(images, size, axis).min(before).max(1);
        let start = before.saturating_sub(wanted) / 2;
        (start, start + wanted)
    });
    let rows = images.slice_axis(1, part[0].0..part[0].1);
    rows.slice_axis(2, part[1].0..part[1].1)
}

fn pad_to_aspect_ratio(images: &Tensor, size: [usize; 2], fill_value: f64) -> Tensor {
    let mut sides = [0, 0, 0, 0];
    for axis in [1, 2] {
        let missing = fitting(images, size, axis).saturating_sub(images.shape()[axis]);
        sides[axis] = (missing / 2) as isize;
    }
    images.pad(&sides, &sides, &[0; 4], fill_value)
}

/// The size along an axis that goes with that along the other.
fn fitting(images: &Tensor, size: [usize; 2], axis: usize) -> usize {
    let other = images.shape()[3 - axis];
    // In single precision, as TensorFlow, since the result is cut to a whole number.
    ((other * size[axis - 1]) as f32 / size[2 - axis] as f32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn whole_numbers_stay_whole_numbers() {
        let x = Tensor::from_vec([1, 2, 1], vec![0u8, 255]);
        let y = Resizing::new(1, 4).call(&x).unwrap();
        assert_eq!(y.dtype(), DType::U8);
        assert_eq!(y.to_vec::<u8>().unwrap(), [0, 64, 191, 255]);
    }

    #[test]
    fn a_constant_image_stays_constant() {
        let x = Tensor::full([1, 7, 5, 2], 3.0, DType::F32);
        for name in [
            "nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5",
        ] {
            for antialias in [false, true] {
                for (height, width) in [(3, 2), (7, 11), (13, 5), (1, 1)] {
                    let layer = Resizing::new(height, width);
                    let layer = layer.interpolation(name).antialias(antialias);
                    let y = layer.call(&x).unwrap();
                    assert_eq!(y.shape().dims(), [1, height, width, 2]);
                    // Some ten weights along each axis, rounded once each.
                    let close = |y: &f32| (y - 3.0).abs() <= 3.0 * 40.0 * f32::EPSILON;
                    assert!(
                        y.to_vec().unwrap().iter().all(close),
                        "{name} {height} {width}"
                    );
                }
            }
        }
    }

    #[test]
    fn arguments_that_cannot_be_are_told() {
        let x = Tensor::ones([1, 2, 2, 1], DType::F32);
        let told = |layer: Resizing| layer.call(&x).unwrap_err().to_string();
        assert!(told(Resizing::new(0, 1)).contains("above 0"));
        assert!(told(Resizing::new(1, 1).interpolation("linear")).contains("bilinear"));
        let both = Resizing::new(1, 1).crop_to_aspect_ratio(true);
        assert!(told(both.pad_to_aspect_ratio(true)).contains("both"));
        let flat = Tensor::ones([2, 2], DType::F32);
        let error = Resizing::new(1, 1).call(&flat).unwrap_err().to_string();
        assert!(error.contains("3 axes"), "{error}");
    }
}
