//! The logarithm of the softmax.

use hornblende_core::{Axes, Tensor};

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["log_softmax"],
    call: |x| log_softmax(x, -1),
    kinks: &[],
};

/// `log(softmax(x))` along `axis`; Keras's default is -1. See [`crate::ops::log_softmax`].
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::log_softmax(&Tensor::from([0.0f32, -1e4]), -1).to_vec::<f32>()?, [0.0, -1e4]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn log_softmax(x: &Tensor, axis: impl Into<Axes>) -> Tensor {
    ops::log_softmax(x, axis)
}
