//! Images seen from nearer and from farther.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::{Augment, per_place};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::projection::{Projection, constants, projection_methods};
use crate::config::{Config, Json};
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomZoom",
    aliases: &[],
    arguments: &[
        &["height_factor", "width_factor", "seed", "data_format"],
        Projection::ARGUMENTS,
    ],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer =
            RandomZoom::new(Factor::required(ENTRY.class_name, config, "height_factor")?);
        layer.width_factor = Factor::from_config(config, "width_factor")?;
        layer.images = layer.images.read(config)?;
        layer.projection = Projection::from_config(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new()
            .with("height_factor", vec![-0.3, -0.1])
            .with("width_factor", 0.2);
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

/// Zooms each image by a random factor in training and in calls by hand, and lets all pass otherwise.
///
/// Beyond the sides, `fill_mode` says what is seen: `"reflect"` (default), `"wrap"`, `"nearest"`, or
/// `"constant"` with `fill_value` (0). `interpolation`: `"bilinear"` (default) or `"nearest"`.
///
/// # Arguments
/// `height_factor`: `f` for -f to f, or two ends, above -1 to 1: -0.2 zooms in, so that 80 % of the height is
/// seen, 0.2 zooms out. Methods: [`RandomZoom::width_factor`] (default: none, the aspect ratio stays),
/// `fill_mode`, `fill_value`, `interpolation`, `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0]]]);
/// let layer = RandomZoom::new((-0.5, -0.5));
/// let y = layer.call_with(&x, &Call::new(true))?.remove(0);
/// assert_eq!(y.to_vec::<f32>()?, [1.5, 2.0, 2.5]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomZoom {
    images: Images,
    height_factor: Factor,
    width_factor: Option<Factor>,
    projection: Projection,
}

impl RandomZoom {
    /// A layer that zooms by such factors.
    #[must_use]
    pub fn new(height_factor: impl Into<Factor>) -> Self {
        Self {
            images: Images::random(),
            height_factor: height_factor.into(),
            width_factor: None,
            projection: Projection::default(),
        }
    }

    /// The same for the width. Default: as the height, so that the aspect ratio stays.
    #[must_use]
    pub fn width_factor(mut self, factor: impl Into<Factor>) -> Self {
        self.width_factor = Some(factor.into());
        self
    }

    fn check(&self) -> Result<()> {
        self.height_factor
            .check("RandomZoom: height_factor", -1.0, 1.0)?;
        if let Some(factor) = self.width_factor {
            factor.check("RandomZoom: width_factor", -1.0, 1.0)?;
        }
        self.projection.check()
    }

    fn add_to(&self, config: Config) -> Config {
        self.projection
            .add_to(config)
            .with("height_factor", self.height_factor.json())
            .with(
                "width_factor",
                self.width_factor.map_or(Json::Null, Factor::json),
            )
    }
}

impl Augment for RandomZoom {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let along = |factor: Factor| {
            let ends = factor.ends(-1.0).map(|f| 1.0 + f);
            per_place(images, randomness, ends)
        };
        let of_height = along(self.height_factor)?;
        let of_width = match self.width_factor {
            None => of_height.clone(),
            Some(factor) => along(factor)?,
        };
        Ok(vec![of_height, of_width])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let (of_height, of_width) = (drawn[0].clone(), drawn[1].clone());
        // The middle stays where it is.
        let [y, x] = [1, 2].map(|axis| (images.shape()[axis] as f64 - 1.0) / 2.0);
        let (left, top) = ((1.0 - &of_width) * x, (1.0 - &of_height) * y);
        let (zero, _) = constants();
        self.projection.apply(
            images,
            &[of_width, zero.clone(), left, zero, of_height, top],
        )
    }
}

projection_methods!(RandomZoom);
image_layer!(augment RandomZoom, seed);
