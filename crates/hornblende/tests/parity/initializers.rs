//! Initializers: exact values, or bounds and variance; Keras's random streams are not reproduced.

use hornblende::Value;
use hornblende::initializers;
use hornblende::prelude::*;

use super::case::Case;
use super::reading::{array, list, message, number, size, text};
use super::tally::run;

/// How many numbers the variance is estimated from.
const NUMBERS: usize = 20_000;

#[test]
fn initializers_are_keras_initializers() {
    run("initializers", check);
}

fn check(case: &Case) -> Result<(), String> {
    case.only(
        &["class", "config", "shape"],
        &[
            "value",
            "fan_in",
            "fan_out",
            "distribution",
            "variance",
            "mean",
            "limit",
            "stddev_before_truncation",
        ],
    )?;
    let dims: Vec<usize> = list(case.get("shape")).iter().map(size).collect();
    let shape = Shape::from(dims);
    if let Some(wanted) = array(case.expected("value")) {
        let initializer = initializers::from_config(case.class(), &case.config());
        let value = initializer.and_then(|i| i.initialize(&shape, DType::F32));
        return case
            .tolerance()
            .check("value", &value.map_err(message)?, &wanted);
    }
    let mut numbers = Vec::new();
    for seed in 0..NUMBERS.div_ceil(shape.len()) {
        numbers.extend(draw(case, &shape, seed)?.to_f64_vec());
    }
    let mean = case.expected("mean").as_f64().unwrap_or(0.0);
    if let Some(limit) = limit(case)? {
        // One rounding to F32.
        let outside = |x: &&f64| (*x - mean).abs() > limit * (1.0 + 1e-7) + mean.abs() * 1e-7;
        if let Some(x) = numbers.iter().find(outside) {
            return Err(format!("{x} is farther than {limit} from {mean}"));
        }
    }
    check_moments(&numbers, mean, number(case.expected("variance")))
}

fn draw(case: &Case, shape: &Shape, seed: usize) -> Result<Value, String> {
    let config = case.config().with("seed", seed);
    let initializer = initializers::from_config(case.class(), &config).map_err(message)?;
    initializer.initialize(shape, DType::F32).map_err(message)
}

/// How far a number may lie from the mean, if there is an end to it.
fn limit(case: &Case) -> Result<Option<f64>, String> {
    match text(case.expected("distribution")) {
        "uniform" => Ok(Some(number(case.expected("limit")))),
        // The distribution ends at two standard deviations before truncation.
        "truncated_normal" => {
            let stddev = number(case.expected("stddev_before_truncation"));
            Ok(Some(2.0 * stddev))
        }
        "untruncated_normal" | "normal" => Ok(None),
        other => Err(format!(
            "the distribution \"{other}\" is not known to this test"
        )),
    }
}

fn check_moments(numbers: &[f64], wanted_mean: f64, wanted: f64) -> Result<(), String> {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    // Four standard errors of mean and variance; a normal distribution would have these, the truncated and
    // the uniform one have less.
    let (mean_bound, variance_bound) = ((wanted / n).sqrt() * 4.0, wanted * (2.0 / n).sqrt() * 4.0);
    if (mean - wanted_mean).abs() > mean_bound || (variance - wanted).abs() > variance_bound {
        return Err(format!(
            "mean {mean}, variance {variance} instead of {wanted_mean}, {wanted}"
        ));
    }
    Ok(())
}
