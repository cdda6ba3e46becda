//! Negatives of images.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::factor::Factor;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::{Call, Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomInvert",
    aliases: &[],
    arguments: &[&["factor", "value_range", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomInvert::new();
        layer.factor = Factor::from_config(config, "factor")?.unwrap_or(layer.factor);
        layer.range = ValueRange::from_config(config)?;
        layer.images = layer.images.read(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("value_range", vec![0.0, 1.0]);
        vec![Example::new(config, [[3, 2, 2, 2]])]
    },
};

/// Turns a random part of the images into negatives while a model is trained, and lets all pass otherwise: `x`
/// becomes the largest number of `value_range` minus `x`.
///
/// # Arguments
/// Methods: [`RandomInvert::factor`], [`RandomInvert::value_range`] (default: 0 to 255), `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[100.0f32], [255.0]]]);
/// let y = RandomInvert::new().factor((1.0, 1.0)).call_with(&x, &Call::new(true))?.remove(0);
/// assert_eq!(y.to_vec::<f32>()?, [155.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomInvert {
    images: Images,
    factor: Factor,
    range: ValueRange,
}

impl RandomInvert {
    /// A layer that turns every second image into its negative on average.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            factor: 1.0.into(),
            range: ValueRange::default(),
        }
    }

    /// The range of probabilities, from 0 to 1: that of an image is drawn from it; a number `f` is 0 to f.
    /// Default: 1.
    #[must_use]
    pub fn factor(mut self, factor: impl Into<Factor>) -> Self {
        self.factor = factor.into();
        self
    }

    /// The smallest and the largest number of an image. Default: 0 and 255.
    #[must_use]
    pub fn value_range(mut self, low: f64, high: f64) -> Self {
        self.range = ValueRange([low.min(high), low.max(high)]);
        self
    }

    fn check(&self) -> Result<()> {
        self.factor.check("RandomInvert: factor", 0.0, 1.0)
    }

    fn transform(&self, images: &Tensor, call: &Call) -> Result<Tensor> {
        if !call.training {
            return Ok(images.clone());
        }
        let [low, high] = self.factor.ends(0.0);
        let probability = self.images.uniform_per_image(images, low, high)?;
        let is_inverted = self
            .images
            .uniform_per_image(images, 0.0, 1.0)?
            .less(probability);
        Ok(is_inverted.select(self.range.0[1] - images, images))
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config.with("factor", self.factor.ends(0.0).to_vec());
        self.range.add_to(config)
    }
}

impl Default for RandomInvert {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(RandomInvert, seed);
