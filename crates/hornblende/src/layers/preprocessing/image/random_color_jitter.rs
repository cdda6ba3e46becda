//! Images of other brightness, contrast, saturation and hue.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::augment::Augment;
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::random_brightness::RandomBrightness;
use super::random_contrast::RandomContrast;
use super::random_hue::RandomHue;
use super::random_saturation::RandomSaturation;
use super::value_range::ValueRange;
use crate::config::{Config, Json};
use crate::layers::{Entry, Example};

/// The factors, in the order in which the changes are made.
const FACTORS: [&str; 4] = [
    "brightness_factor",
    "contrast_factor",
    "saturation_factor",
    "hue_factor",
];

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomColorJitter",
    aliases: &[],
    arguments: &[&FACTORS, &["value_range", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomColorJitter::new();
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        for (factor, key) in layer.factors.iter_mut().zip(FACTORS) {
            *factor = Factor::from_config(config, key)?;
        }
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("value_range", vec![-3.0, 3.0]);
        let config = config
            .with("brightness_factor", vec![-0.1, 0.2])
            .with("contrast_factor", vec![0.1, 0.2])
            .with("hue_factor", 0.3);
        let pale = Config::new().with("saturation_factor", vec![0.2, 0.3]);
        vec![
            Example::new(config, [[3, 2, 2, 3]]),
            Example::new(pale, [[3, 2, 2, 3]]),
        ]
    },
};

/// Changes brightness, contrast, saturation and hue of each image at random, in this order, in training and in calls
/// by hand, and lets all pass otherwise.
///
/// What has no factor is not changed. See [`RandomBrightness`](crate::layers::RandomBrightness),
/// [`RandomContrast`](crate::layers::RandomContrast), [`RandomSaturation`](crate::layers::RandomSaturation) and
/// [`RandomHue`](crate::layers::RandomHue) for the formulas.
///
/// # Shapes
/// Images `[height, width, channels]` or batches of them, of 3 channels for saturation and hue; labels behind the
/// images pass.
///
/// # Arguments
/// Methods: [`RandomColorJitter::brightness_factor`], [`RandomColorJitter::contrast_factor`],
/// [`RandomColorJitter::saturation_factor`], [`RandomColorJitter::hue_factor`] (default: none of them), `value_range`
/// (default: 0 to 255), `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[100.0f32, 0.0, 0.0]]]);
/// let layer = RandomColorJitter::new().brightness_factor((0.2, 0.2)).saturation_factor((0.0, 0.0));
/// // Brighter by 0.2 * 255 = 51, and then gray.
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [151.0, 151.0, 151.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.RandomColorJitter`, whose inner layers take no `data_format` and so compute contrast,
/// saturation and hue along the wrong axes of images of `"channels_first"`; here they follow it.
#[derive(Clone)]
pub struct RandomColorJitter {
    images: Images,
    factors: [Option<Factor>; 4],
    range: ValueRange,
}

impl RandomColorJitter {
    /// A layer that changes nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            factors: [None; 4],
            range: ValueRange::default(),
        }
    }

    /// What is added, in parts of the value range, as in [`RandomBrightness`](crate::layers::RandomBrightness).
    /// Default: nothing.
    #[must_use]
    pub fn brightness_factor(mut self, factor: impl Into<Factor>) -> Self {
        self.factors[0] = Some(factor.into());
        self
    }

    /// How far the distance from the mean is changed, as in [`RandomContrast`](crate::layers::RandomContrast).
    /// Default: not at all.
    #[must_use]
    pub fn contrast_factor(mut self, factor: impl Into<Factor>) -> Self {
        self.factors[1] = Some(factor.into());
        self
    }

    /// How much colors are made stronger, as in [`RandomSaturation`](crate::layers::RandomSaturation). Default: not at
    /// all.
    #[must_use]
    pub fn saturation_factor(mut self, factor: impl Into<Factor>) -> Self {
        self.factors[2] = Some(factor.into());
        self
    }

    /// How far hues are turned, as in [`RandomHue`](crate::layers::RandomHue). Default: not at all.
    #[must_use]
    pub fn hue_factor(mut self, factor: impl Into<Factor>) -> Self {
        self.factors[3] = Some(factor.into());
        self
    }

    fn check(&self) -> Result<()> {
        let least = [-1.0, 0.0, -1.0, 0.0];
        for ((factor, least), name) in self.factors.iter().zip(least).zip(FACTORS) {
            if let Some(factor) = factor {
                factor.check(&format!("RandomColorJitter: {name}"), least, 1.0)?;
            }
        }
        Ok(())
    }

    fn transform(&self, images: &Tensor, training: bool) -> Result<Tensor> {
        let [low, high] = self.range.0;
        let mut changes: Vec<Box<dyn Augment>> = Vec::new();
        let [brightness, contrast, saturation, hue] = self.factors;
        if let Some(factor) = brightness {
            changes.push(Box::new(
                RandomBrightness::new(factor).value_range(low, high),
            ));
        }
        if let Some(factor) = contrast {
            changes.push(Box::new(RandomContrast::new(factor).value_range(low, high)));
        }
        if let Some(factor) = saturation {
            changes.push(Box::new(
                RandomSaturation::new(factor).value_range(low, high),
            ));
        }
        if let Some(factor) = hue {
            changes.push(Box::new(RandomHue::new(factor).value_range(low, high)));
        }
        changes.iter().try_fold(images.clone(), |images, change| {
            change.augment(&images, &self.images.randomness, training)
        })
    }

    fn add_to(&self, config: Config) -> Config {
        let factors = self.factors.iter().zip(FACTORS);
        let config = factors.fold(config, |config, (factor, key)| {
            config.with(key, factor.map_or(Json::Null, Factor::json))
        });
        self.range.add_to(config)
    }
}

impl Default for RandomColorJitter {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(RandomColorJitter, seed, value_range);
