//! Images with a part of another one.

use std::sync::Arc;

use hornblende_core::{DType, Result, Tensor};

use super::augment::Augment;
use super::distributions::{permutation, symmetric_beta};
use super::factor::Factor;
use super::images::{Images, image_layer, mixed_labels};
use super::patch;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "CutMix",
    aliases: &[],
    arguments: &[&["factor", "seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = CutMix::new();
        layer.images = layer.images.read(config)?;
        layer.factor = Factor::from_config(config, "factor")?.unwrap_or(layer.factor);
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("factor", vec![0.5, 1.0]);
        vec![
            Example::new(config, [[3, 4, 5, 2]]),
            Example::new(Config::new(), [vec![3, 4, 5, 2], vec![3, 4]]),
        ]
    },
};

/// Replaces a rectangle of each image by that of another one of the batch, and mixes their labels by area, in training
/// and in calls by hand, and lets all pass otherwise.
///
/// The rectangle has the part `1 - w` of the area, where `w` is of the beta distribution with both parameters `a`, and `a`
/// is drawn from `factor`, once for all images of a batch; it lies somewhere between the sides. The other images are the
/// batch in random order, so that an image may meet itself.
///
/// # Shapes
/// Called on images, the layer gives images; called on images and labels `[batch, classes]`, it gives both, labels as
/// `w y + (1 - w) y'`. Class numbers cannot be mixed: make them one-hot. One image, without others, stays as it is.
///
/// # Arguments
/// Methods: [`CutMix::factor`] (default: 1), `seed`, `data_format`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let images = [Tensor::zeros([1, 8, 8, 1], DType::F32), Tensor::ones([1, 8, 8, 1], DType::F32)];
/// let images = Tensor::concatenate(&images, 0);
/// let labels = Tensor::from([[1.0f32, 0.0], [0.0, 1.0]]);
/// let mixed = CutMix::new().seed(1).call_all([&images, &labels])?;
/// // How much there is of the other image, up to whole pixels at the sides of the rectangle.
/// let part = mixed[0].mean([1, 2, 3]).to_vec::<f32>()?;
/// let labels = mixed[1].to_vec::<f32>()?;
/// assert!((part[0] - labels[1]).abs() < 0.25);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Yun et al. 2019, "CutMix: Regularization Strategy to Train Strong Classifiers"; `keras.layers.CutMix`, which
/// takes a dictionary and cuts segmentation masks too.
#[derive(Clone)]
pub struct CutMix {
    images: Images,
    factor: Factor,
}

impl CutMix {
    /// A layer that cuts rectangles of all sizes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            factor: 1.0.into(),
        }
    }

    /// The range of the parameter `a`, from 0 (images are exchanged or stay) to 1 (all sizes are equally probable); a
    /// number `f` is 0 to f. Default: 1.
    #[must_use]
    pub fn factor(mut self, factor: impl Into<Factor>) -> Self {
        self.factor = factor.into();
        self
    }

    fn check(&self) -> Result<()> {
        self.factor.check("CutMix: factor", 0.0, 1.0)
    }

    fn add_to(&self, config: Config) -> Config {
        config.with("factor", self.factor.ends(0.0).to_vec())
    }
}

impl Augment for CutMix {
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>> {
        let batch = images.shape()[0];
        let [low, high] = self.factor.ends(0.0);
        // The parameter must be above 0.
        let alpha = randomness.uniform([])? * (high - low) + (low + 1e-6);
        let weight = symmetric_beta(randomness, [batch, 1, 1, 1], &alpha)?;
        let part = (1.0 - weight).sqrt().cast(images.dtype());
        let [left, right] = patch::ends(images, randomness, 2, &part)?;
        let [top, bottom] = patch::ends(images, randomness, 1, &part)?;
        let order = permutation(randomness, batch)?;
        Ok(vec![order, 1.0 - part.square(), top, bottom, left, right])
    }

    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        let is_inside = patch::inside(images, [&drawn[2], &drawn[3], &drawn[4], &drawn[5]]);
        Ok(is_inside.select(images.take(&drawn[0], 0), images))
    }

    fn apply_to_labels(&self, labels: &Tensor, drawn: &[Tensor]) -> Result<Tensor> {
        mixed_labels(
            ENTRY.class_name,
            labels,
            &drawn[0],
            &drawn[1].cast(DType::F32),
        )
    }
}

impl Default for CutMix {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(augment CutMix, seed);
