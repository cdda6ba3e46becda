//! Images distorted as if they were of rubber.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::{Augment, chosen, per_batch};
use super::factor::Factor;
use super::gaussian::bell_curve;
use super::images::{Images, image_layer};
use super::projection::{Projection, places, projection_methods};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::spatial_window::{Padding, convolve};
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomElasticTransform",
    aliases: &[],
    arguments: &[
        &["factor", "scale", "value_range", "seed", "data_format"],
        Projection::ARGUMENTS,
    ],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomElasticTransform::new();
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        layer.projection = Projection::from_config(config)?;
        layer.factor = Factor::from_config(config, "factor")?.unwrap_or(layer.factor);
        layer.scale = Factor::from_config(config, "scale")?.unwrap_or(layer.scale);
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new()
            .with("value_range", vec![-2.0, 2.0])
            .with("factor", vec![0.5, 1.0]);
        let modes = ["reflect", "constant"];
        let example = |mode| Example::new(config.clone().with("fill_mode", mode), [[2, 5, 6, 2]]);
        modes.map(example).to_vec()
    },
};

/// Distorts a random part of the images as if they were of rubber, in training and in calls by hand, and lets all pass
/// otherwise.
///
/// With a number `f` of `scale`, `s = 0.05 f min(height, width)` and `a = 0.1 f max(height, width)`, a place sees what is
/// at a distance of `a d` down and to the right, where `d` is noise of the standard deviation `s`, blurred by a bell
/// curve of the same deviation and of `6 floor(s) + 1` places.
///
/// # Arguments
/// Methods: [`RandomElasticTransform::factor`] (default: 1), the range of probabilities;
/// [`RandomElasticTransform::scale`] (1), the range of `f`, drawn once for all images of a batch; `fill_mode` beyond the
/// sides: `"reflect"` (default), `"wrap"`, `"nearest"`, or `"constant"` with `fill_value` (0); `interpolation`:
/// `"bilinear"` (default) or `"nearest"`; `value_range` (0 to 255), into which the results are moved, `seed`,
/// `data_format`. With the default factor every second image is distorted on average.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::full([1, 8, 8, 3], 9.0, DType::F32);
/// let y = RandomElasticTransform::new().factor((1.0, 1.0)).call(&x)?;
/// // Nothing is seen but what the image has.
/// assert!(y.to_vec::<f32>()?.iter().all(|y| (y - 9.0).abs() < 1e-4));
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Simard et al. 2003, "Best Practices for Convolutional Neural Networks"; `keras.layers.RandomElasticTransform`,
/// which moves places by the same distance down and to the right, since it draws both with one key; so do we.
#[derive(Clone)]
pub struct RandomElasticTransform {
    images: Images,
    factor: Factor,
    scale: Factor,
    projection: Projection,
    range: ValueRange,
}

impl RandomElasticTransform {
    /// A layer that distorts every second image.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            factor: 1.0.into(),
            scale: 1.0.into(),
            projection: Projection::default(),
            range: ValueRange::default(),
        }
    }

    /// How strong the distortion is: a range from 0 on; a number `s` is 0 to s. Default: 1.
    #[must_use]
    pub fn scale(mut self, scale: impl Into<Factor>) -> Self {
        self.scale = scale.into();
        self
    }

    fn check(&self) -> Result<()> {
        let subject = "RandomElasticTransform";
        self.factor.check(&format!("{subject}: factor"), 0.0, 1.0)?;
        self.scale
            .check(&format!("{subject}: scale"), 0.0, f64::INFINITY)?;
        self.projection.check()
    }

    fn add_to(&self, config: Config) -> Config {
        let config = self
            .projection
            .add_to(config)
            .with("factor", self.factor.ends(0.0).to_vec())
            .with("scale", self.scale.ends(0.0).to_vec());
        self.range.add_to(config)
    }

    /// How far each place sees, `[batch, height, width]`: noise of this deviation, blurred.
    fn distances(&self, noise: &Tensor, deviation: &Tensor, smaller: f64) -> Result<Tensor> {
        // The kernel is as large as the largest deviation wants it, and 0 where the drawn one ends it.
        let largest = (self.scale.ends(0.0)[1] * 0.05 * smaller).floor() as usize;
        let size = 6 * largest + 1;
        let reach = deviation.floor() * 3.0;
        let curve = bell_curve(size, &deviation.maximum(1e-6), Some(&reach));
        let steps = [1, 1];
        let mut blurred = (noise * deviation).expand_dims(-1);
        for shape in [[size, 1, 1, 1], [1, size, 1, 1]] {
            let kernel = curve.reshape_to(shape);
            let operands = (&blurred, &kernel);
            let padding = Padding::Same;
            blurred = convolve(ENTRY.class_name, operands, (&steps, &steps), padding, 1)?;
        }
        Ok(blurred.squeeze(-1))
    }
}

impl Augment for RandomElasticTransform {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let dims = images.shape().dims();
        let noise = randomness.normal([dims[0], dims[1], dims[2]])?;
        Ok(vec![
            chosen(images, randomness, self.factor)?,
            per_batch(images, randomness, self.scale.ends(0.0))?,
            noise.cast(images.dtype()),
        ])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let (height, width) = (images.shape()[1] as f64, images.shape()[2] as f64);
        let (smaller, larger) = (height.min(width), height.max(width));
        let deviation = &drawn[1] * (0.05 * smaller);
        let distances = self.distances(&drawn[2], &deviation, smaller)? * &drawn[1] * 0.1 * larger;
        let [y, x] = places(images).map(|at| at.cast(images.dtype()) + &distances);
        let distorted = self.projection.look_up_corners(images, &y, &x)?;
        Ok(self.range.clip(&drawn[0].select(distorted, images)))
    }
}

impl Default for RandomElasticTransform {
    fn default() -> Self {
        Self::new()
    }
}

projection_methods!(RandomElasticTransform);
image_layer!(augment RandomElasticTransform, seed, value_range, probability);
