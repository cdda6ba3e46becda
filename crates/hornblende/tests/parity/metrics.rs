//! Metrics: results, state, name, and what a reset leaves.

use std::sync::Arc;

use hornblende::config::Json;
use hornblende::metrics;
use hornblende::prelude::*;

use super::golden::{Case, array, list, number};
use super::tally::{Outcome, run};
use super::tolerance::CLOSE;

#[test]
fn metrics_are_keras_metrics() {
    run(
        "metrics",
        "metrics",
        |_| true,
        |case| {
            let (name, config) = class_of(case);
            if !metrics::names().contains(&name.as_str()) {
                return Outcome::Skipped;
            }
            let metric = metrics::from_config(&name, &config).map_err(|error| error.to_string());
            metric.and_then(|metric| check(case, &metric)).into()
        },
    );
}

/// A wrapper is made by the name of its function, under which the list knows a class.
fn class_of(case: &Case) -> (String, hornblende::config::Config) {
    let mut config = case.config();
    match config.0.shift_remove("fn") {
        Some(Json::String(function)) => (function, config),
        _ => (case.class().to_owned(), config),
    }
}

fn check(case: &Case, metric: &Arc<dyn Metric>) -> Result<(), String> {
    let text = |error: Error| error.to_string();
    let result =
        || -> Result<f64, String> { Ok(f64::from(metric.result().item::<f32>().map_err(text)?)) };
    let results = list(case.expected("results"));
    for (k, (update, wanted)) in list(case.get("updates")).iter().zip(results).enumerate() {
        let input = |key: &str| array(&update[key]).map(Tensor::from);
        let values = input("values");
        let (y_true, y_pred) = (
            input("y_true").or(values.clone()),
            input("y_pred").or(values),
        );
        let (Some(y_true), Some(y_pred)) = (y_true, y_pred) else {
            return Err("an update without values".to_owned());
        };
        let weight = input("sample_weight");
        metric
            .update_state(&y_true, &y_pred, weight.as_ref())
            .map_err(text)?;
        CLOSE.check_number(
            &format!("result {k}"),
            result()?,
            number(&wanted["data"][0]),
        )?;
    }
    if case.expected("name").as_str() != Some(metric.name()) {
        return Err(format!(
            "name {} instead of {}",
            metric.name(),
            case.expected("name")
        ));
    }
    let states = list(case.expected("state"));
    if states.len() != metric.variables().len() {
        return Err("another number of variables".to_owned());
    }
    for (variable, wanted) in metric.variables().iter().zip(states) {
        if wanted["name"].as_str() != Some(&*variable.name()) {
            return Err(format!(
                "variable {} instead of {}",
                variable.name(),
                wanted["name"]
            ));
        }
        if let Some(value) = array(&wanted["value"]) {
            CLOSE.check(&variable.name(), &variable.value(), &value)?;
        }
    }
    metric.reset_state().map_err(text)?;
    let after = &case.expected("after_reset")["data"][0];
    CLOSE.check_number("after reset", result()?, number(after))
}
