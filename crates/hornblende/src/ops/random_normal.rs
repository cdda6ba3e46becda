//! Random numbers of the normal distribution.

use std::f64::consts::TAU;

use hornblende_core::{Shape, Tensor};

/// Numbers of the standard normal distribution, of a key as [`crate::random::SeedGenerator`] gives it, by the
/// method of Box and Muller.
///
/// The uniform numbers behind them have 24 bits, so that none is farther from 0 than 5.8.
///
/// # Example
/// ```
/// use hornblende::random::SeedGenerator;
/// use hornblende::{ops, prelude::*};
/// let x = ops::random_normal(&SeedGenerator::new(Some(1)).next_key()?, [1000]);
/// assert!(x.mean(..).item::<f32>()?.abs() < 0.13); // four standard errors
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn random_normal(key: &Tensor, shape: impl Into<Shape>) -> Tensor {
    let shape = shape.into();
    let pairs = [&[2], shape.dims()].concat();
    let uniform = Tensor::random_uniform(key, pairs);
    let half = |k: usize| uniform.slice(k..k + 1).reshape_to(shape.clone());
    // 1 - u lies in (0, 1], where the logarithm is finite.
    let radius = ((1.0 - half(0)).log() * -2.0).sqrt();
    radius * (half(1) * TAU).cos()
}
