//! Making ranks agree that differ by a last axis of size 1.

use hornblende_core::{Error, Result, Tensor};

use super::as_float;

/// Matches ranks that differ by one: a last axis of size 1 is dropped, or a new one made.
///
/// Without it `[n]` beside `[n, 1]` would broadcast to `[n, n]`.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let (a, b) = ops::match_ranks(&Tensor::from([1.0f32, 2.0]), &Tensor::from([[1.0f32], [2.0]]));
/// assert_eq!((a.shape().dims(), b.shape().dims()), (&[2, 1][..], &[2, 1][..]));
/// ```
#[track_caller]
#[must_use]
pub fn match_ranks(a: &Tensor, b: &Tensor) -> (Tensor, Tensor) {
    let last_is_one = |t: &Tensor| t.shape().dims().last() == Some(&1);
    match (a.rank(), b.rank()) {
        (ra, rb) if ra == rb + 1 && last_is_one(a) => match rb {
            1 => (a.clone(), b.expand_dims(-1)),
            _ => (a.squeeze(-1), b.clone()),
        },
        (ra, rb) if ra + 1 == rb && last_is_one(b) => match ra {
            1 => (a.expand_dims(-1), b.clone()),
            _ => (a.clone(), b.squeeze(-1)),
        },
        _ => (a.clone(), b.clone()),
    }
}

/// Both with one shape and the type of `y_pred`; ranks that differ by a last axis of size 1 are matched.
///
/// # Errors
/// [`Error::ShapeMismatch`] if the shapes differ otherwise.
#[track_caller]
pub fn same_shapes(subject: &str, y_true: &Tensor, y_pred: &Tensor) -> Result<(Tensor, Tensor)> {
    let y_pred = as_float(y_pred);
    let (y_true, y_pred) = match_ranks(&y_true.cast(y_pred.dtype()), &y_pred);
    if y_true.shape() == y_pred.shape() {
        return Ok((y_true, y_pred));
    }
    Err(Error::shape_mismatch(
        subject,
        format!("y_true of the shape of y_pred, {}", y_pred.shape()),
        y_true.shape().to_string(),
        "",
    ))
}
