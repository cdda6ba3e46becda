//! Images of other saturation.

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
    class_name: "RandomSaturation",
    aliases: &[],
    arguments: &[&["factor", "value_range", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let factor = Factor::required(ENTRY.class_name, config, "factor")?;
        let mut layer = RandomSaturation::new(factor);
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("factor", vec![0.3, 0.7]);
        vec![Example::new(config, [[3, 2, 2, 3]])]
    },
};

/// What Keras adds to a divisor so that it is not 0.
const EPSILON: f64 = 1e-7;

/// Multiplies the saturation of each image by a random number in training and in calls by hand, and lets all pass
/// otherwise.
///
/// The number is `f / (1 - f)` of a random `f`: 0 makes images gray, 1/2 leaves them as they are, and what is above
/// makes their colors stronger, without a limit but `value_range`.
///
/// # Shapes
/// Images `[height, width, 3]` or batches of them; labels behind the images pass.
///
/// # Arguments
/// `factor`: two ends for `f`, or `f` for -f to f, from -1 to 1. Methods: `value_range` (default: 0 to 255), `seed`,
/// `data_format`.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for images of another number of channels.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[200.0f32, 100.0, 100.0]]]); // of saturation 1/2
/// let y = RandomSaturation::new((0.0, 0.0)).call(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [200.0, 200.0, 200.0]);
/// let y = RandomSaturation::new((0.6, 0.6)).call(&x)?.to_vec::<f32>()?; // 0.6 / (1 - 0.6) = 1.5
/// assert!((y[0] - 200.0).abs() < 1e-3 && (y[1] - 50.0).abs() < 1e-3);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.RandomSaturation` as it computes: its text says that one number `f` stands for 0 to f. The
/// saturation is moved into `value_range`, which is meant for colors, so that it exceeds 1 unless that range is 0 to
/// 1, and colors leave theirs; numbers below 0 count as 0.
#[derive(Clone)]
pub struct RandomSaturation {
    images: Images,
    factor: Factor,
    range: ValueRange,
}

impl RandomSaturation {
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
        self.factor.check("RandomSaturation: factor", -1.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config.with("factor", self.factor.ends(-1.0).to_vec());
        self.range.add_to(config)
    }
}

impl Augment for RandomSaturation {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let part = per_image(images, randomness, self.factor.ends(-1.0))?;
        Ok(vec![&part / (1.0 - &part + EPSILON)])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let mut hsv = Hsv::of_rgb(ENTRY.class_name, images)?;
        hsv.saturation = self.range.clip(&(&hsv.saturation * &drawn[0]));
        Ok(hsv.to_rgb())
    }
}

image_layer!(augment RandomSaturation, seed, value_range);
