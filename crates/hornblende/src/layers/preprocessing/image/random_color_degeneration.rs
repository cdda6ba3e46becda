//! Images with paler or stronger colors.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::{Augment, per_image};
use super::factor::Factor;
use super::grayscale::grayscale;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomColorDegeneration",
    aliases: &[],
    arguments: &[&["factor", "value_range", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let factor = Factor::required(ENTRY.class_name, config, "factor")?;
        let mut layer = RandomColorDegeneration::new(factor);
        layer.range = ValueRange::from_config(config)?;
        layer.images = layer.images.read(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("factor", 0.3);
        let config = config.with("value_range", vec![-2.0, 2.0]);
        vec![Example::new(config, [[3, 2, 2, 3]])]
    },
};

/// Moves each image by a random part of the way to its gray one in training and in calls by hand, and lets all pass
/// otherwise; negative parts make colors stronger.
///
/// # Shapes
/// Images of 3 channels, or of 1, which stay as they are.
///
/// # Arguments
/// `factor`: `f` for -f to f, or two ends, from -1 to 1. Methods: [`RandomColorDegeneration::value_range`]
/// (default: 0 to 255), `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[100.0f32, 0.0, 0.0]]]);
/// let y = RandomColorDegeneration::new((1.0, 1.0)).call_with(&x, &Call::new(true))?.remove(0);
/// assert!(y.to_vec::<f32>()?.iter().all(|v| (v - 29.89).abs() < 1e-4));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomColorDegeneration {
    images: Images,
    factor: Factor,
    range: ValueRange,
}

impl RandomColorDegeneration {
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
        self.factor
            .check("RandomColorDegeneration: factor", -1.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config.with("factor", self.factor.ends(-1.0).to_vec());
        self.range.add_to(config)
    }
}

impl Augment for RandomColorDegeneration {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let part = per_image(images, randomness, self.factor.ends(-1.0))?;
        Ok(vec![part])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let gray = grayscale(ENTRY.class_name, images)?;
        Ok(self.range.clip(&(images + &drawn[0] * (gray - images))))
    }
}

image_layer!(augment RandomColorDegeneration, seed, value_range);
