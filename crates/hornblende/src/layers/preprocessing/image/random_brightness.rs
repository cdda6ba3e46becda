//! Images of another brightness.

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
    class_name: "RandomBrightness",
    aliases: &[],
    arguments: &[&["factor", "value_range", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer =
            RandomBrightness::new(Factor::required(ENTRY.class_name, config, "factor")?);
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

/// Adds a random number to each image in training and in calls by hand, and lets all pass otherwise.
///
/// The number is drawn from `factor` times the size of `value_range`, and the sum is moved into that range.
///
/// # Arguments
/// `factor`: `f` for -f to f, or two ends, from -1 to 1. Methods: [`RandomBrightness::value_range`] (default:
/// 0 to 255), `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::full([1, 2, 2, 3], 100.0, DType::F32);
/// let layer = RandomBrightness::new((0.1, 0.2));
/// let y = layer.call_with(&x, &Call::new(true))?.remove(0).to_vec::<f32>()?;
/// assert!(y.iter().all(|v| (125.4..=151.1).contains(v) && *v == y[0]));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomBrightness {
    images: Images,
    factor: Factor,
    range: ValueRange,
}

impl RandomBrightness {
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
        self.factor.check("RandomBrightness: factor", -1.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config.with("factor", self.factor.ends(-1.0).to_vec());
        self.range.add_to(config)
    }
}

impl Augment for RandomBrightness {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let ends = self.factor.ends(-1.0).map(|f| f * self.range.size());
        Ok(vec![per_image(images, randomness, ends)?])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        Ok(self.range.clip(&(images + &drawn[0])))
    }
}

image_layer!(augment RandomBrightness, seed, value_range);
