// tidy: not an item
//! Random rectangles of images.

use hornblende_core::{Result, Tensor};

use super::augment::per_image;
use crate::layers::randomness::Randomness;

/// The ends of a rectangle along an axis of the images, if it is so large a part of the axis, each `[batch, 1, 1, 1]`:
/// somewhere between the sides.
pub(super) fn ends(
    images: &Tensor,
    randomness: &Randomness,
    axis: usize,
    part: &Tensor,
) -> Result<[Tensor; 2]> {
    let size = images.shape()[axis] as f64;
    let length = part * size;
    let start = per_image(images, randomness, [0.0, 1.0])? * (size - &length);
    Ok([start.clone(), start + length])
}

/// True inside of the rectangle from row `top` to row `bottom` and from column `left` to column `right`, where the first
/// belongs to it and the last does not: `[batch, height, width, 1]`.
pub(super) fn inside(images: &Tensor, [top, bottom, left, right]: [&Tensor; 4]) -> Tensor {
    let dims = images.shape().dims();
    let places = |axis: usize| Tensor::iota([dims[0], dims[1], dims[2], 1], axis, images.dtype());
    let within =
        |at: Tensor, low: &Tensor, high: &Tensor| at.greater_equal(low).logical_and(at.less(high));
    within(places(1), top, bottom).logical_and(within(places(2), left, right))
}
