//! The sigmoid.

use hornblende_core::Tensor;

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["sigmoid"],
    call: sigmoid,
    kinks: &[],
};

/// `1 / (1 + exp(-x))`; see [`crate::ops::sigmoid`].
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::sigmoid(&Tensor::from(0.0f32)).item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn sigmoid(x: &Tensor) -> Tensor {
    ops::sigmoid(x)
}
