//! Optimizers: variables after each step, learning rates, the optimizer's own variables and their order.

use hornblende::config::Json;
use hornblende::optimizers;
use hornblende::prelude::*;

use super::case::{Case, only};
use super::reading::{array, list, message, number, tensor, text, value};
use super::tally::run;
use super::tolerance::Tolerance;

#[test]
fn optimizers_are_keras_optimizers() {
    run("optimizers", check);
}

fn check(case: &Case) -> Result<(), String> {
    case.only(
        &[
            "class",
            "config",
            "variables",
            "gradients",
            "exclude_from_weight_decay",
        ],
        &[
            "values",
            "learning_rate",
            "iterations",
            "optimizer_variables",
            "finalized",
            "dynamic_scale",
            "scaled_loss_of_1.5",
        ],
    )?;
    let optimizer = optimizers::from_config(case.class(), &case.config()).map_err(message)?;
    let variables: Vec<Variable> = list(case.get("variables"))
        .iter()
        .map(|json| Variable::from_value(text(&json["name"]), value(&json["value"])))
        .collect();
    exclude(&*optimizer, case.get("exclude_from_weight_decay"))?;
    optimizer.build(&variables).map_err(message)?;
    let tolerance = case.tolerance();
    let steps = list(case.get("gradients"))
        .iter()
        .zip(list(case.expected("values")));
    for (k, (gradients, values)) in steps.enumerate() {
        if let Some(wanted) = list(case.expected("learning_rate")).get(k) {
            let rate = optimizer.learning_rate().item::<f32>().map_err(message)?;
            tolerance.check_number(&format!("learning rate {k}"), rate.into(), number(wanted))?;
        }
        check_scaled_loss(case, &*optimizer, k)?;
        let gradients = list(gradients).iter().map(tensor);
        let pairs: Vec<(Tensor, Variable)> = gradients.zip(variables.iter().cloned()).collect();
        optimizer.apply_gradients(&pairs).map_err(message)?;
        compare(case, &format!("step {k}"), &variables, list(values))?;
        check_scale(case, &*optimizer, k)?;
    }
    let iterations = optimizer.iterations().item::<i64>().map_err(message)?;
    if iterations as f64 != number(case.expected("iterations")) {
        return Err(format!("{iterations} iterations"));
    }
    if let wanted @ Json::Array(_) = case.expected("optimizer_variables") {
        check_own(case, &optimizer.variables(), list(wanted))?;
    }
    if let wanted @ Json::Array(_) = case.expected("finalized") {
        optimizer
            .finalize_variable_values(&variables)
            .map_err(message)?;
        compare(case, "finalized", &variables, list(wanted))?;
    }
    Ok(())
}

/// Keras's method of this name, with the names of variables or a part of them.
fn exclude(optimizer: &dyn Optimizer, arguments: &Json) -> Result<(), String> {
    if arguments.is_null() {
        return Ok(());
    }
    only("exclude_from_weight_decay", arguments, &["var_names"])?;
    let names: Vec<&str> = list(&arguments["var_names"]).iter().map(text).collect();
    optimizer
        .set_exclude_from_weight_decay(&names)
        .map_err(message)
}

/// The scale of a loss-scale optimizer after step `k`.
fn check_scale(case: &Case, optimizer: &dyn Optimizer, k: usize) -> Result<(), String> {
    let Some(wanted) = list(case.expected("dynamic_scale")).get(k).map(number) else {
        return Ok(());
    };
    let variables = optimizer.variables();
    let scale = variables
        .iter()
        .find(|v| v.name().ends_with("/dynamic_scale"));
    let scale = scale
        .ok_or("no variable of the name dynamic_scale")?
        .value();
    (case.tolerance()).check_number("dynamic scale", scale.get_f64(0), wanted)
}

/// What a loss-scale optimizer makes of a loss before step `k`.
fn check_scaled_loss(case: &Case, optimizer: &dyn Optimizer, k: usize) -> Result<(), String> {
    let Some(wanted) = list(case.expected("scaled_loss_of_1.5")).get(k).map(number) else {
        return Ok(());
    };
    let loss = optimizer.scale_loss(&Tensor::from(1.5f32)).item::<f32>();
    (case.tolerance()).check_number("scaled loss", loss.map_err(message)?.into(), wanted)
}

fn compare(case: &Case, when: &str, variables: &[Variable], wanted: &[Json]) -> Result<(), String> {
    for (variable, wanted) in variables.iter().zip(wanted) {
        let what = format!("{when}, {}", variable.name());
        case.tolerance()
            .check(&what, &variable.value(), &value(wanted))?;
    }
    Ok(())
}

fn check_own(case: &Case, variables: &[Variable], all: &[Json]) -> Result<(), String> {
    let got: Vec<String> = variables.iter().map(|v| v.name().to_string()).collect();
    let names: Vec<&str> = all.iter().map(|w| text(&w["name"])).collect();
    if got != names {
        return Err(format!("variables {got:?} instead of {names:?}"));
    }
    for (variable, wanted) in variables.iter().zip(all) {
        if let Some(value) = array(&wanted["value"]) {
            let tolerance = match case.class() {
                "Ftrl" if variable.name().ends_with("_linear") => {
                    of_linear(case, &variable.name(), all)
                }
                _ => case.tolerance(),
            };
            tolerance.check(&variable.name(), &variable.value(), &value)?;
        }
    }
    Ok(())
}

/// The tolerance of Ftrl's slot `linear`, of this name. Each step adds the difference of two roots of sums of squares,
/// divided by the learning rate, times the weight: the rounding of a root comes in multiplied by weight / rate, whatever is
/// left of the sum. That is most at the first step, which forgets the weights. Keras itself is as far from the exact sum.
fn of_linear(case: &Case, name: &str, own: &[Json]) -> Tolerance {
    let largest = |json: &Json| -> f64 {
        let numbers = array(json).map_or_else(Vec::new, |value| value.to_f64_vec());
        numbers
            .into_iter()
            .fold(0.0, |largest, x| x.abs().max(largest))
    };
    let part = name.trim_end_matches("_linear");
    let is_squares = |slot: &&Json| text(&slot["name"]) == format!("{part}_accumulator");
    let squares = own
        .iter()
        .find(is_squares)
        .map_or(0.0, |slot| largest(&slot["value"]));
    let is_weight = |weight: &&Json| part.ends_with(text(&weight["name"]));
    let weight = list(case.get("variables")).iter().find(is_weight);
    let weight = weight.map_or(0.0, |weight| largest(&weight["value"]));
    let rates = list(case.expected("learning_rate")).iter().map(number);
    let power = case.config().number("learning_rate_power");
    let power = -power.ok().flatten().unwrap_or(-0.5);
    let rate = rates.fold(f64::INFINITY, f64::min);
    let rounding = 2.0 * f64::from(f32::EPSILON) * squares.powf(power) * weight / rate;
    let tolerance = case.tolerance();
    Tolerance {
        absolute: tolerance.absolute + rounding,
        ..tolerance
    }
}
