//! Sparsemax.

use hornblende_core::Tensor;

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["sparsemax"],
    call: |x| sparsemax(x, -1),
    kinks: &[],
};

/// Sparsemax along `axis` as Keras computes it: like the softmax, but with exact zeros. Keras's default
/// `axis` is -1.
///
/// With `z` sorted in descending order, `c` its running sums, and the support the places where
/// `z_k > (c_k - 1) / k`, the result is `max(x - (sum of c over the support - 1) / size of the support, 0)`.
///
/// # Source
/// Martins and Astudillo 2016 (arXiv:1602.02068), as `keras.activations.sparsemax`. The paper takes the last
/// of the running sums in the support where Keras adds all of them up; so only with one place in the support
/// do the results add up to 1. Models trained with Keras need Keras's numbers.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::sparsemax(&Tensor::from([2.0f32, 0.0, 0.5]), -1).to_vec::<f32>()?, [1.0, 0.0, 0.0]);
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
        let support = sorted.greater((&sums - 1.0) / ranks).cast(dtype);
        let size = support.sum_keepdims(along);
        let total = (&sums * &support).sum_keepdims(along);
        ops::relu(&(&x[0] - (total - 1.0) / size))
    })
}
