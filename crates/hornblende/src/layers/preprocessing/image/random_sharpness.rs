//! Images blurred or sharpened.

use std::sync::Arc;

use hornblende_core::graph::op::{Reduction, Window};
use hornblende_core::{Result, Tensor};

use super::augment::{Augment, per_image};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomSharpness",
    aliases: &[],
    arguments: &[&["factor", "value_range", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let factor = Factor::required(ENTRY.class_name, config, "factor")?;
        let mut layer = RandomSharpness::new(factor);
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("factor", 0.8);
        let config = config.with("value_range", vec![-9.0, 9.0]);
        vec![Example::new(config, [[3, 3, 4, 2]])]
    },
};

/// Blurs or sharpens each image by a random amount in training and in calls by hand, and lets all pass otherwise.
///
/// `x + (1 - 2 f) (s - x)`, moved into `value_range`, where each place of `s` is 5/13 of itself and 1/13 of each of
/// its eight neighbours: `f` = 0 gives `s`, 1/2 the image itself, 1 the image sharpened as much as `s` is blurred.
/// Beyond the sides is 0.
///
/// # Arguments
/// `factor`: `f` for 0 to f, or two ends, from 0 to 1. Methods: `value_range` (default: 0 to 255), `seed`,
/// `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[0.0f32], [0.0]], [[0.0], [130.0]]]);
/// let y = RandomSharpness::new((0.0, 0.0)).call(&x)?.to_vec::<f32>()?;
/// let wanted = [10.0, 10.0, 10.0, 50.0];
/// assert!(y.iter().zip(wanted).all(|(y, wanted)| (y - wanted).abs() < 1e-4));
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.RandomSharpness`.
#[derive(Clone)]
pub struct RandomSharpness {
    images: Images,
    factor: Factor,
    range: ValueRange,
}

impl RandomSharpness {
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
        self.factor.check("RandomSharpness: factor", 0.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config.with("factor", self.factor.ends(0.0).to_vec());
        self.range.add_to(config)
    }
}

impl Augment for RandomSharpness {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        Ok(vec![per_image(images, randomness, self.factor.ends(0.0))?])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let around = Window {
            size: vec![1, 3, 3, 1],
            strides: vec![1; 4],
            padding: vec![(0, 0), (1, 1), (1, 1), (0, 0)],
            dilation: vec![1; 4],
        };
        let smooth = images.reduce_window(Reduction::Sum, around) / 13.0 + images * (4.0 / 13.0);
        let amount = 1.0 - &drawn[0] * 2.0;
        Ok(self.range.clip(&(images + amount * (smooth - images))))
    }
}

image_layer!(augment RandomSharpness, seed, value_range);
