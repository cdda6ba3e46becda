//! The rectifier.

use hornblende_core::Tensor;

/// `max(x, 0)`; NaN stays NaN. The gradient at 0 is 0.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// assert_eq!(ops::relu(&Tensor::from([-1.0f32, 2.0])).to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn relu(x: &Tensor) -> Tensor {
    x.less_equal(0.0).select(0.0, x)
}
