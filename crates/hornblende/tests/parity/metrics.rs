//! Metrics: results, state, name, and what a reset leaves.

use std::sync::Arc;

use hornblende::config::Json;
use hornblende::metrics;
use hornblende::prelude::*;

use super::case::{Case, only};
use super::reading::{array, list, message, tensor, text, value};
use super::tally::run;

#[test]
fn metrics_are_keras_metrics() {
    run("metrics", check);
}

fn check(case: &Case) -> Result<(), String> {
    case.only(
        &["class", "config", "updates"],
        &["results", "name", "state", "after_reset"],
    )?;
    let metric = metrics::from_config(case.class(), &case.config()).map_err(message)?;
    let tolerance = case.tolerance();
    let results = list(case.expected("results"));
    let updates = list(case.get("updates"));
    for (k, (json, wanted)) in updates.iter().zip(results).enumerate() {
        update(&metric, json)?;
        let what = format!("result {k}");
        tolerance.check_tensor(&what, &metric.result(), &value(wanted))?;
    }
    let (got, wanted) = (metric.name(), text(case.expected("name")));
    if got != wanted {
        return Err(format!("name {got} instead of {wanted}"));
    }
    check_state(case, &*metric)?;
    metric.reset_state().map_err(message)?;
    let wanted = value(case.expected("after_reset"));
    tolerance.check_tensor("after reset", &metric.result(), &wanted)
}

fn update(metric: &Arc<dyn Metric>, json: &Json) -> Result<(), String> {
    only(
        "update",
        json,
        &["values", "y_true", "y_pred", "sample_weight"],
    )?;
    let weight = array(&json["sample_weight"]).map(Tensor::from);
    let (y_true, y_pred) = match array(&json["values"]) {
        Some(values) => (Tensor::from(values.clone()), Tensor::from(values)),
        None => (tensor(&json["y_true"]), tensor(&json["y_pred"])),
    };
    let updated = metric.update_state(&y_true, &y_pred, weight.as_ref());
    updated.map_err(message)
}

fn check_state(case: &Case, metric: &dyn Metric) -> Result<(), String> {
    let wanted = list(case.expected("state"));
    let variables = metric.variables();
    let got: Vec<String> = variables.iter().map(|v| v.name().to_string()).collect();
    let names: Vec<&str> = wanted.iter().map(|w| text(&w["name"])).collect();
    if got != names {
        return Err(format!("variables {got:?} instead of {names:?}"));
    }
    for (variable, wanted) in variables.iter().zip(wanted) {
        // The value is left out where it is long.
        if let Some(value) = array(&wanted["value"]) {
            let what = format!("variable {}", variable.name());
            case.tolerance().check(&what, &variable.value(), &value)?;
        }
    }
    Ok(())
}
