//! Mirrored images.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::augment::{Augment, per_image};
use super::images::{Images, image_layer};
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomFlip",
    aliases: &[],
    arguments: &[&["mode", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandomFlip::new();
        layer.images = layer.images.read(config)?;
        Ok(Arc::new(match config.text("mode")? {
            Some(mode) => layer.mode(&mode),
            None => layer,
        }))
    },
    examples: || {
        let config = Config::new().with("mode", "horizontal");
        vec![
            Example::new(Config::new(), [[3, 2, 3, 2]]),
            Example::new(config.with("data_format", "channels_first"), [[3, 2, 3, 2]]),
        ]
    },
};

/// The modes, and along which axes they mirror.
const MODES: [(&str, &[isize]); 3] = [
    ("horizontal", &[2]),
    ("vertical", &[1]),
    ("horizontal_and_vertical", &[1, 2]),
];

/// Mirrors every second image on average in training and in calls by hand, and lets all pass otherwise.
///
/// With both directions, the default, an image is mirrored in both or in none, as in Keras.
///
/// # Shapes
/// One image `[height, width, channels]` or a batch; the result is of the same shape.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[1.0f32], [2.0]]]);
/// let layer = RandomFlip::new().mode("horizontal").seed(1);
/// let y = layer.call_with(&x, &Call::new(true))?[0].to_vec::<f32>()?;
/// assert!(y == [1.0, 2.0] || y == [2.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RandomFlip {
    images: Images,
    mode: Result<(&'static str, &'static [isize])>,
}

impl RandomFlip {
    /// A layer that mirrors in both directions.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            mode: Ok(MODES[2]),
        }
    }

    /// `"horizontal"` (left and right change places), `"vertical"` or `"horizontal_and_vertical"`. Default:
    /// both.
    #[must_use]
    pub fn mode(mut self, mode: &str) -> Self {
        let found = MODES.iter().find(|(name, _)| *name == mode);
        self.mode = found.copied().ok_or_else(|| {
            Error::unknown("mode of RandomFlip", mode, &MODES.map(|(name, _)| name))
        });
        self
    }

    fn check(&self) -> Result<()> {
        self.mode.as_ref().map(|_| ()).map_err(Error::clone)
    }

    fn add_to(&self, config: Config) -> Config {
        config.with(
            "mode",
            self.mode.as_ref().map_or("unknown", |(name, _)| name),
        )
    }
}

impl Augment for RandomFlip {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        Ok(vec![
            per_image(images, randomness, [0.0, 1.0])?.less_equal(0.5),
        ])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let (_, axes) = self.mode.as_ref().map_err(Error::clone)?;
        Ok(drawn[0].select(images.reverse(*axes), images))
    }
}

impl Default for RandomFlip {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(augment RandomFlip, seed);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn about_half_of_the_images_are_mirrored_and_none_where_training_is_denied() {
        let x = Tensor::from([[[1.0f32], [2.0]]]).broadcast_to([400, 1, 2, 1]);
        let layer = RandomFlip::new().seed(5);
        let y = layer.call_with(&x, &Call::new(false)).unwrap().remove(0);
        assert_eq!(y.to_vec::<f32>().unwrap(), x.to_vec::<f32>().unwrap());
        let y = layer.call(&x).unwrap();
        let y = y.to_vec::<f32>().unwrap();
        let flipped = y.chunks(2).filter(|image| *image == [2.0, 1.0]).count();
        let kept = y.chunks(2).filter(|image| *image == [1.0, 2.0]).count();
        // Four standard deviations: 4 * sqrt(400 / 4) = 40.
        assert!(
            flipped + kept == 400 && flipped.abs_diff(200) < 40,
            "{flipped}"
        );
    }
}
