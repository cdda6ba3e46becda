//! Images of full contrast.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::Augment;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "AutoContrast",
    aliases: &[],
    arguments: &[&["value_range", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = AutoContrast::new();
        layer.range = ValueRange::from_config(config)?;
        layer.images = layer.images.read(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("value_range", vec![-1.0, 1.0]);
        vec![Example::new(config, [[2, 2, 3, 2]])]
    },
};

/// Stretches each channel of each image so that its smallest number becomes the smallest of `value_range` and
/// its largest the largest, in training and out of it. A channel of one number stays as it is.
///
/// # Arguments
/// Methods: [`AutoContrast::value_range`] (default: 0 to 255), `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[50.0f32], [100.0], [150.0]]]);
/// let y = AutoContrast::new().call(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 127.5, 255.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct AutoContrast {
    images: Images,
    range: ValueRange,
}

impl AutoContrast {
    /// A layer for images from 0 to 255.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::fixed(),
            range: ValueRange::default(),
        }
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn transform(&self, images: &Tensor, _training: bool) -> Result<Tensor> {
        self.apply(images, &[])
    }

    fn add_to(&self, config: Config) -> Config {
        self.range.add_to(config)
    }
}

impl Augment for AutoContrast {
    fn draw(&self, _images: &Tensor, _randomness: &Randomness) -> Result<Vec<Tensor>> {
        Ok(Vec::new())
    }

    fn apply(&self, images: &Tensor, _drawn: &[Tensor]) -> Result<Tensor> {
        let low = -(-images).max_keepdims([1, 2]);
        let size = images.max_keepdims([1, 2]) - &low;
        let is_flat = size.less_equal(0.0);
        // The quotient is taken of something harmless where it is not used, for the sake of gradients.
        let scale = is_flat.select(1.0, &size);
        let stretched = (images - low) / scale * self.range.size() + self.range.0[0];
        Ok(is_flat.select(images, self.range.clip(&stretched)))
    }
}

impl Default for AutoContrast {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(AutoContrast, value_range);
