//! Squareplus.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["squareplus"],
    call: |x| squareplus(x, 4.0),
    kinks: &[],
};

/// `(x + sqrt(x^2 + b)) / 2`; Keras's default `b` is 4.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::squareplus(&Tensor::from(0.0f32), 4.0).item::<f32>()?, 1.0);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn squareplus(x: &Tensor, b: f64) -> Tensor {
    (x + (x.square() + b).sqrt()) * 0.5
}
