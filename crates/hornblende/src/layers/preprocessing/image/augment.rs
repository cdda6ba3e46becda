// tidy: not an item
//! Changes of images at random: what is drawn, and what is done with it.

use hornblende_core::{Result, Tensor};

use super::factor::Factor;
use super::images::Images;
use crate::layers::randomness::Randomness;

/// A change of images at random, made in training. What is drawn is kept apart from what is done with it, so that
/// layers such as `RandAugment` can draw for several changes and make one of them.
pub(super) trait Augment {
    /// Random numbers for images `[batch, height, width, channels]`.
    fn draw(&self, images: &Tensor, randomness: &Randomness) -> Result<Vec<Tensor>>;

    /// The images changed as the numbers say.
    fn apply(&self, images: &Tensor, drawn: &[Tensor]) -> Result<Tensor>;

    /// The map of places that the change makes, as `Projection::apply` takes it, where it makes nothing else.
    fn map(&self, _images: &Tensor, _drawn: &[Tensor]) -> Option<[Tensor; 6]> {
        None
    }

    /// The labels, `[batch, ..]`, of images that are changed as the numbers say.
    fn apply_to_labels(&self, labels: &Tensor, _drawn: &[Tensor]) -> Result<Tensor> {
        Ok(labels.clone())
    }

    /// The images, in training changed as fresh numbers say.
    fn augment(&self, images: &Tensor, randomness: &Randomness, training: bool) -> Result<Tensor> {
        if !training {
            return Ok(images.clone());
        }
        self.apply(images, &self.draw(images, randomness)?)
    }
}

/// The images and, where there are any, labels that a layer was called on, in training changed as fresh numbers say.
pub(super) fn augment_all(
    class_name: &str,
    layer: &dyn Augment,
    images: &Images,
    inputs: &[Tensor],
    training: bool,
) -> Result<Vec<Tensor>> {
    let mut drawn = Vec::new();
    let changed = images.apply(class_name, &inputs[0], |x| {
        if !training {
            return Ok(x.clone());
        }
        drawn = layer.draw(x, &images.randomness)?;
        layer.apply(x, &drawn)
    })?;
    let mut results = vec![changed];
    for labels in &inputs[1..] {
        results.push(match (training, inputs[0].rank()) {
            (false, _) => labels.clone(),
            (true, 3) => {
                let one = labels.expand_dims(0);
                layer.apply_to_labels(&one, &drawn)?.squeeze(0)
            }
            (true, _) => layer.apply_to_labels(labels, &drawn)?,
        });
    }
    Ok(results)
}

/// A random number from `low` to `high` for each image, `[batch, 1, 1, 1]`.
pub(super) fn per_image(
    images: &Tensor,
    randomness: &Randomness,
    [low, high]: [f64; 2],
) -> Result<Tensor> {
    let uniform = randomness.uniform([images.shape()[0], 1, 1, 1])?;
    Ok((uniform * (high - low) + low).cast(images.dtype()))
}

/// A random number from `low` to `high` for each image, `[batch, 1, 1]`, in single precision, as places of images are.
pub(super) fn per_place(
    images: &Tensor,
    randomness: &Randomness,
    [low, high]: [f64; 2],
) -> Result<Tensor> {
    let uniform = randomness.uniform([images.shape()[0], 1, 1])?;
    Ok(uniform * (high - low) + low)
}

/// A random number from `low` to `high` for all images, a scalar.
pub(super) fn per_batch(
    images: &Tensor,
    randomness: &Randomness,
    [low, high]: [f64; 2],
) -> Result<Tensor> {
    let uniform = randomness.uniform([])?;
    Ok((uniform * (high - low) + low).cast(images.dtype()))
}

/// Which images are changed, `[batch, 1, 1, 1]`, if the probability of each is drawn from 0 or the lower end of the
/// factor to its upper end.
pub(super) fn chosen(
    images: &Tensor,
    randomness: &Randomness,
    probability: Factor,
) -> Result<Tensor> {
    let probability = per_image(images, randomness, probability.ends(0.0))?;
    Ok(per_image(images, randomness, [0.0, 1.0])?.less(probability))
}
