//! How far predictions are from labels, one number a sample: what a loss and a metric have in common.
//!
//! Every function takes `y_true` and `y_pred` of one shape, or of ranks that differ by a last axis of size 1,
//! and reduces the last axis.

use hornblende_core::{Axes, Tensor};

use super::{EPSILON, at_least, invalid, normalize, same_shapes, softplus, within};

/// `mean((y_pred - y_true)^2)` over the last axis: one number a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("mean_squared_error", y_true, y_pred, |t, p| {
        (p - t).square().mean(-1)
    })
}

/// `mean(|y_pred - y_true|)` over the last axis: one number a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn mean_absolute_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("mean_absolute_error", y_true, y_pred, |t, p| {
        (p - t).abs().mean(-1)
    })
}

/// `100 mean(|y_true - y_pred| / max(|y_true|, 1e-7))` over the last axis: one number a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn mean_absolute_percentage_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("mean_absolute_percentage_error", y_true, y_pred, |t, p| {
        ((t - p) / at_least(&t.abs(), EPSILON)).abs().mean(-1) * 100.0
    })
}

/// `mean((log(1 + y_pred) - log(1 + y_true))^2)` over the last axis, numbers below 1e-7 counting as 1e-7: one
/// number a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn mean_squared_logarithmic_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("mean_squared_logarithmic_error", y_true, y_pred, |t, p| {
        let logarithm = |x| at_least(x, EPSILON).log1p();
        (logarithm(p) - logarithm(t)).square().mean(-1)
    })
}

/// `mean(log(cosh(y_pred - y_true)))` over the last axis: one number a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn log_cosh(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("log_cosh", y_true, y_pred, |t, p| {
        let x = p - t;
        // log(cosh(x)) = x + log(1 + exp(-2 x)) - log(2), in which nothing overflows.
        (&x + softplus(&(&x * -2.0)) - std::f64::consts::LN_2).mean(-1)
    })
}

/// The cosine of the angle between `y_true` and `y_pred` along the axes: 1 for one direction, -1 for
/// opposite ones, 0 where either is zeros. One number a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub(crate) fn cosine(y_true: &Tensor, y_pred: &Tensor, axis: &Axes) -> Tensor {
    compared("cosine_similarity", y_true, y_pred, |t, p| {
        (normalize(t, axis.clone()) * normalize(p, axis.clone())).sum(axis.clone())
    })
}

/// `sum(y_true log(y_true / y_pred))` over the last axis, both clipped to `[1e-7, 1]`: one number a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn kl_divergence(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("kl_divergence", y_true, y_pred, |t, p| {
        let (t, p) = (within(t, EPSILON, 1.0), within(p, EPSILON, 1.0));
        (&t * (&t / p).log()).sum(-1)
    })
}

/// `mean(y_pred - y_true log(y_pred + 1e-7))` over the last axis: one number a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn poisson(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("poisson", y_true, y_pred, |t, p| {
        (p - t * (p + EPSILON).log()).mean(-1)
    })
}

/// `mean(max(1 - y_true y_pred, 0))` over the last axis, for labels of -1 and 1 or of 0 and 1: one number a
/// sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn hinge(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("hinge", y_true, y_pred, |t, p| {
        missing_margin(t, p).mean(-1)
    })
}

/// `mean(max(1 - y_true y_pred, 0)^2)` over the last axis, for labels of -1 and 1 or of 0 and 1: one number a
/// sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn squared_hinge(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("squared_hinge", y_true, y_pred, |t, p| {
        missing_margin(t, p).square().mean(-1)
    })
}

/// `max(max((1 - y_true) y_pred) - sum(y_true y_pred) + 1, 0)` over the last axis, for one-hot labels: one
/// number a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn categorical_hinge(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    compared("categorical_hinge", y_true, y_pred, |t, p| {
        let right = (t * p).sum(-1);
        let best_wrong = ((1.0 - t) * p).max(-1);
        at_least(&(best_wrong - right + 1.0), 0.0)
    })
}

/// What `f` makes of the two in one shape and type.
#[track_caller]
fn compared(
    subject: &str,
    y_true: &Tensor,
    y_pred: &Tensor,
    f: impl FnOnce(&Tensor, &Tensor) -> Tensor,
) -> Tensor {
    match same_shapes(subject, y_true, y_pred) {
        Ok((y_true, y_pred)) => f(&y_true, &y_pred),
        Err(error) => invalid(error),
    }
}

/// `max(1 - y_true y_pred, 0)`. If all labels of the batch are 0 or 1, 0 counts as -1.
#[track_caller]
fn missing_margin(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let is_binary = y_true.equal(0.0).logical_or(y_true.equal(1.0)).all(..);
    let signs = is_binary.select(y_true * 2.0 - 1.0, y_true);
    at_least(&(1.0 - signs * y_pred), 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_on_the_margin_have_a_gradient() {
        let (y_true, y_pred) = (
            Tensor::from([[1.0f32, -1.0]]),
            Tensor::from([[1.0f32, -1.0]]),
        );
        let gradient = hinge(&y_true, &y_pred).gradients(&[y_pred])[0].to_vec::<f32>();
        assert_eq!(gradient.unwrap(), [-0.5, 0.5]);
    }

    #[test]
    fn labels_of_0_and_1_become_signs_only_if_the_whole_batch_has_them() {
        let y_pred = Tensor::from([[0.5f32], [0.5]]);
        let of = |labels: [[f32; 1]; 2]| hinge(&Tensor::from(labels), &y_pred).to_vec::<f32>();
        assert_eq!(of([[0.0], [1.0]]).unwrap(), [1.5, 0.5]);
        assert_eq!(of([[0.0], [2.0]]).unwrap(), [1.0, 0.0]);
    }

    #[test]
    fn the_logarithm_of_a_huge_hyperbolic_cosine_is_finite_and_its_slope_1() {
        let (y_true, y_pred) = (
            Tensor::from([[0.0f32, 0.0]]),
            Tensor::from([[1e4f32, -1e4]]),
        );
        let loss = log_cosh(&y_true, &y_pred);
        assert_eq!(loss.item::<f32>().unwrap(), 1e4 - 2f32.ln());
        let gradient = loss.gradients(&[y_pred])[0].to_vec::<f32>().unwrap();
        assert_eq!(gradient, [0.5, -0.5]);
    }

    #[test]
    fn nan_in_a_prediction_is_not_hidden() {
        let (y_true, y_pred) = (Tensor::from([[1.0f32]]), Tensor::from([[f32::NAN]]));
        let measures = [
            mean_absolute_percentage_error,
            mean_squared_logarithmic_error,
            kl_divergence,
            hinge,
            categorical_hinge,
        ];
        for measure in measures {
            assert!(measure(&y_true, &y_pred).item::<f32>().unwrap().is_nan());
        }
    }
}
