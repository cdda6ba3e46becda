//! The sigmoid made of straight lines.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["hard_sigmoid"],
    call: hard_sigmoid,
    kinks: &[-3.0, 3.0],
};

/// `relu6(x + 3) / 6`: 0 up to -3, 1 from 3 on.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::hard_sigmoid(&Tensor::from([-4.0f32, 0.0, 4.0])).to_vec::<f32>()?, [0.0, 0.5, 1.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn hard_sigmoid(x: &Tensor) -> Tensor {
    super::relu6(&(x + 3.0)) / 6.0
}
