//! Division that gives 0 where it would give NaN.

use hornblende_core::Tensor;

/// `a / b`, and 0 where `b` is 0, in value and gradient.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let q = ops::divide_no_nan(&Tensor::from([1.0f32, 2.0]), &Tensor::from([0.0f32, 4.0]));
/// assert_eq!(q.to_vec::<f32>()?, [0.0, 0.5]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn divide_no_nan(a: &Tensor, b: &Tensor) -> Tensor {
    let zero = b.equal(0.0);
    // The divisor is replaced as well, because 0 times the infinite gradient of the division is NaN.
    zero.select(0.0, a / zero.select(1.0, b))
}
