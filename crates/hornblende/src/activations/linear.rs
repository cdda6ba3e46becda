//! No activation.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["linear"],
    call: linear,
    kinks: &[],
};

/// `x` as it is.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::linear(&Tensor::from(2.0f32)).item::<f32>()?, 2.0);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn linear(x: &Tensor) -> Tensor {
    x.clone()
}
