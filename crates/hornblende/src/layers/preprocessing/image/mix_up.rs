//! Images mixed with each other.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Tensor};

use super::augment::Augment;
use super::distributions::{permutation, symmetric_beta};
use super::images::{Images, image_layer, mixed_labels};
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "MixUp",
    aliases: &[],
    arguments: &[&["alpha", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = MixUp::new();
        layer.images = layer.images.read(config)?;
        layer.alpha = config.number("alpha")?.unwrap_or(layer.alpha);
        Ok(Arc::new(layer))
    },
    examples: || {
        vec![
            Example::new(Config::new().with("alpha", 0.8), [[3, 2, 2, 2]]),
            Example::new(Config::new(), [vec![3, 2, 2, 2], vec![3, 4]]),
        ]
    },
};

/// Mixes each image with another one of the batch, and their labels as well, in training and in calls by hand, and lets
/// all pass otherwise: `w x + (1 - w) x'`.
///
/// The weight `w` of each image is of the beta distribution with both parameters `alpha`; the other images `x'` are the
/// batch in random order, so that an image may meet itself.
///
/// # Shapes
/// Called on images, the layer gives images; called on images and labels `[batch, classes]`, it gives both. Class
/// numbers cannot be mixed: make them one-hot.
///
/// # Arguments
/// Methods: [`MixUp::alpha`] (default: 0.2), `seed`, `data_format`.
///
/// # Errors
/// [`Error::InvalidArgument`] for an `alpha` that is not above 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let images = Tensor::from_vec([2, 1, 1, 1], vec![0.0f32, 100.0]);
/// let labels = Tensor::from([[1.0f32, 0.0], [0.0, 1.0]]);
/// let mixed = MixUp::new().seed(1).call_all([&images, &labels])?;
/// let (x, y) = (mixed[0].to_vec::<f32>()?, mixed[1].to_vec::<f32>()?);
/// // The labels say how much of each image there is.
/// assert!((x[0] / 100.0 - y[1]).abs() < 1e-6 && (x[1] / 100.0 - y[3]).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Zhang et al. 2017, "mixup: Beyond Empirical Risk Minimization"; `keras.layers.MixUp`, which takes a
/// dictionary and mixes bounding boxes and segmentation masks too.
#[derive(Clone)]
pub struct MixUp {
    images: Images,
    alpha: f64,
}

impl MixUp {
    /// A layer that mixes little on average.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            alpha: 0.2,
        }
    }

    /// How evenly images are mixed: both parameters of the beta distribution, above 0. Default: 0.2.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    fn check(&self) -> Result<()> {
        if self.alpha > 0.0 && self.alpha.is_finite() {
            return Ok(());
        }
        let got = self.alpha.to_string();
        let subject = "MixUp: alpha";
        Err(Error::invalid_argument(
            subject,
            "a number above 0",
            got,
            "",
        ))
    }

    fn add_to(&self, config: Config) -> Config {
        config.with("alpha", self.alpha)
    }
}

impl Augment for MixUp {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let batch = images.shape()[0];
        let alpha = Tensor::literal(self.alpha, DType::F32);
        Ok(vec![
            permutation(randomness, batch)?,
            symmetric_beta(randomness, [batch, 1, 1, 1], &alpha)?,
        ])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let weight = drawn[1].cast(images.dtype());
        let others = images.take(&drawn[0], 0);
        Ok(&weight * images + (1.0 - &weight) * others)
    }

    fn apply_to_labels(&self, labels: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        mixed_labels(ENTRY.class_name, labels, &drawn[0], &drawn[1])
    }
}

impl Default for MixUp {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(augment MixUp, seed);
