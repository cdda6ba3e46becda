//! Optimizers: variables after each step, learning rates, the optimizer's own variables and their order.

use hornblende::config::Json;
use hornblende::optimizers::{self, schedules};
use hornblende::prelude::*;

use super::golden::{Case, array, list, number};
use super::tally::{Outcome, run};
use super::tolerance::CLOSE;

#[test]
fn optimizers_are_keras_optimizers() {
    run(
        "optimizers",
        "optimizers",
        |_| true,
        |case| {
            let schedule = case
                .config()
                .0
                .get("learning_rate")
                .cloned()
                .unwrap_or_default();
            let known_schedule = match schedule["class_name"].as_str() {
                Some(name) => schedules::SCHEDULES.iter().any(|e| e.class_name == name),
                None => true,
            };
            if !known_schedule || !optimizers::names().contains(&case.class()) {
                return Outcome::Skipped;
            }
            check(case).into()
        },
    );
}

fn check(case: &Case) -> Result<(), String> {
    let optimizer = optimizers::from_config(case.class(), &case.config()).map_err(text)?;
    let variable = |json: &Json| {
        let value = array(&json["value"]).ok_or("a variable without a value")?;
        Ok(Variable::from_value(
            json["name"].as_str().unwrap_or("variable"),
            value,
        ))
    };
    let variables: Vec<Variable> = list(case.get("variables"))
        .iter()
        .map(variable)
        .collect::<Result<_, String>>()?;
    let rates = list(case.expected("learning_rate"));
    let steps = list(case.get("gradients"))
        .iter()
        .zip(list(case.expected("values")));
    for (k, (gradients, values)) in steps.enumerate() {
        let rate = optimizer.learning_rate().item::<f32>().map_err(text)?;
        CLOSE.check_number(
            &format!("learning rate {k}"),
            rate.into(),
            number(&rates[k]),
        )?;
        let gradients = list(gradients).iter().filter_map(array).map(Tensor::from);
        let pairs: Vec<(Tensor, Variable)> = gradients.zip(variables.iter().cloned()).collect();
        optimizer.apply_gradients(&pairs).map_err(text)?;
        compare(&format!("step {k}"), &variables, list(values))?;
    }
    let iterations = optimizer.iterations().item::<i64>().map_err(text)?;
    CLOSE.check_number(
        "iterations",
        iterations as f64,
        number(case.expected("iterations")),
    )?;
    check_own(
        &optimizer.variables(),
        list(case.expected("optimizer_variables")),
    )?;
    let finalized = list(case.expected("finalized"));
    if !finalized.is_empty() {
        optimizer
            .finalize_variable_values(&variables)
            .map_err(text)?;
        compare("finalized", &variables, finalized)?;
    }
    Ok(())
}

fn compare(what: &str, variables: &[Variable], wanted: &[Json]) -> Result<(), String> {
    for (variable, wanted) in variables.iter().zip(wanted) {
        let wanted = array(wanted).ok_or("no value")?;
        CLOSE.check(
            &format!("{what}, {}", variable.name()),
            &variable.value(),
            &wanted,
        )?;
    }
    Ok(())
}

fn check_own(variables: &[Variable], wanted: &[Json]) -> Result<(), String> {
    let name = |json: &Json| json["name"].as_str().unwrap_or_default().to_owned();
    let got: Vec<String> = variables.iter().map(|v| v.name().to_string()).collect();
    let names: Vec<String> = wanted.iter().map(name).collect();
    if got != names {
        return Err(format!("variables {got:?} instead of {names:?}"));
    }
    for (variable, wanted) in variables.iter().zip(wanted) {
        if let Some(value) = array(&wanted["value"]) {
            CLOSE.check(&variable.name(), &variable.value(), &value)?;
        }
    }
    Ok(())
}

fn text(error: Error) -> String {
    error.to_string()
}
