//! Images without colors.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::{Augment, per_image};
use super::factor::Factor;
use super::grayscale::grayscale;
use super::images::{Images, image_layer};
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomGrayscale",
    aliases: &[],
    arguments: &[&["factor", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomGrayscale::new();
        layer.factor = config.number("factor")?.unwrap_or(layer.factor);
        layer.images = layer.images.read(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("factor", 0.7);
        vec![
            Example::new(Config::new(), [[3, 2, 2, 3]]),
            Example::new(config, [[3, 2, 2, 1]]),
        ]
    },
};

/// Turns a random part of the images gray in training and in calls by hand, and lets all pass otherwise: red, green
/// and blue become `0.2989 r + 0.587 g + 0.114 b`.
///
/// # Shapes
/// Images of 3 channels, or of 1, which stay as they are.
///
/// # Arguments
/// Methods: [`RandomGrayscale::factor`], `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[100.0f32, 0.0, 0.0]]]);
/// let y = RandomGrayscale::new().factor(1.0).call_with(&x, &Call::new(true))?.remove(0);
/// assert!(y.to_vec::<f32>()?.iter().all(|v| (v - 29.89).abs() < 1e-4));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomGrayscale {
    images: Images,
    factor: f64,
}

impl RandomGrayscale {
    /// A layer that turns every second image gray on average.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            factor: 0.5,
        }
    }

    /// The part of the images that turns gray, from 0 to 1. Default: 0.5.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    fn check(&self) -> Result<()> {
        Factor::from(self.factor).check("RandomGrayscale: factor", 0.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        config.with("factor", self.factor)
    }
}

impl Augment for RandomGrayscale {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let uniform = per_image(images, randomness, [0.0, 1.0])?;
        Ok(vec![uniform.less(self.factor)])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        Ok(drawn[0].select(grayscale(ENTRY.class_name, images)?, images))
    }
}

impl Default for RandomGrayscale {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(augment RandomGrayscale, seed);
