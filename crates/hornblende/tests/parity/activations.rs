//! Activations: value and gradient. Their cases are among those of the layers.

use hornblende::activations as act;
use hornblende::config::Config;
use hornblende::prelude::*;

use super::case::Case;
use super::layers::{EXPECTED, KEYS};
use super::reading::{message, tensors, value};

pub(crate) fn check(case: &Case, name: &str) -> Result<(), String> {
    case.only(KEYS, EXPECTED)?;
    let one = |tensors: Vec<Tensor>| <[Tensor; 1]>::try_from(tensors);
    let Ok([x]) = one(tensors(case.get("inputs"))) else {
        return Err("an activation has one input".to_owned());
    };
    let y = apply(name, &case.config(), &x).map_err(message)?;
    let tolerance = case.tolerance();
    tolerance.check_tensor("output", &y, &value(&case.expected("outputs")[0]))?;
    if let Ok([cotangent]) = one(tensors(case.get("cotangents"))) {
        let wanted = value(&case.expected("grad_inputs")[0]);
        let got = &(y * cotangent).sum(..).gradients(&[x])[0];
        tolerance
            .of_largest(&wanted)
            .check_tensor("gradient", got, &wanted)?;
    }
    Ok(())
}

/// The function with the arguments of the case, or by its name where there are none.
fn apply(name: &str, config: &Config, x: &Tensor) -> Result<Tensor> {
    if config.0.is_empty() {
        return Ok(act::get(name)?.call(x));
    }
    let only = |known: &[&str]| config.only(name, known);
    let number = |key: &str, default: f64| config.number(key).map(|n| n.unwrap_or(default));
    let along = |function: fn(&Tensor, isize) -> Tensor| {
        only(&["axis"])?;
        let axis = config.get("axis").map_or(Some(-1), |axis| axis.as_i64());
        let axis = axis.ok_or_else(|| Error::data(name, "a whole number", "another axis", ""))?;
        Ok(function(x, axis as isize))
    };
    let with = |function: fn(&Tensor, f64) -> Tensor, key: &str, default: f64| {
        only(&[key])?;
        Ok(function(x, number(key, default)?))
    };
    match name {
        "relu" => {
            only(&["negative_slope", "max_value", "threshold"])?;
            let (slope, threshold) = (number("negative_slope", 0.0)?, number("threshold", 0.0)?);
            Ok(act::relu_with(
                x,
                slope,
                config.number("max_value")?,
                threshold,
            ))
        }
        "gelu" => {
            only(&["approximate"])?;
            Ok(act::gelu(x, config.flag("approximate")?.unwrap_or(false)))
        }
        "threshold" => {
            only(&["threshold", "default_value"])?;
            let (threshold, value) = (number("threshold", 0.0)?, number("default_value", 0.0)?);
            Ok(act::threshold(x, threshold, value))
        }
        "elu" => with(act::elu, "alpha", 1.0),
        "celu" => with(act::celu, "alpha", 1.0),
        "leaky_relu" => with(act::leaky_relu, "negative_slope", 0.2),
        "hard_shrink" => with(act::hard_shrink, "threshold", 0.5),
        "soft_shrink" => with(act::soft_shrink, "threshold", 0.5),
        "squareplus" => with(act::squareplus, "b", 4.0),
        "softmax" => along(act::softmax),
        "log_softmax" => along(act::log_softmax),
        "glu" => along(act::glu),
        "sparsemax" => along(act::sparsemax),
        _ => {
            only(&[])?;
            Ok(act::get(name)?.call(x))
        }
    }
}
