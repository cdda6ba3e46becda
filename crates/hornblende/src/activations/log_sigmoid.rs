//! The logarithm of the sigmoid.

use hornblende_core::Tensor;

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["log_sigmoid"],
    call: log_sigmoid,
    kinks: &[],
};

/// `log(1 / (1 + exp(-x)))`, without overflow: `x` for very negative `x`.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::log_sigmoid(&Tensor::from([-1e4f32, 1e4])).to_vec::<f32>()?, [-1e4, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn log_sigmoid(x: &Tensor) -> Tensor {
    -ops::softplus(&-x)
}
