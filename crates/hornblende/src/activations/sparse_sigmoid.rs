//! Sparse sigmoid.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["sparse_sigmoid"],
    call: sparse_sigmoid,
    kinks: &[-1.0, 1.0],
};

/// 0 up to -1, `(x + 1) / 2` up to 1, 1 from there on.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::sparse_sigmoid(&Tensor::from([-2.0f32, 0.0, 2.0])).to_vec::<f32>()?, [0.0, 0.5, 1.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn sparse_sigmoid(x: &Tensor) -> Tensor {
    let above = x.greater_equal(1.0).select(1.0, (x + 1.0) * 0.5);
    x.less_equal(-1.0).select(0.0, above)
}
