//! Gated linear unit.

use hornblende_core::{Error, Tensor};

use crate::ops;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["glu"],
    call: |x| glu(x, -1),
    kinks: &[],
};

/// The first half along `axis` times the sigmoid of the second half; Keras's default `axis` is -1.
///
/// # Shapes
/// The size of `axis` must be even; the result has half of it.
///
/// # Errors
/// [`Error::ShapeMismatch`] if the size is odd.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::glu(&Tensor::from([3.0f32, 0.0]), -1).to_vec::<f32>()?, [1.5]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn glu(x: &Tensor, axis: isize) -> Tensor {
    Tensor::lift(&[x], move |x| {
        let size = match x[0].shape().axis("glu", axis) {
            Ok(axis) => x[0].shape()[axis],
            Err(error) => return ops::invalid(error),
        };
        if size % 2 != 0 {
            return ops::invalid(Error::shape_mismatch(
                "glu",
                "an even size along the axis",
                x[0].shape().to_string(),
                "",
            ));
        }
        let (values, gates) = (
            x[0].slice_axis(axis, ..size / 2),
            x[0].slice_axis(axis, size / 2..),
        );
        values * ops::sigmoid(&gates)
    })
}
