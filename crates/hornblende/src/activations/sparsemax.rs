//! Sparsemax.

use hornblende_core::Tensor;

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["sparsemax"],
    call: |x| sparsemax(x, -1),
    kinks: &[],
};

/// The point of the simplex nearest to `x` along `axis`: like the softmax, but with exact zeros
/// (Martins and Astudillo 2016, arXiv:1602.02068). Keras's default `axis` is -1.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::sparsemax(&Tensor::from([2.0f32, 0.0, 1.5]), -1).to_vec::<f32>()?, [0.75, 0.0, 0.25]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn sparsemax(x: &Tensor, axis: isize) -> Tensor {
    Tensor::lift(&[&ops::as_float(x)], move |x| {
        let dtype = x[0].dtype();
        let axis = match x[0].shape().axis("sparsemax", axis) {
            Ok(axis) => axis,
            Err(error) => return ops::invalid(error),
        };
        let along = axis as isize;
        let sorted = x[0].sort(along, true);
        let ranks = Tensor::iota(x[0].shape().clone(), axis, dtype) + 1.0;
        let sums = sorted.cumsum(along);
        // The support is the longest head of the sorted row in which every entry stays above 0.
        let support = (1.0 + &ranks * &sorted).greater(&sums).cast(dtype);
        let size = support.sum_keepdims(along);
        let total = (&sorted * &support).sum_keepdims(along);
        ops::relu(&(&x[0] - (total - 1.0) / size))
    })
}
