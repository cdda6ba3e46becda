//! The exponential.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["exponential"],
    call: exponential,
    kinks: &[],
};

/// `exp(x)`.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::exponential(&Tensor::from(0.0f32)).item::<f32>()?, 1.0);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn exponential(x: &Tensor) -> Tensor {
    x.exp()
}
