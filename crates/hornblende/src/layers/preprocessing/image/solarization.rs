//! Images overexposed.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::{Augment, per_image};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Solarization",
    aliases: &[],
    arguments: &[&[
        "addition_factor",
        "threshold_factor",
        "value_range",
        "seed",
        "data_format",
    ]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = Solarization::new();
        if let Some(factor) = Factor::from_config(config, "addition_factor")? {
            layer.addition_factor = factor;
        }
        if let Some(factor) = Factor::from_config(config, "threshold_factor")? {
            layer.threshold_factor = factor;
        }
        layer.range = ValueRange::from_config(config)?;
        layer.images = layer.images.read(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("addition_factor", 0.1);
        let config = config.with("value_range", vec![-2.0, 2.0]);
        vec![Example::new(config, [[3, 2, 2, 2]])]
    },
};

/// Turns what is bright into its negative in training and in calls by hand, and lets all pass otherwise: of images
/// from 0 to 255, `x + a`, moved into that range, and 255 minus it from the threshold `t` on.
///
/// # Arguments
/// Methods: [`Solarization::addition_factor`] and [`Solarization::threshold_factor`] (default: 0), the ranges
/// that `a / 255` and `t / 255` are drawn from for each image; [`Solarization::value_range`] (default: 0 to
/// 255), `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[100.0f32], [255.0]]]);
/// let y = Solarization::new().call_with(&x, &Call::new(true))?.remove(0);
/// assert_eq!(y.to_vec::<f32>()?, [155.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Solarization {
    images: Images,
    addition_factor: Factor,
    threshold_factor: Factor,
    range: ValueRange,
}

impl Solarization {
    /// A layer that turns images into their negatives.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            addition_factor: 0.0.into(),
            threshold_factor: 0.0.into(),
            range: ValueRange::default(),
        }
    }

    /// What is added, as parts of the range, from 0 to 1; a number `f` is 0 to f. Default: 0.
    #[must_use]
    pub fn addition_factor(mut self, factor: impl Into<Factor>) -> Self {
        self.addition_factor = factor.into();
        self
    }

    /// From where on numbers are turned around, as parts of the range, from 0 to 1; a number `f` is 0 to f.
    /// Default: 0.
    #[must_use]
    pub fn threshold_factor(mut self, factor: impl Into<Factor>) -> Self {
        self.threshold_factor = factor.into();
        self
    }

    fn check(&self) -> Result<()> {
        self.addition_factor
            .check("Solarization: addition_factor", 0.0, 1.0)?;
        self.threshold_factor
            .check("Solarization: threshold_factor", 0.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config
            .with("addition_factor", self.addition_factor.ends(0.0).to_vec())
            .with("threshold_factor", self.threshold_factor.ends(0.0).to_vec());
        self.range.add_to(config)
    }
}

impl Augment for Solarization {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        // Keras multiplies the upper end by 255 and leaves the lower one, and so do we.
        let along = |factor: Factor| {
            let [low, high] = factor.ends(0.0);
            per_image(images, randomness, [low, high * 255.0])
        };
        Ok(vec![
            along(self.addition_factor)?,
            along(self.threshold_factor)?,
        ])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let (low, size) = (self.range.0[0], self.range.size() / 255.0);
        let sum = ((images - low) / size + &drawn[0]).clip(0.0, 255.0);
        let is_dark = sum.less(&drawn[1]);
        Ok(is_dark.select(&sum, 255.0 - &sum) * size + low)
    }
}

impl Default for Solarization {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(augment Solarization, seed, value_range);
