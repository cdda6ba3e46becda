//! Tanh shrink.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["tanh_shrink"],
    call: tanh_shrink,
    kinks: &[],
};

/// `x - tanh(x)`.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::tanh_shrink(&Tensor::from([0.0f32, 1e4])).to_vec::<f32>()?, [0.0, 9999.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn tanh_shrink(x: &Tensor) -> Tensor {
    x - x.tanh()
}
