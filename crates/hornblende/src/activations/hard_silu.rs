//! The swish made of a hard sigmoid.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["hard_silu", "hard_swish"],
    call: hard_silu,
    kinks: &[-3.0, 3.0],
};

/// `x * hard_sigmoid(x)`; also called `hard_swish`.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::hard_silu(&Tensor::from([-4.0f32, 4.0])).to_vec::<f32>()?, [0.0, 4.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn hard_silu(x: &Tensor) -> Tensor {
    x * super::hard_sigmoid(x)
}
