//! Images moved.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::{Augment, per_place};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::projection::{Projection, constants, projection_methods};
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomTranslation",
    aliases: &[],
    arguments: &[
        &["height_factor", "width_factor", "seed", "data_format"],
        Projection::ARGUMENTS,
    ],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomTranslation::new(
            Factor::required(ENTRY.class_name, config, "height_factor")?,
            Factor::required(ENTRY.class_name, config, "width_factor")?,
        );
        layer.images = layer.images.read(config)?;
        layer.projection = Projection::from_config(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new()
            .with("height_factor", 0.3)
            .with("width_factor", vec![-0.2, 0.4]);
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

/// Moves each image by random parts of its height and width in training and in calls by hand, and lets all pass
/// otherwise.
///
/// Beyond the sides, `fill_mode` says what is seen: `"reflect"` (default), `"wrap"`, `"nearest"`, or
/// `"constant"` with `fill_value` (0). `interpolation`: `"bilinear"` (default) or `"nearest"`.
///
/// # Arguments
/// `height_factor`, `width_factor`: `f` for -f to f, or two ends, from -1 to 1; positive numbers move down and to
/// the right. Methods: `fill_mode`, `fill_value`, `interpolation`, `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0], [4.0]]]);
/// let layer = RandomTranslation::new(0.0, (0.25, 0.25)).fill_mode("constant");
/// let y = layer.call_with(&x, &Call::new(true))?.remove(0);
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 2.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomTranslation {
    images: Images,
    height_factor: Factor,
    width_factor: Factor,
    projection: Projection,
}

impl RandomTranslation {
    /// A layer that moves images by such parts of their height and width.
    #[must_use]
    pub fn new(height_factor: impl Into<Factor>, width_factor: impl Into<Factor>) -> Self {
        Self {
            images: Images::random(),
            height_factor: height_factor.into(),
            width_factor: width_factor.into(),
            projection: Projection::default(),
        }
    }

    fn check(&self) -> Result<()> {
        self.height_factor
            .check("RandomTranslation: height_factor", -1.0, 1.0)?;
        self.width_factor
            .check("RandomTranslation: width_factor", -1.0, 1.0)?;
        self.projection.check()
    }

    fn add_to(&self, config: Config) -> Config {
        self.projection
            .add_to(config)
            .with("height_factor", self.height_factor.json())
            .with("width_factor", self.width_factor.json())
    }
}

impl Augment for RandomTranslation {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let along = |factor: Factor, axis: usize| {
            let size = images.shape()[axis] as f64;
            per_place(images, randomness, factor.ends(-1.0).map(|f| f * size))
        };
        Ok(vec![
            along(self.height_factor, 1)?,
            along(self.width_factor, 2)?,
        ])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        self.projection.apply_map(images, self.map(images, drawn))
    }

    fn map(&self, _images: &Tensor, drawn: &[Tensor]) -> Option<[Tensor; 6]> {
        let (zero, one) = constants();
        let (down, right) = (-&drawn[0], -&drawn[1]);
        Some([one.clone(), zero.clone(), right, zero, one, down])
    }
}

projection_methods!(RandomTranslation);
image_layer!(augment RandomTranslation, seed);
