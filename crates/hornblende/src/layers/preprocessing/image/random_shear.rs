//! Images sheared.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::augment::{Augment, per_place};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::projection::{Projection, constants, projection_methods};
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomShear",
    aliases: &[],
    arguments: &[
        &["x_factor", "y_factor", "seed", "data_format"],
        Projection::ARGUMENTS,
    ],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomShear::new();
        if let Some(factor) = Factor::from_config(config, "x_factor")? {
            layer.x_factor = factor;
        }
        if let Some(factor) = Factor::from_config(config, "y_factor")? {
            layer.y_factor = factor;
        }
        layer.images = layer.images.read(config)?;
        layer.projection = Projection::from_config(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new()
            .with("x_factor", vec![0.1, 0.4])
            .with("y_factor", 0.2);
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

/// Shears each image by random amounts, to either side, in training and in calls by hand, and lets all pass
/// otherwise.
///
/// Beyond the sides, `fill_mode` says what is seen: `"reflect"` (default), `"wrap"`, `"nearest"`, or
/// `"constant"` with `fill_value` (0). `interpolation`: `"bilinear"` (default) or `"nearest"`.
///
/// # Arguments
/// Methods: [`RandomShear::x_factor`] and [`RandomShear::y_factor`] (default 0): `f` for -f to f, or two ends, from -1
/// to 1; `fill_mode`, `fill_value`, `interpolation`, `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[1.0f32], [2.0]], [[3.0], [4.0]]]);
/// let layer = RandomShear::new().x_factor((1.0, 1.0)).fill_mode("nearest");
/// let y = layer.call_with(&x, &Call::new(true))?.remove(0).to_vec::<f32>()?;
/// assert!(y == [1.0, 2.0, 4.0, 4.0] || y == [1.0, 2.0, 3.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomShear {
    images: Images,
    x_factor: Factor,
    y_factor: Factor,
    projection: Projection,
}

impl RandomShear {
    /// A layer that does not shear yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            x_factor: Factor::Symmetric(0.0),
            y_factor: Factor::Symmetric(0.0),
            projection: Projection::default(),
        }
    }

    /// How far rows are moved sideways, in parts of their distance from the first. Default: 0.
    #[must_use]
    pub fn x_factor(mut self, factor: impl Into<Factor>) -> Self {
        self.x_factor = factor.into();
        self
    }

    /// How far columns are moved up or down, in parts of their distance from the first. Default: 0.
    #[must_use]
    pub fn y_factor(mut self, factor: impl Into<Factor>) -> Self {
        self.y_factor = factor.into();
        self
    }

    fn check(&self) -> Result<()> {
        self.x_factor.check("RandomShear: x_factor", -1.0, 1.0)?;
        self.y_factor.check("RandomShear: y_factor", -1.0, 1.0)?;
        self.projection.check()
    }

    fn add_to(&self, config: Config) -> Config {
        self.projection
            .add_to(config)
            .with("x_factor", self.x_factor.json())
            .with("y_factor", self.y_factor.json())
    }
}

impl Augment for RandomShear {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let side = per_place(images, randomness, [0.0, 1.0])?
            .greater(0.5)
            .select(-1.0, 1.0);
        let amount = |factor: Factor| {
            Ok::<Tensor, Error>(per_place(images, randomness, factor.ends(-1.0))? * &side)
        };
        Ok(vec![amount(self.x_factor)?, amount(self.y_factor)?])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        self.projection.apply_map(images, self.map(images, drawn))
    }

    fn map(&self, _images: &Tensor, drawn: &[Tensor]) -> Option<[Tensor; 6]> {
        let (zero, one) = constants();
        let [of_x, of_y] = [0, 1].map(|k: usize| drawn[k].clone());
        Some([one.clone(), of_x, zero.clone(), of_y, one, zero])
    }
}

impl Default for RandomShear {
    fn default() -> Self {
        Self::new()
    }
}

projection_methods!(RandomShear);
image_layer!(augment RandomShear, seed);
