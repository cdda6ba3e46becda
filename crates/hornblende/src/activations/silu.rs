//! Swish.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["silu", "swish"],
    call: silu,
    kinks: &[],
};

/// `x * sigmoid(x)`; also called `swish`.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::silu(&Tensor::from([0.0f32, -1e4, 1e4])).to_vec::<f32>()?, [0.0, 0.0, 1e4]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn silu(x: &Tensor) -> Tensor {
    x * x.logistic()
}
