//! Images blurred.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::augment::{Augment, chosen, per_batch};
use super::factor::Factor;
use super::gaussian::bell_curve;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::spatial_window::{Padding, convolve};
use crate::layers::{Entry, Example, Sizes};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomGaussianBlur",
    aliases: &[],
    arguments: &[&[
        "factor",
        "kernel_size",
        "sigma",
        "value_range",
        "seed",
        "data_format",
    ]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomGaussianBlur::new();
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        layer.factor = Factor::from_config(config, "factor")?.unwrap_or(layer.factor);
        layer.sigma = Factor::from_config(config, "sigma")?.unwrap_or(layer.sigma);
        if let Some(size) = Sizes::from_config(config, "kernel_size", 2)? {
            layer.kernel_size = size;
        }
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("value_range", vec![-2.0, 2.0]);
        let uneven = config
            .clone()
            .with("kernel_size", vec![3, 1])
            .with("sigma", vec![0.5, 0.9])
            .with("factor", 0.9);
        vec![
            Example::new(config.with("sigma", vec![0.5, 0.7]), [[3, 3, 4, 2]]),
            Example::new(uneven, [[2, 3, 4, 2]]),
        ]
    },
};

/// Blurs a random part of the images by a bell curve in training and in calls by hand, and lets all pass otherwise.
///
/// `K[i, j] = exp(-(i / s1)^2 / 2 - (j / s2)^2 / 2)`, `i` and `j` counted from the middle and divided by the sum, is
/// moved over each channel; beyond the sides is 0. The results are moved into `value_range`. The deviations `s2` (along
/// rows) and `s1` are drawn once for all images of a batch.
///
/// # Arguments
/// Methods: [`RandomGaussianBlur::factor`] (default: 1), the range of probabilities;
/// [`RandomGaussianBlur::kernel_size`] (3), [`RandomGaussianBlur::sigma`] (1), the range of deviations; `value_range`
/// (0 to 255), `seed`, `data_format`. With the default factor every second image is blurred on average.
///
/// # Errors
/// [`Error::InvalidArgument`] for an even kernel size or a negative deviation.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[0.0f32], [100.0], [0.0]]]);
/// let layer = RandomGaussianBlur::new().factor((1.0, 1.0)).sigma((1.0, 1.0)).kernel_size((1, 3));
/// let y = layer.call(&x)?.to_vec::<f32>()?;
/// // exp(-1/2) / (1 + 2 exp(-1/2)) = 0.274 on both sides.
/// assert!((y[0] - 27.4).abs() < 0.01 && (y[1] - 45.19).abs() < 0.01);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.RandomGaussianBlur`, which lays out a kernel of two different sizes as if they had been given
/// the other way around; so do we, and of the example's `(1, 3)` this makes the same.
#[derive(Clone)]
pub struct RandomGaussianBlur {
    images: Images,
    factor: Factor,
    kernel_size: Sizes,
    sigma: Factor,
    range: ValueRange,
}

impl RandomGaussianBlur {
    /// A layer that blurs every second image by deviations up to 1.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            factor: 1.0.into(),
            kernel_size: 3.into(),
            sigma: 1.0.into(),
            range: ValueRange::default(),
        }
    }

    /// Height and width of the kernel, odd numbers. Default: 3.
    #[must_use]
    pub fn kernel_size(mut self, kernel_size: impl Into<Sizes>) -> Self {
        self.kernel_size = kernel_size.into();
        self
    }

    /// The range of deviations; a number `s` is 0 to s. Default: 1.
    #[must_use]
    pub fn sigma(mut self, sigma: impl Into<Factor>) -> Self {
        self.sigma = sigma.into();
        self
    }

    fn size(&self) -> Result<Vec<usize>> {
        let subject = "RandomGaussianBlur: kernel_size";
        let size = self.kernel_size.along(subject, 2)?;
        if size.iter().all(|size| size % 2 == 1) {
            return Ok(size);
        }
        let got = format!("{size:?}");
        Err(Error::invalid_argument(subject, "odd numbers", got, ""))
    }

    fn check(&self) -> Result<()> {
        self.size()?;
        self.sigma
            .check("RandomGaussianBlur: sigma", 0.0, f64::INFINITY)?;
        self.factor.check("RandomGaussianBlur: factor", 0.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config
            .with("factor", self.factor.ends(0.0).to_vec())
            .with("kernel_size", self.kernel_size.json(2))
            .with("sigma", self.sigma.ends(0.0).to_vec());
        self.range.add_to(config)
    }
}

impl Augment for RandomGaussianBlur {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        // A deviation of 0 would divide by 0.
        let deviation = || Ok(per_batch(images, randomness, self.sigma.ends(0.0))? + 1e-6);
        Ok(vec![
            chosen(images, randomness, self.factor)?,
            deviation()?,
            deviation()?,
        ])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let (size, channels) = (self.size()?, images.shape()[3]);
        let along_rows = bell_curve(size[0], &drawn[1], None).expand_dims(0);
        let along_columns = bell_curve(size[1], &drawn[2], None).expand_dims(1);
        let kernel = (along_columns * along_rows)
            .reshape_to([size[0], size[1], 1, 1])
            .broadcast_to([size[0], size[1], 1, channels]);
        let steps = [1, 1];
        let blurred = convolve(
            ENTRY.class_name,
            (images, &kernel),
            (&steps, &steps),
            Padding::Same,
            channels,
        )?;
        Ok(self.range.clip(&drawn[0].select(blurred, images)))
    }
}

impl Default for RandomGaussianBlur {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(augment RandomGaussianBlur, seed, value_range, probability);
