//! The rectifier that stops at 6.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["relu6"],
    call: relu6,
    kinks: &[0.0, 6.0],
};

/// `min(max(x, 0), 6)`. The gradient at 0 and at 6 is 0.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::relu6(&Tensor::from([-1.0f32, 3.0, 9.0])).to_vec::<f32>()?, [0.0, 3.0, 6.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn relu6(x: &Tensor) -> Tensor {
    let above = x.greater_equal(6.0).select(6.0, x);
    x.less_equal(0.0).select(0.0, above)
}
