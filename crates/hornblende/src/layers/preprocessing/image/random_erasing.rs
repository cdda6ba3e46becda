//! Images with a part erased.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::augment::{Augment, chosen, per_image};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::patch;
use super::value_range::ValueRange;
use crate::config::{Config, Json};
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example, Numbers};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomErasing",
    aliases: &[],
    arguments: &[&[
        "factor",
        "scale",
        "fill_value",
        "value_range",
        "seed",
        "data_format",
    ]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomErasing::new();
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        layer.factor = Factor::from_config(config, "factor")?.unwrap_or(layer.factor);
        layer.scale = Factor::from_config(config, "scale")?.unwrap_or(layer.scale);
        layer.fill_value = Numbers::from_config(config, "fill_value")?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new()
            .with("value_range", vec![-1.0, 1.0])
            .with("scale", vec![0.3, 0.6]);
        let filled = config
            .clone()
            .with("fill_value", vec![0.1, 0.2, 0.3])
            .with("factor", 0.9);
        vec![
            Example::new(config, [[3, 4, 5, 2]]),
            Example::new(filled, [[3, 4, 5, 3]]),
        ]
    },
};

/// Replaces a random rectangle of a random part of the images by noise or by one color, in training and in calls by
/// hand, and lets all pass otherwise.
///
/// Height and width of the rectangle are the parts `sqrt(a)` and `sqrt(b)` of those of the image, `a` and `b` drawn from
/// `scale`; it lies somewhere between the sides.
///
/// # Arguments
/// Methods: [`RandomErasing::factor`] (default: 1), the range of probabilities; [`RandomErasing::scale`] (0.02 to
/// 0.33); [`RandomErasing::fill_value`] (noise: numbers of the standard normal distribution times the upper end of
/// `value_range`, moved into it); `value_range` (0 to 255), `seed`, `data_format`. With the default factor every second
/// image loses a part on average.
///
/// # Errors
/// [`Error::ShapeMismatch`] for as many fill values as there are not channels.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::full([1, 10, 10, 1], 7.0, DType::F32);
/// let layer = RandomErasing::new().factor((1.0, 1.0)).scale((0.25, 0.25)).fill_value(0.0);
/// let y = layer.call(&x)?.to_vec::<f32>()?;
/// assert_eq!(y.iter().filter(|y| **y == 0.0).count(), 25); // 5 by 5
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Zhong et al. 2017, "Random Erasing Data Augmentation"; `keras.layers.RandomErasing`.
#[derive(Clone)]
pub struct RandomErasing {
    images: Images,
    factor: Factor,
    scale: Factor,
    fill_value: Option<Numbers>,
    range: ValueRange,
}

impl RandomErasing {
    /// A layer that puts noise into every second image.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            factor: 1.0.into(),
            scale: (0.02, 0.33).into(),
            fill_value: None,
            range: ValueRange::default(),
        }
    }

    /// What part of the image's area the rectangle has, from 0 to 1: a range; a number `s` is 0 to s. Default: 0.02 to
    /// 0.33.
    #[must_use]
    pub fn scale(mut self, scale: impl Into<Factor>) -> Self {
        self.scale = scale.into();
        self
    }

    /// What the rectangle is filled with: a number, or one for each channel. Default: noise.
    #[must_use]
    pub fn fill_value(mut self, fill_value: impl Into<Numbers>) -> Self {
        self.fill_value = Some(fill_value.into());
        self
    }

    fn check(&self) -> Result<()> {
        self.factor.check("RandomErasing: factor", 0.0, 1.0)?;
        self.scale.check("RandomErasing: scale", 0.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        let fill_value = self.fill_value.as_ref();
        let config = config
            .with("factor", self.factor.ends(0.0).to_vec())
            .with("scale", self.scale.ends(0.0).to_vec())
            .with("fill_value", fill_value.map_or(Json::Null, Numbers::json));
        self.range.add_to(config)
    }

    /// What is filled in, of a shape that broadcasts to that of the images.
    fn filling(&self, images: &Tensor, randomness: &Randomness) -> Result<Tensor> {
        let Some(color) = &self.fill_value else {
            let noise = randomness.normal(images.shape())?.cast(images.dtype());
            return Ok(noise * self.range.0[1]);
        };
        let channels = images.shape()[3];
        match color.shape().dims() {
            [] | [1] => {}
            [numbers] if *numbers == channels => {}
            _ => {
                return Err(Error::shape_mismatch(
                    "RandomErasing: fill_value",
                    format!("a number, or one for each of {channels} channels"),
                    format!("shape {}", color.shape()),
                    "",
                ));
            }
        }
        let color = color.tensor(images.dtype());
        Ok(color.broadcast_to([1, 1, 1, channels]))
    }
}

impl Augment for RandomErasing {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let part = || Ok(per_image(images, randomness, self.scale.ends(0.0))?.sqrt());
        let [left, right] = patch::ends(images, randomness, 2, &part()?)?;
        let [top, bottom] = patch::ends(images, randomness, 1, &part()?)?;
        Ok(vec![
            chosen(images, randomness, self.factor)?,
            top,
            bottom,
            left,
            right,
            self.filling(images, randomness)?,
        ])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let is_inside = patch::inside(images, [&drawn[1], &drawn[2], &drawn[3], &drawn[4]]);
        let is_erased = is_inside.logical_and(&drawn[0]);
        Ok(is_erased.select(self.range.clip(&drawn[5]), images))
    }
}

impl Default for RandomErasing {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(augment RandomErasing, seed, value_range, probability);
