//! Images of fewer colors.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::augment::{Augment, per_image};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomPosterization",
    aliases: &[],
    arguments: &[&["factor", "value_range", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let factor = Factor::required(ENTRY.class_name, config, "factor")?;
        let mut layer = RandomPosterization::new(factor);
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("factor", vec![2, 5]);
        let config = config.with("value_range", vec![-1.0, 1.0]);
        vec![Example::new(config, [[3, 2, 2, 2]])]
    },
};

/// Keeps the highest bits of each color, a random number of them for each image, in training and in calls by hand,
/// and lets all pass otherwise.
///
/// Of an image from 0 to 255, the numbers without their fraction become multiples of `2^(8 - bits)`, rounded down.
///
/// # Arguments
/// `factor`: two ends for the number of bits, whole numbers from 1 to 8, of which the upper is never drawn, unless both
/// are the same; or one number `f` for 1 to f. Methods: `value_range` (default: 0 to 255), `seed`, `data_format`.
///
/// # Gradient
/// 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[31.0f32], [32.0], [200.5]]]);
/// let y = RandomPosterization::new((3.0, 3.0)).call(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 32.0, 192.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.RandomPosterization`. Numbers outside of `value_range`, for which Keras says nothing, count as
/// the nearest one inside.
#[derive(Clone)]
pub struct RandomPosterization {
    images: Images,
    factor: Factor,
    range: ValueRange,
}

/// The number of bits of a color.
const BITS: f64 = 8.0;

impl RandomPosterization {
    /// A layer that keeps so many bits.
    #[must_use]
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            images: Images::random(),
            factor: factor.into(),
            range: ValueRange::default(),
        }
    }

    fn check(&self) -> Result<()> {
        let subject = "RandomPosterization: factor";
        self.factor.check(subject, 1.0, BITS)?;
        if self.factor.ends(1.0).iter().all(|end| end.fract() == 0.0) {
            return Ok(());
        }
        let got = self.factor.json().to_string();
        Err(Error::invalid_argument(subject, "whole numbers", got, ""))
    }

    fn add_to(&self, config: Config) -> Config {
        let ends = self.factor.ends(1.0).map(|end| end as u64);
        self.range.add_to(config.with("factor", ends.to_vec()))
    }
}

impl Augment for RandomPosterization {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let [low, high] = self.factor.ends(1.0);
        let bits = per_image(images, randomness, [low, high])?.floor();
        // The product of a number just below 1 can round up to the upper end.
        Ok(vec![bits.clip(low, (high - 1.0).max(low))])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let bytes = ValueRange::default();
        let whole = bytes.clip(&self.range.convert(images, bytes)).floor();
        // Rounded, since the exponential function is not exact.
        let step = ((BITS - &drawn[0]) * std::f64::consts::LN_2).exp().round();
        Ok(bytes.convert(&((whole / &step).floor() * step), self.range))
    }
}

image_layer!(augment RandomPosterization, seed, value_range);
