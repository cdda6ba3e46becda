//! Sparse rectifier.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["sparse_plus"],
    call: sparse_plus,
    kinks: &[],
};

/// 0 up to -1, `(x + 1)^2 / 4` up to 1, `x` from there on.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::sparse_plus(&Tensor::from([-2.0f32, 0.0, 2.0])).to_vec::<f32>()?, [0.0, 0.25, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn sparse_plus(x: &Tensor) -> Tensor {
    let middle = (x + 1.0).square() * 0.25;
    let above = x.less(1.0).select(middle, x);
    x.less_equal(-1.0).select(0.0, above)
}
