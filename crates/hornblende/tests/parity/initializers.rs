//! Initializers: exact values, or bounds and variance; Keras's random streams are not reproduced.

use hornblende::initializers;
use hornblende::prelude::*;

use super::golden::{Case, array, list, number};
use super::tally::{Outcome, run};
use super::tolerance::CLOSE;

/// How many numbers the variance is estimated from.
const NUMBERS: usize = 20_000;

#[test]
fn initializers_are_keras_initializers() {
    run(
        "initializers",
        "initializers",
        |_| true,
        |case| {
            if !initializers::names().contains(&case.class()) {
                return Outcome::Skipped;
            }
            check(case).into()
        },
    );
}

fn check(case: &Case) -> Result<(), String> {
    let dims: Vec<usize> = list(case.get("shape"))
        .iter()
        .map(|d| number(d) as usize)
        .collect();
    let shape = Shape::from(dims);
    let draw = |seed: u64| {
        let mut config = case.config();
        if case.expected("value").is_null() {
            config = config.with("seed", seed);
        }
        let initializer = initializers::from_config(case.class(), &config)?;
        initializer.initialize(&shape, DType::F32)
    };
    let first = draw(0).map_err(|error| error.to_string())?;
    if let Some(wanted) = array(case.expected("value")) {
        return CLOSE.check("value", &first, &wanted);
    }
    let mut numbers = Vec::new();
    for seed in 0..NUMBERS.div_ceil(shape.len()) {
        numbers.extend(
            draw(seed as u64)
                .map_err(|error| error.to_string())?
                .to_f64_vec(),
        );
    }
    // A truncated normal distribution ends at two standard deviations before truncation.
    let limit = match case.expected("limit").as_f64() {
        Some(limit) => limit,
        None => 2.0 * number(case.expected("stddev_before_truncation")),
    };
    // One rounding to F32.
    if let Some(x) = numbers.iter().find(|x| x.abs() > limit * (1.0 + 1e-7)) {
        return Err(format!("{x} beyond {limit}"));
    }
    let n = numbers.len() as f64;
    let (mean, wanted) = (
        numbers.iter().sum::<f64>() / n,
        number(case.expected("variance")),
    );
    let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    // Four standard errors of mean and variance; a normal distribution would have these, the truncated and
    // the uniform one have less.
    let (mean_bound, variance_bound) = ((wanted / n).sqrt() * 4.0, wanted * (2.0 / n).sqrt() * 4.0);
    if mean.abs() > mean_bound || (variance - wanted).abs() > variance_bound {
        return Err(format!(
            "mean {mean}, variance {variance} instead of {wanted}"
        ));
    }
    Ok(())
}
