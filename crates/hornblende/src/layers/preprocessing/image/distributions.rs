// tidy: not an item
//! Random numbers that are not uniform.

use std::f64::consts::TAU;

use hornblende_core::{DType, Result, Shape, Tensor};

use crate::layers::randomness::Randomness;
use crate::ops;

/// Numbers of the beta distribution with both parameters `alpha`, a scalar above 0, in single precision.
///
/// `t = sqrt((u^(-1 / alpha) - 1)) cos(2 pi v)`, with uniform `u` and `v`, is Student's with `2 alpha` degrees of freedom
/// but for a factor (Bailey 1994, "Polar generation of random variates with the t-distribution"), and
/// `(1 + t / sqrt(1 + t^2)) / 2` has the beta distribution. With `q = u^(1 / alpha)`, nothing overflows for small `alpha`.
pub(super) fn symmetric_beta(
    randomness: &Randomness,
    shape: impl Into<Shape>,
    alpha: &Tensor,
) -> Result<Tensor> {
    let shape = shape.into();
    // 1 - u lies in (0, 1], where the logarithm is finite.
    let logarithm = (1.0 - randomness.uniform(shape.clone())?).log() / alpha;
    let cosine = (randomness.uniform(shape)? * TAU).cos();
    let away = -logarithm.expm1() * cosine.square();
    let distance = (&away / (&away + logarithm.exp()).maximum(f64::from(f32::MIN_POSITIVE))).sqrt();
    Ok((cosine.sign() * distance + 1.0) * 0.5)
}

/// So many numbers of the Dirichlet distribution with all parameters `alpha`, above 0: from 0 to 1, with the sum 1, in
/// single precision. They are numbers of the gamma distribution divided by their sum.
pub(super) fn symmetric_dirichlet(
    randomness: &Randomness,
    numbers: usize,
    alpha: f64,
) -> Result<Tensor> {
    Ok(ops::softmax(
        &log_gamma_numbers(randomness, numbers, alpha)?,
        -1,
    ))
}

/// The tries of which the first good one counts. One is bad with a probability below 1/20, and if all were, in one of
/// 10^10 draws, the last would count.
const TRIES: usize = 8;

/// The logarithms of numbers of the gamma distribution.
///
/// By Marsaglia and Tsang 2000, "A Simple Method for Generating Gamma Variables", for `alpha + 1`; times `u^(1 / alpha)`
/// the numbers have the parameter `alpha`.
fn log_gamma_numbers(randomness: &Randomness, numbers: usize, alpha: f64) -> Result<Tensor> {
    let d = alpha + 1.0 - 1.0 / 3.0;
    let normal = randomness.normal([TRIES, numbers])?;
    let root = &normal * (1.0 / (9.0 * d).sqrt()) + 1.0;
    let is_positive = root.greater(0.0);
    let log_cube = is_positive.select(&root, 1.0).log() * 3.0;
    let bound = normal.square() * 0.5 + (&log_cube - log_cube.exp() + 1.0) * d;
    let log_uniform = |shape: Shape| Ok((1.0 - randomness.uniform(shape)?).log());
    let is_good = log_uniform(Shape::from([TRIES, numbers]))?.less(bound);
    let is_good = is_good.logical_and(is_positive);
    let row = |x: &Tensor, k: usize| x.slice(k..k + 1).reshape_to([numbers]);
    let mut found = row(&log_cube, TRIES - 1);
    for k in (0..TRIES - 1).rev() {
        found = row(&is_good, k).select(row(&log_cube, k), found);
    }
    Ok(found + d.ln() + log_uniform(Shape::from([numbers]))? / alpha)
}

/// The numbers from 0 to `count - 1` in random order.
pub(super) fn permutation(randomness: &Randomness, count: usize) -> Result<Tensor> {
    Ok(randomness.uniform([count])?.argsort(0, false))
}

/// A whole number below `count` in each place, in single precision.
pub(super) fn choices(
    randomness: &Randomness,
    shape: impl Into<Shape>,
    count: usize,
) -> Result<Tensor> {
    let scaled = (randomness.uniform(shape)? * count as f64).floor();
    // The product can round up to the count itself.
    Ok(scaled.minimum(count as f64 - 1.0).cast(DType::F32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(numbers: &Tensor) -> [f64; 2] {
        let numbers = numbers.cast(DType::F64);
        let variance = numbers.variance(..).item::<f64>().unwrap();
        [numbers.mean(..).item::<f64>().unwrap(), variance]
    }

    #[test]
    fn beta_numbers_have_its_mean_and_variance() {
        let n = 20_000;
        for alpha in [1e-6, 0.2, 0.5, 1.0, 3.0, 200.0] {
            let mut randomness = Randomness::default();
            randomness.set_seed(1);
            let x = symmetric_beta(&randomness, [n], &Tensor::literal(alpha, DType::F32)).unwrap();
            let all = x.to_vec::<f32>().unwrap();
            assert!(all.iter().all(|x| (0.0..=1.0).contains(x)), "{alpha}");
            let [mean, variance] = moments(&x);
            let wanted = 0.25 / (2.0 * alpha + 1.0);
            // Four standard errors of the mean; those of the variance are at most sqrt(2 / n) of it.
            let error = 4.0 * (wanted / n as f64).sqrt();
            assert!((mean - 0.5).abs() < error, "{alpha}: {mean}");
            assert!(
                (variance / wanted - 1.0).abs() < 0.04,
                "{alpha}: {variance}"
            );
        }
    }

    #[test]
    fn beta_numbers_of_one_are_uniform() {
        let mut randomness = Randomness::default();
        randomness.set_seed(2);
        let one = Tensor::literal(1.0, DType::F32);
        let x = symmetric_beta(&randomness, [20_000], &one).unwrap();
        let mut all = x.to_vec::<f32>().unwrap();
        all.sort_by(f32::total_cmp);
        let gap = |(k, x): (usize, &f32)| (f64::from(*x) - (k as f64 + 0.5) / 20_000.0).abs();
        let largest = all.iter().enumerate().map(gap).fold(0.0, f64::max);
        // Kolmogorov and Smirnov: above 1.63 / sqrt(n) in one of a hundred cases.
        assert!(largest < 1.63 / 20_000f64.sqrt(), "{largest}");
    }

    #[test]
    fn dirichlet_numbers_have_the_sum_one_and_its_variance() {
        let (draws, k) = (2_000, 4);
        for alpha in [0.1, 1.0, 5.0] {
            let mut randomness = Randomness::default();
            randomness.set_seed(3);
            let draw = |_| symmetric_dirichlet(&randomness, k, alpha).unwrap();
            let all: Vec<Vec<f32>> = (0..draws)
                .map(|draw_number: usize| draw(draw_number).to_vec::<f32>().unwrap())
                .collect();
            // Rounding of four terms.
            assert!(
                all.iter()
                    .all(|x| (x.iter().sum::<f32>() - 1.0).abs() < 1e-6)
            );
            let mean = |f: &dyn Fn(f64) -> f64| {
                all.iter().map(|x| f(f64::from(x[0]))).sum::<f64>() / draws as f64
            };
            let variance = mean(&|x| (x - 0.25).powi(2));
            let wanted = 0.25 * 0.75 / (alpha * k as f64 + 1.0);
            // Four standard errors of the mean; the variance is a mean of fewer effective numbers.
            let error = 4.0 * (wanted / draws as f64).sqrt();
            assert!((mean(&|x| x) - 0.25).abs() < error, "{alpha}");
            assert!((variance / wanted - 1.0).abs() < 0.2, "{alpha}: {variance}");
        }
    }

    #[test]
    fn a_permutation_has_each_number_once() {
        let mut randomness = Randomness::default();
        randomness.set_seed(4);
        let mut all = permutation(&randomness, 50)
            .unwrap()
            .to_vec::<i32>()
            .unwrap();
        assert_ne!(all, (0..50).collect::<Vec<i32>>());
        all.sort_unstable();
        assert_eq!(all, (0..50).collect::<Vec<i32>>());
    }
}
