//! Mish.

use hornblende_core::Tensor;

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["mish"],
    call: mish,
    kinks: &[],
};

/// `x * tanh(softplus(x))`.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::mish(&Tensor::from([0.0f32, 1e4])).to_vec::<f32>()?, [0.0, 1e4]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn mish(x: &Tensor) -> Tensor {
    x * ops::softplus(x).tanh()
}
