//! Images of other hues.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::{Augment, per_image};
use super::factor::Factor;
use super::hsv::Hsv;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomHue",
    aliases: &[],
    arguments: &[&["factor", "value_range", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomHue::new(Factor::required(ENTRY.class_name, config, "factor")?);
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("factor", vec![0.2, 0.4]);
        let config = config.with("value_range", vec![-2.0, 2.0]);
        vec![Example::new(config, [[3, 2, 2, 3]])]
    },
};

/// Turns the hues of each image by a random angle, to either side, in training and in calls by hand, and lets all
/// pass otherwise.
///
/// Red, green and blue, as numbers from 0 to 1, become hue, saturation and value; the hue, a part of the circle, is
/// moved by `f / 2` or `-f / 2`, and all is taken back. A turn by 1/3 makes red green.
///
/// # Shapes
/// Images `[height, width, 3]` or batches of them; labels behind the images pass.
///
/// # Arguments
/// `factor`: `f` for 0 to f, or two ends, from 0 to 1; 1 is half a turn. Methods: `value_range` (default: 0 to 255),
/// `seed`, `data_format`.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for images of another number of channels.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let red = Tensor::from([[[200.0f32, 0.0, 0.0]]]);
/// // Half a turn away from red is cyan, whichever way.
/// let y = RandomHue::new((1.0, 1.0)).call(&red)?.to_vec::<f32>()?;
/// assert!(y[0].abs() < 0.01 && (y[1] - 200.0).abs() < 0.01 && (y[2] - 200.0).abs() < 0.01);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.RandomHue`.
#[derive(Clone)]
pub struct RandomHue {
    images: Images,
    factor: Factor,
    range: ValueRange,
}

impl RandomHue {
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
        self.factor.check("RandomHue: factor", 0.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config.with("factor", self.factor.ends(0.0).to_vec());
        self.range.add_to(config)
    }
}

impl Augment for RandomHue {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let side = per_image(images, randomness, [0.0, 1.0])?
            .greater(0.5)
            .select(-0.5, 0.5)
            .cast(images.dtype());
        let turn = per_image(images, randomness, self.factor.ends(0.0))?;
        Ok(vec![side * turn])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let unit = ValueRange::between(0.0, 1.0);
        let mut hsv = Hsv::of_rgb(ENTRY.class_name, &self.range.convert(images, unit))?;
        let hue = &hsv.hue + &drawn[0];
        let hue = hue.greater(1.0).select(&hue - 1.0, &hue);
        hsv.hue = hue.less(0.0).select(&hue + 1.0, &hue);
        Ok(unit.convert(&unit.clip(&hsv.to_rgb()), self.range))
    }
}

image_layer!(augment RandomHue, seed, value_range);
