//! The logistic function.

use hornblende_core::Tensor;

use super::as_float;

/// `1 / (1 + exp(-x))`, without overflow: 0 at -infinity, 1 at infinity.
///
/// The result carries the remark `sigmoid_logits` = `x`, from which a binary crossentropy computes what
/// the rounded probability no longer tells.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// assert_eq!(ops::sigmoid(&Tensor::from([0.0f32, -1e4])).to_vec::<f32>()?, [0.5, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn sigmoid(x: &Tensor) -> Tensor {
    Tensor::lift(&[&as_float(x)], |x| {
        x[0].logistic().with_remark("sigmoid_logits", &x[0])
    })
}
