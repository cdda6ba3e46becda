//! Images turned.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::{Augment, per_place};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::projection::{Projection, projection_methods};
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomRotation",
    aliases: &[],
    arguments: &[&["factor", "seed", "data_format"], Projection::ARGUMENTS],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomRotation::new(Factor::required(ENTRY.class_name, config, "factor")?);
        layer.images = layer.images.read(config)?;
        layer.projection = Projection::from_config(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("factor", vec![0.05, 0.1]);
        let constant = config
            .clone()
            .with("fill_mode", "constant")
            .with("fill_value", 0.5);
        vec![
            Example::new(config, [[2, 3, 4, 2]]),
            Example::new(constant, [[2, 3, 4, 2]]),
        ]
    },
};

/// Turns each image around its middle by a random angle in training and in calls by hand, and lets all pass
/// otherwise.
///
/// Beyond the sides, `fill_mode` says what is seen: `"reflect"` (default), `"wrap"`, `"nearest"`, or
/// `"constant"` with `fill_value` (0). `interpolation`: `"bilinear"` (default) or `"nearest"`.
///
/// # Arguments
/// `factor`: `f` for -f to f, or two ends, as parts of a whole turn, from -1 to 1; positive angles turn counter
/// clockwise. Methods: `fill_mode`, `fill_value`, `interpolation`, `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[1.0f32], [2.0]], [[3.0], [4.0]]]);
/// let layer = RandomRotation::new((0.25, 0.25)).interpolation("nearest");
/// let y = layer.call_with(&x, &Call::new(true))?.remove(0);
/// assert_eq!(y.to_vec::<f32>()?, [2.0, 4.0, 1.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomRotation {
    images: Images,
    factor: Factor,
    projection: Projection,
}

impl RandomRotation {
    /// A layer that turns images by such parts of a whole turn.
    #[must_use]
    pub fn new(factor: impl Into<Factor>) -> Self {
        Self {
            images: Images::random(),
            factor: factor.into(),
            projection: Projection::default(),
        }
    }

    fn check(&self) -> Result<()> {
        self.factor.check("RandomRotation: factor", -1.0, 1.0)?;
        self.projection.check()
    }

    fn add_to(&self, config: Config) -> Config {
        self.projection
            .add_to(config)
            .with("factor", self.factor.ends(-1.0).to_vec())
    }
}

impl Augment for RandomRotation {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let ends = self.factor.ends(-1.0).map(|f| f * std::f64::consts::TAU);
        Ok(vec![per_place(images, randomness, ends)?])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        self.projection.apply_map(images, self.map(images, drawn))
    }

    fn map(&self, images: &Tensor, drawn: &[Tensor]) -> Option<[Tensor; 6]> {
        let (sine, cosine) = (drawn[0].sin(), drawn[0].cos());
        // The middle stays where it is.
        let [y, x] = [1, 2].map(|axis| (images.shape()[axis] as f64 - 1.0) / 2.0);
        let left = -(&cosine * x) + &sine * y + x;
        let top = -(&sine * x) - &cosine * y + y;
        Some([cosine.clone(), -&sine, left, sine, cosine, top])
    }
}

projection_methods!(RandomRotation);
image_layer!(augment RandomRotation, seed);
