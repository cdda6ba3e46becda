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
    Tensor::lift(&[x], |x| {
        let zeros = Tensor::zeros(x[0].shape(), x[0].dtype());
        x[0].less_equal(&zeros).select(&zeros, &x[0])
    })
}
