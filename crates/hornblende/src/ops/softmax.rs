//! Softmax and its relatives, safe for logits of any size.

use hornblende_core::{Axes, Tensor};

use super::as_float;

/// `exp(x) / sum(exp(x))` along the axes: numbers above 0 whose sum is 1.
///
/// The result carries the remark `softmax_logits` = `x`, from which a crossentropy computes what the
/// rounded probabilities no longer tell.
///
/// # At the edges
/// Logits of any finite size are safe; a logit of -infinity gives 0. A row of -infinity alone, or with
/// infinity or NaN in it, gives NaN.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let p = ops::softmax(&Tensor::from([[1e4f32, 1e4, -1e4]]), -1);
/// assert_eq!(p.to_vec::<f32>()?, [0.5, 0.5, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn softmax(x: &Tensor, axis: impl Into<Axes>) -> Tensor {
    let axes = axis.into();
    Tensor::lift(&[&as_float(x)], move |x| {
        let exponentials = shifted(&x[0], &axes).exp();
        let sum = exponentials.sum_keepdims(axes.clone());
        (exponentials / sum).with_remark("softmax_logits", &x[0])
    })
}

/// `log(softmax(x))`, computed without the rounding and the zeros in between.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let p = ops::log_softmax(&Tensor::from([[0.0f32, -1e4]]), -1);
/// assert_eq!(p.to_vec::<f32>()?, [0.0, -1e4]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn log_softmax(x: &Tensor, axis: impl Into<Axes>) -> Tensor {
    let axes = axis.into();
    Tensor::lift(&[&as_float(x)], move |x| {
        let shifted = shifted(&x[0], &axes);
        &shifted - shifted.exp().sum_keepdims(axes.clone()).log()
    })
}

/// `log(sum(exp(x)))` along the axes, which vanish; -infinity of nothing but -infinity.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// assert_eq!(ops::logsumexp(&Tensor::from([1e4f32, -1e4]), ..).item::<f32>()?, 1e4);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn logsumexp(x: &Tensor, axis: impl Into<Axes>) -> Tensor {
    let axes = axis.into();
    Tensor::lift(&[&as_float(x)], move |x| {
        let largest = x[0].max_keepdims(axes.clone()).stop_gradient();
        // Infinity minus infinity is NaN, so only finite maxima are taken away.
        let largest = largest.is_finite().select(&largest, 0.0);
        let rest = (&x[0] - &largest).exp().sum(axes.clone()).log();
        &rest + largest.reshape_to(rest.shape())
    })
}

/// The logits moved so that the largest is 0 and no exponential overflows. The move changes neither the
/// softmax nor its gradient, so that it stops gradients.
#[track_caller]
pub(super) fn shifted(x: &Tensor, axes: &Axes) -> Tensor {
    x - x.max_keepdims(axes.clone()).stop_gradient()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f32 = f32::INFINITY;

    #[test]
    fn logits_of_minus_infinity_have_no_probability_and_no_gradient() {
        let x = Tensor::from([[0.0f32, -INF, 0.0]]);
        let p = softmax(&x, -1);
        assert_eq!(p.to_vec::<f32>().unwrap(), [0.5, 0.0, 0.5]);
        let g = p.slice_axis(1, 0..1).gradients(&[x])[0].to_vec::<f32>();
        assert_eq!(g.unwrap(), [0.25, 0.0, -0.25]);
    }

    #[test]
    fn the_sum_of_exponentials_keeps_infinities() {
        let of = |x: [f32; 2]| logsumexp(&Tensor::from(x), ..).item::<f32>().unwrap();
        assert_eq!(of([-INF, -INF]), -INF);
        assert_eq!(of([INF, 0.0]), INF);
        assert_eq!(of([-INF, 3.0]), 3.0);
        assert!(of([f32::NAN, 0.0]).is_nan());
    }

    #[test]
    fn the_axes_may_be_several_and_integers_are_taken_as_floats() {
        let p = softmax(&Tensor::from([[1i32, 1], [1, 1]]), [0, 1]);
        assert_eq!(p.to_vec::<f32>().unwrap(), [0.25; 4]);
    }

    #[test]
    fn an_axis_that_does_not_exist_is_an_error() {
        let error = softmax(&Tensor::from([1.0f32]), 1).eval().unwrap_err();
        assert!(error.to_string().contains("axis"), "{error}");
    }
}
