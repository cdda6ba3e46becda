//! Activations: value and gradient. Their cases are among those of the layers.

use hornblende::activations as act;
use hornblende::config::Config;
use hornblende::prelude::*;

use super::golden::{Case, array, list};
use super::tally::{Outcome, run};
use super::tolerance::LAYER;

#[test]
fn activations_are_keras_activations() {
    run(
        "activations",
        "layers",
        |case| case.class().starts_with("activations."),
        |case| {
            let name = case.class().trim_start_matches("activations.");
            if !act::names().contains(&name) {
                return Outcome::Skipped;
            }
            check(case, name).into()
        },
    );
}

fn check(case: &Case, name: &str) -> Result<(), String> {
    let text = |error: Error| error.to_string();
    let first = |json: &hornblende::config::Json| match json.is_array() {
        true => list(json).first().and_then(array),
        false => array(json),
    };
    let (Some(x), Some(cotangent)) = (first(case.get("inputs")), first(case.get("cotangents")))
    else {
        return Err("no inputs or cotangents".to_owned());
    };
    let (x, cotangent) = (Tensor::from(x), Tensor::from(cotangent));
    let y = apply(name, &case.config(), &x).map_err(text)?;
    let (Some(outputs), Some(gradient)) = (
        first(case.expected("outputs")),
        first(case.expected("grad_inputs")),
    ) else {
        return Err("nothing expected".to_owned());
    };
    LAYER.check("output", &y.eval().map_err(text)?, &outputs)?;
    let got = (y * cotangent).gradients(&[x])[0].eval().map_err(text)?;
    LAYER
        .of_largest(&gradient)
        .check("gradient", &got, &gradient)
}

/// The function with the arguments of the case, or by its name where there are none.
fn apply(name: &str, config: &Config, x: &Tensor) -> Result<Tensor> {
    let number = |key: &str, default: f64| config.number(key).map(|n| n.unwrap_or(default));
    let axis = || config.get("axis").and_then(|a| a.as_i64()).unwrap_or(-1) as isize;
    if config.0.is_empty() {
        return Ok(act::get(name)?.call(x));
    }
    Ok(match name {
        "relu" => act::relu_with(
            x,
            number("negative_slope", 0.0)?,
            config.number("max_value")?,
            number("threshold", 0.0)?,
        ),
        "gelu" => act::gelu(x, config.flag("approximate")?.unwrap_or(false)),
        "elu" => act::elu(x, number("alpha", 1.0)?),
        "celu" => act::celu(x, number("alpha", 1.0)?),
        "leaky_relu" => act::leaky_relu(x, number("negative_slope", 0.2)?),
        "softmax" => act::softmax(x, axis()),
        "log_softmax" => act::log_softmax(x, axis()),
        "glu" => act::glu(x, axis()),
        "sparsemax" => act::sparsemax(x, axis()),
        "hard_shrink" => act::hard_shrink(x, number("threshold", 0.5)?),
        "soft_shrink" => act::soft_shrink(x, number("threshold", 0.5)?),
        "squareplus" => act::squareplus(x, number("b", 4.0)?),
        "threshold" => act::threshold(x, number("threshold", 0.0)?, number("default_value", 0.0)?),
        _ => {
            return Err(Error::data(
                name,
                "no arguments",
                config.0.len().to_string(),
                "",
            ));
        }
    })
}
