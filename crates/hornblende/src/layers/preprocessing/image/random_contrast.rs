//! Images of another contrast.

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
    class_name: "RandomContrast",
    aliases: &[],
    arguments: &[&["factor", "value_range", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomContrast::new(Factor::required(ENTRY.class_name, config, "factor")?);
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("factor", vec![0.1, 0.2]);
        let config = config.with("value_range", vec![-1.5, 1.5]);
        vec![Example::new(config, [[3, 2, 2, 2]])]
    },
};

/// Multiplies the distance of each image from its mean by a random number in training and in calls by hand, and
/// lets all pass otherwise: `(x - mean) * c + mean`, moved into `value_range`, each channel with its own mean.
///
/// # Arguments
/// `factor`: `f` for `c` from 1 to 1 + f, or two ends `a`, `b` for `c` from 1 - a to 1 + b; from 0 to 1.
/// Methods: [`RandomContrast::value_range`] (default: 0 to 255), `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[100.0f32], [120.0]]]);
/// let y = RandomContrast::new((0.5, 0.5)).call_with(&x, &Call::new(true))?.remove(0);
/// let y = y.to_vec::<f32>()?;
/// assert!((y[0] + y[1] - 220.0).abs() < 1e-3 && (10.0..=30.0).contains(&(y[1] - y[0])));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomContrast {
    images: Images,
    factor: Factor,
    range: ValueRange,
}

impl RandomContrast {
    /// A layer that draws from this range.
    #[must_use]
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            images: Images::random(),
            factor: factor.into(),
            range: ValueRange::default(),
        }
    }

    fn check(&self) -> Result<()> {
        self.factor.check("RandomContrast: factor", 0.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config.with("factor", self.factor.ends(0.0).to_vec());
        self.range.add_to(config)
    }
}

impl Augment for RandomContrast {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let [lower, upper] = self.factor.ends(0.0);
        let contrast = per_image(images, randomness, [1.0 - lower, 1.0 + upper])?;
        Ok(vec![contrast])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let mean = images.mean_keepdims([1, 2]);
        Ok(self.range.clip(&((images - &mean) * &drawn[0] + &mean)))
    }
}

image_layer!(augment RandomContrast, seed, value_range);
