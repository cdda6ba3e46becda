//! Limits of values whose gradients are TensorFlow's at the limit and at NaN.

use hornblende_core::Tensor;

/// `x` where it is at least `low`, else `low`; NaN stays NaN. The gradient is 1 from `low` on, 0 below and at
/// NaN. ([`Tensor::maximum`] would share it where both are equal.)
#[track_caller]
pub(crate) fn at_least(x: &Tensor, low: f64) -> Tensor {
    let rest = x.stop_gradient().maximum(low);
    x.greater_equal(low).select(x, rest)
}

/// `x` moved into `low..=high`; NaN stays NaN. The gradient is 1 inside and at the limits, 0 outside and at NaN.
#[track_caller]
pub(crate) fn within(x: &Tensor, low: f64, high: f64) -> Tensor {
    let is_inside = x.greater_equal(low).logical_and(x.less_equal(high));
    let rest = x.stop_gradient().maximum(low).minimum(high);
    is_inside.select(x, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_count_as_inside_and_nan_stays_without_a_gradient() {
        let x = Tensor::from([-1.0f32, 0.0, 0.5, 1.0, 2.0, f32::NAN]);
        for (limited, slopes, values) in [
            (
                at_least(&x, 0.0),
                [0.0, 1.0, 1.0, 1.0, 1.0, 0.0],
                [0.0, 0.0, 0.5, 1.0, 2.0],
            ),
            (
                within(&x, 0.0, 1.0),
                [0.0, 1.0, 1.0, 1.0, 0.0, 0.0],
                [0.0, 0.0, 0.5, 1.0, 1.0],
            ),
        ] {
            let got = limited.to_vec::<f32>().unwrap();
            assert_eq!(got[..5], values);
            assert!(got[5].is_nan());
            let gradient = limited.gradients(std::slice::from_ref(&x));
            assert_eq!(gradient[0].to_vec::<f32>().unwrap(), slopes);
        }
    }
}
