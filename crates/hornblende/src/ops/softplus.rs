//! The smooth rectifier.

use hornblende_core::Tensor;

use super::as_float;

/// `log(1 + exp(x))`, without overflow: 0 at -infinity, `x` for large `x`. Its gradient is the sigmoid.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// assert_eq!(ops::softplus(&Tensor::from([1e4f32, -1e4])).to_vec::<f32>()?, [1e4, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn softplus(x: &Tensor) -> Tensor {
    let x = as_float(x);
    // Two selects by one predicate, rather than the rectifier and the absolute value, make the gradient
    // right at 0 as well: 1 - 1/2.
    let is_positive = x.greater_equal(0.0);
    let rest = is_positive.select(-&x, &x).exp().log1p();
    is_positive.select(&x, 0.0) + rest
}
