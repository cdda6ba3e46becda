//! Scaling vectors to length 1.

use hornblende_core::{Axes, Tensor};

use super::{EPSILON, as_float};

/// `x / |x|` along the axes: vectors of length 1. Those shorter than 1e-7 are divided by 1e-7 instead, so
/// that zeros stay zeros.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let x = ops::normalize(&Tensor::from([[3.0f32, 4.0], [0.0, 0.0]]), -1);
/// assert_eq!(x.to_vec::<f32>()?, [0.6, 0.8, 0.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn normalize(x: &Tensor, axis: impl Into<Axes>) -> Tensor {
    normalize_above(x, axis, EPSILON)
}

/// As [`normalize`], with another shortest length that is divided by.
#[track_caller]
pub(crate) fn normalize_above(x: &Tensor, axis: impl Into<Axes>, shortest: f64) -> Tensor {
    let axes = axis.into();
    Tensor::lift(&[&as_float(x)], move |x| {
        let squares = x[0].square().sum_keepdims(axes.clone());
        let is_tiny = squares.less(shortest * shortest);
        // The root is taken of something harmless where it is not used: its gradient at 0 is infinite.
        let scale = is_tiny.select(1.0, &squares).rsqrt();
        &x[0] * is_tiny.select(1.0 / shortest, scale)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_at_a_vector_of_zeros_is_finite() {
        let x = Tensor::from([[0.0f32, 0.0]]);
        let y = normalize(&x, -1);
        assert_eq!(y.to_vec::<f32>().unwrap(), [0.0, 0.0]);
        let gradient = y.gradients(&[x])[0].to_vec::<f32>().unwrap();
        assert_eq!(gradient, [1e7, 1e7]);
    }
}
