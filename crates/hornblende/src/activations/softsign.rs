//! Softsign.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["softsign"],
    call: softsign,
    kinks: &[],
};

/// `x / (|x| + 1)`.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::softsign(&Tensor::from([1.0f32, -3.0])).to_vec::<f32>()?, [0.5, -0.75]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn softsign(x: &Tensor) -> Tensor {
    x / (x.abs() + 1.0)
}
