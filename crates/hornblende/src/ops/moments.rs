//! Mean and variance in one pass.

use hornblende_core::{Axes, Tensor};

use super::as_float;

/// Mean and variance (of the population) along the axes, which stay with size 1.
///
/// Both come from sums over the distances from one entry, `d = x - x[first]`: the mean is `x[first] + mean(d)`,
/// the variance `mean(d²) - mean(d)²`. So the data are read once, and the difference cancels only what lies
/// between that entry and the mean, however far both are from 0. Of `n` entries the relative error of the
/// variance is at most about `n` roundings, and about one unless that entry is an outlier.
///
/// # At the edges
/// NaN of no entries at all; NaN for a row with NaN or infinity in it.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let (mean, variance) = ops::moments(&Tensor::from([[1e6f32, 1e6 + 2.0]]), -1);
/// assert_eq!((mean.item::<f32>()?, variance.item::<f32>()?), (1e6 + 1.0, 1.0));
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn moments(x: &Tensor, axes: impl Into<Axes>) -> (Tensor, Tensor) {
    let (x, axes) = (as_float(x), axes.into());
    if x.is_symbolic() {
        let of = |pick: fn((Tensor, Tensor)) -> Tensor| {
            let axes = axes.clone();
            Tensor::lift(&[&x], move |x| pick(of_known(&x[0], &axes)))
        };
        return (of(|(mean, _)| mean), of(|(_, variance)| variance));
    }
    of_known(&x, &axes)
}

#[track_caller]
fn of_known(x: &Tensor, axes: &Axes) -> (Tensor, Tensor) {
    let Ok(places) = axes.resolve("moments", x.shape()) else {
        // The reduction tells which axis there is not.
        let mean = x.mean_keepdims(axes.clone());
        return (mean.clone(), mean);
    };
    let first = |x: &Tensor, axis: &usize| match x.shape()[*axis] {
        0 => x.sum_keepdims(*axis as isize),
        _ => x.slice_axis(*axis as isize, 0..1),
    };
    // The results do not depend on the entry that is taken away, so it takes no gradient.
    let shift = places
        .iter()
        .fold(x.clone(), |x, axis| first(&x, axis))
        .stop_gradient();
    let distance = x - &shift;
    let mean = distance.mean_keepdims(axes.clone());
    let variance = distance.square().mean_keepdims(axes.clone()) - mean.square();
    (mean + shift, variance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hornblende_core::testing::check_gradient;
    use hornblende_core::{DType, Value};

    fn spread(shape: [usize; 3], offset: f64) -> Value {
        let number = |k: usize| ((k as f64 + 0.3) * 0.618_033_988_749_894_9).fract() + offset;
        let len: usize = shape.iter().product();
        Value::from_vec(shape, (0..len).map(number).collect()).unwrap()
    }

    #[test]
    fn the_moments_are_those_of_the_definition_far_from_zero_too() {
        for axes in [Axes::from([0, 2]), Axes::from(-1), Axes::All] {
            let exact = Tensor::from(spread([3, 4, 5], 1000.0).convert(DType::F32));
            let exact = exact.cast(DType::F64);
            let (mean, variance) = moments(&exact.cast(DType::F32), axes.clone());
            let wanted = [exact.mean(axes.clone()), exact.variance(axes.clone())];
            for (got, wanted) in [mean, variance].iter().zip(&wanted) {
                let (got, wanted) = (
                    got.to_vec::<f64>().unwrap(),
                    wanted.to_vec::<f64>().unwrap(),
                );
                for (got, wanted) in got.iter().zip(&wanted) {
                    // Some roundings to F32 of sums of 60 terms.
                    assert!(
                        (got - wanted).abs() <= 1e-6 * wanted.abs(),
                        "{got} {wanted}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_gradients_are_those_of_the_definition() {
        for axes in [Axes::from([0, 2]), Axes::from(-1)] {
            let f = |x: &[Tensor]| {
                let (mean, variance) = moments(&x[0], axes.clone());
                mean.sin() * variance.sqrt()
            };
            check_gradient("moments", &[spread([2, 3, 4], 0.5)], 1e-8, f).unwrap();
        }
    }

    #[test]
    fn equal_entries_have_no_variance_and_no_entries_none_that_is_a_number() {
        let (mean, variance) = moments(&Tensor::full([2, 3], 0.1, DType::F32), -1);
        assert_eq!(mean.to_vec::<f32>().unwrap(), [0.1, 0.1]);
        assert_eq!(variance.to_vec::<f32>().unwrap(), [0.0, 0.0]);
        let (mean, _) = moments(&Tensor::zeros([0, 2], DType::F32), 0);
        assert!(mean.to_vec::<f32>().unwrap().iter().all(|m| m.is_nan()));
    }
}
