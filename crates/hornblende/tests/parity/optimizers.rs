//! Optimizers: variables after each step, learning rates, the optimizer's own variables and their order.

use hornblende::Value;
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

fn check_own(case: &Case, variables: &[Variable], wanted: &[Json]) -> Result<(), String> {
    let got: Vec<String> = variables.iter().map(|v| v.name().to_string()).collect();
    let names: Vec<&str> = wanted.iter().map(|w| text(&w["name"])).collect();
    if got != names {
        return Err(format!("variables {got:?} instead of {names:?}"));
    }
    for (variable, wanted) in variables.iter().zip(wanted) {
        if let Some(value) = array(&wanted["value"]) {
            let tolerance = match case.class() {
                "Ftrl" if variable.name().ends_with("_linear") => of_linear(case, &value),
                _ => case.tolerance(),
            };
            tolerance.check(&variable.name(), &variable.value(), &value)?;
        }
    }
    Ok(())
}

/// The tolerance of Ftrl's slot `linear`: it adds up differences of roots that are divided by the learning rate, so that
/// the rounding of a root, F32's 6e-8 of it, comes in multiplied by 1 / rate and the weight, whatever is left of the sum.
/// Keras itself is as far from the exact sum.
fn of_linear(case: &Case, wanted: &Value) -> Tolerance {
    let of_largest = Tolerance {
        relative: 1e-6,
        absolute: 0.0,
    };
    let rounding = of_largest.of_largest(wanted).absolute;
    let tolerance = case.tolerance();
    Tolerance {
        absolute: tolerance.absolute.max(rounding),
        ..tolerance
    }
}
