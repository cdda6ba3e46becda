//! The hyperbolic tangent.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["tanh"],
    call: tanh,
    kinks: &[],
};

/// `tanh(x)`.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::tanh(&Tensor::from([0.0f32, 1e4])).to_vec::<f32>()?, [0.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn tanh(x: &Tensor) -> Tensor {
    x.tanh()
}
