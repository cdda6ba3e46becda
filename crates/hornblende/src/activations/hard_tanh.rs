//! The hyperbolic tangent made of straight lines.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["hard_tanh"],
    call: hard_tanh,
    kinks: &[-1.0, 1.0],
};

/// `x` between -1 and 1, which it never leaves.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::hard_tanh(&Tensor::from([-4.0f32, 0.5])).to_vec::<f32>()?, [-1.0, 0.5]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn hard_tanh(x: &Tensor) -> Tensor {
    x.clip(-1.0, 1.0)
}
