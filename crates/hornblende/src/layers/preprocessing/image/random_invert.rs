//! Negatives of images.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::{Augment, chosen};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

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

/// Turns a random part of the images into negatives in training and in calls by hand, and lets all pass otherwise:
/// `x` becomes the largest number of `value_range` minus `x`.
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

    fn check(&self) -> Result<()> {
        self.factor.check("RandomInvert: factor", 0.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config.with("factor", self.factor.ends(0.0).to_vec());
        self.range.add_to(config)
    }
}

impl Augment for RandomInvert {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        Ok(vec![chosen(images, randomness, self.factor)?])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        Ok(drawn[0].select(self.range.0[1] - images, images))
    }
}

impl Default for RandomInvert {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(augment RandomInvert, seed, value_range, probability);
