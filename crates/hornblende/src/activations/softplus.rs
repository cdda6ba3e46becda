//! The smooth rectifier.

use hornblende_core::Tensor;

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["softplus"],
    call: softplus,
    kinks: &[],
};

/// `log(1 + exp(x))`; see [`crate::ops::softplus`].
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::softplus(&Tensor::from([1e4f32, -1e4])).to_vec::<f32>()?, [1e4, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn softplus(x: &Tensor) -> Tensor {
    ops::softplus(x)
}
