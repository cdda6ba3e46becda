//! The rectifier.

use hornblende_core::Tensor;

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["relu"],
    call: relu,
    kinks: &[0.0],
};

/// `max(x, 0)`; NaN stays NaN. The gradient at 0 is 0. See [`relu_with`] for Keras's arguments.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::relu(&Tensor::from([-1.0f32, 2.0])).to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn relu(x: &Tensor) -> Tensor {
    ops::relu(x)
}

/// The rectifier with all of Keras's arguments: `x` above `threshold`, but at most `max_value`;
/// `negative_slope * (x - threshold)` from there down.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// let y = activations::relu_with(&Tensor::from([-1.0f32, 0.5, 9.0]), 0.5, Some(3.0), 1.0);
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, -0.25, 3.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn relu_with(
    x: &Tensor,
    negative_slope: f64,
    max_value: Option<f64>,
    threshold: f64,
) -> Tensor {
    let passed = match max_value {
        Some(limit) => x.greater_equal(limit).select(limit, x),
        None => x.clone(),
    };
    let is_below = x.less_equal(threshold);
    if negative_slope == 0.0 {
        return is_below.select(0.0, passed);
    }
    is_below.select((x - threshold) * negative_slope, passed)
}
