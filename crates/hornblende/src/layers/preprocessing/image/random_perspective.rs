//! Images seen from the side.

use std::sync::Arc;

use hornblende_core::{DType, Result, Tensor};

use super::augment::{Augment, chosen};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::projection::{Projection, places, projection_methods};
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomPerspective",
    aliases: &[],
    arguments: &[&[
        "factor",
        "scale",
        "fill_value",
        "interpolation",
        "seed",
        "data_format",
    ]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomPerspective::new();
        layer.images = layer.images.read(config)?;
        layer.projection = Projection::from_config(config)?;
        layer.projection.set_fill_mode("constant");
        layer.factor = Factor::from_config(config, "factor")?.unwrap_or(layer.factor);
        layer.scale = config.number("scale")?.unwrap_or(layer.scale);
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new()
            .with("factor", vec![0.5, 1.0])
            .with("scale", 0.5);
        vec![Example::new(config, [[2, 4, 5, 2]])]
    },
};

/// Shows a random part of the images as if they were seen from the side, in training and in calls by hand, and lets
/// all pass otherwise.
///
/// Three corners move: each of their coordinates is multiplied by a number of its own from `1 - scale / 2` to
/// `1 + scale / 2`; the upper left one, the origin, stays. The image is drawn in between by the one map that takes
/// straight lines to straight lines, and what is seen beyond its sides is `fill_value`.
///
/// # Arguments
/// Methods: [`RandomPerspective::factor`] (default: 1), the range of probabilities; [`RandomPerspective::scale`] (1), from
/// 0 to 1; `fill_value` (0), `interpolation`: `"bilinear"` (default) or `"nearest"`, `seed`, `data_format`. With the
/// default factor every second image is changed on average.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::full([1, 5, 5, 1], 9.0, DType::F32);
/// let y = RandomPerspective::new().factor((1.0, 1.0)).call(&x)?.to_vec::<f32>()?;
/// // The corner that stays, and nothing beyond what there was.
/// assert!(y[0] == 9.0 && y.iter().all(|y| (-1e-4..=9.0001).contains(y)));
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.RandomPerspective`.
#[derive(Clone)]
pub struct RandomPerspective {
    images: Images,
    factor: Factor,
    scale: f64,
    projection: Projection,
}

impl RandomPerspective {
    /// A layer that changes every second image.
    #[must_use]
    pub fn new() -> Self {
        let mut projection = Projection::default();
        projection.set_fill_mode("constant");
        Self {
            images: Images::random(),
            factor: 1.0.into(),
            scale: 1.0,
            projection,
        }
    }

    /// How far corners move, from 0 to 1. Default: 1.
    #[must_use]
    pub fn scale(mut self, scale: f64) -> Self {
        self.scale = scale;
        self
    }

    fn check(&self) -> Result<()> {
        self.factor.check("RandomPerspective: factor", 0.0, 1.0)?;
        Factor::from(self.scale).check("RandomPerspective: scale", 0.0, 1.0)?;
        self.projection.check()
    }

    fn add_to(&self, config: Config) -> Config {
        self.projection
            .add_to(config)
            .without("fill_mode")
            .with("factor", self.factor.ends(0.0).to_vec())
            .with("scale", self.scale)
    }
}

impl Augment for RandomPerspective {
    /// Which images are changed, and what the coordinates (x, y) of the upper left, upper right, lower left and lower
    /// right corner are multiplied by: `[batch, 4, 2]`.
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let uniform = randomness.uniform([images.shape()[0], 4, 2])?;
        Ok(vec![
            chosen(images, randomness, self.factor)?,
            (uniform - 0.5) * self.scale + 1.0,
        ])
    }

    /// The map is `x -> g x / (a x + b y + 1)`, `y -> h y / (a x + b y + 1)`, in coordinates from 0 to 1. That it takes
    /// the corners (p, 0), (0, q) and (r, s) back to (1, 0), (0, 1) and (1, 1) are four equations of which the first
    /// give `g = a + 1 / p` and `h = b + 1 / q`, and the others then `b = (r / p - 1) / s` and `a = (s / q - 1) / r`.
    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let last = |axis: usize| (images.shape()[axis] as f64 - 1.0).max(1.0);
        let (bottom, right) = (last(1), last(2));
        let moved = |corner: usize, axis: usize| {
            let one = drawn[1]
                .slice_axis(1, corner..corner + 1)
                .slice_axis(2, axis..axis + 1);
            one.cast(DType::F32)
        };
        let (p, q, r, s) = (moved(1, 0), moved(2, 1), moved(3, 0), moved(3, 1));
        let a = (&s / &q - 1.0) / &r;
        let b = (&r / &p - 1.0) / &s;
        let [y, x] = places(images);
        let depth = &a * (&x / right) + &b * (&y / bottom) + 1.0;
        // At the horizon there is nothing to be seen.
        let is_horizon = depth.equal(0.0);
        let depth = is_horizon.select(1.0, depth);
        let at = |way: Tensor, place: &Tensor| is_horizon.select(-2.0, way * place / &depth);
        let (at_x, at_y) = (at(a + p.reciprocal(), &x), at(b + q.reciprocal(), &y));
        let seen = self.projection.look_up(images, &at_y, &at_x)?;
        Ok(drawn[0].select(seen, images))
    }
}

impl Default for RandomPerspective {
    fn default() -> Self {
        Self::new()
    }
}

projection_methods!(RandomPerspective, fill_value, interpolation);
image_layer!(augment RandomPerspective, seed, probability);
