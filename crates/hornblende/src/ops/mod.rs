//! Operations that are composed of primitives, under the names of `keras.ops`.
//!
//! Each is numerically safe where the plain formula is not, and works on the symbolic tensors of a
//! functional model as well.

mod crossentropy;
mod divide_no_nan;
mod einsum;
mod limits;
mod match_ranks;
pub(crate) mod measures;
mod moments;
mod normalize;
mod random_normal;
mod relu;
mod sigmoid;
mod softmax;
mod softplus;

pub(crate) use crossentropy::clip_probability;
pub use crossentropy::{
    binary_crossentropy, categorical_crossentropy, smooth_labels, sparse_categorical_crossentropy,
};
pub use divide_no_nan::divide_no_nan;
pub use einsum::einsum;
pub(crate) use limits::{at_least, within};
pub use match_ranks::{match_ranks, same_shapes};
pub use moments::moments;
pub use normalize::normalize;
pub(crate) use normalize::normalize_above;
pub use random_normal::random_normal;
pub use relu::relu;
pub use sigmoid::sigmoid;
pub use softmax::{log_softmax, logsumexp, softmax};
pub use softplus::softplus;

use std::panic::Location;

use hornblende_core::{DType, Error, Tensor, scope};

/// Keras's small number that keeps logarithms and divisions finite: `keras.backend.epsilon()`.
pub const EPSILON: f64 = 1e-7;

/// The class numbers as rows with a 1 at the class and 0 elsewhere; all 0 for a class out of range.
///
/// # Shapes
/// `x`: any; returns the same with `num_classes` entries along a new last axis.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let rows = ops::one_hot(&Tensor::from([1i32, 0]), 3);
/// assert_eq!(rows.to_vec::<f32>()?, [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn one_hot(x: &Tensor, num_classes: usize) -> Tensor {
    x.one_hot(num_classes, DType::F32)
}

/// The tensor itself if it has floating-point elements, else converted to `F32`.
#[track_caller]
pub(crate) fn as_float(x: &Tensor) -> Tensor {
    if x.dtype().is_float() {
        x.clone()
    } else {
        x.cast(DType::F32)
    }
}

/// A tensor that carries this error with the user's line and layer.
#[track_caller]
pub(crate) fn invalid(error: Error) -> Tensor {
    let location = scope::location(Location::caller());
    Tensor::invalid(scope::blame(error, location))
}
