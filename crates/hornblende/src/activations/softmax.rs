//! Softmax.

use hornblende_core::{Axes, Tensor};

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["softmax"],
    call: |x| softmax(x, -1),
    kinks: &[],
};

/// `exp(x) / sum(exp(x))` along `axis`; Keras's default is -1. See [`crate::ops::softmax`].
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::softmax(&Tensor::from([1.0f32, 1.0]), -1).to_vec::<f32>()?, [0.5, 0.5]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn softmax(x: &Tensor, axis: impl Into<Axes>) -> Tensor {
    ops::softmax(x, axis)
}
