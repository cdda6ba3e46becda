//! Building and compiling the models of the golden cases.

use std::collections::HashMap;
use std::sync::Arc;

use hornblende::config::Json;
use hornblende::layers::{self, Input, Layer};
use hornblende::losses::{self, Loss};
use hornblende::metrics::{self, MeanMetricWrapper, Metric};
use hornblende::optimizers::{self, Optimizer};
use hornblende::prelude::*;
use hornblende::training::MetricChoice;

use super::custom;
use crate::reading::{config, entries, list, named, number, size, tensor, text};

/// The model of a case with its initial weights.
pub(crate) fn model(case: &Json) -> Result<Model> {
    let description = &case["model"];
    let mut tensors: HashMap<String, Tensor> = HashMap::new();
    let mut inputs = Vec::new();
    for input in list(&description["inputs"]) {
        let shape: Vec<usize> = list(&input["shape"]).iter().map(size).collect();
        let name = text(&input["name"]);
        let dtype = DType::from_name(text(&input["dtype"])).expect("a known type");
        let made = Input::new(shape).name(name).dtype(dtype);
        tensors.insert(name.to_owned(), made.tensor().clone());
        inputs.push(made.tensor().clone());
    }
    let mut made: HashMap<String, Arc<dyn Layer>> = HashMap::new();
    for description in list(&description["layers"]) {
        let name = text(&description["name"]);
        let from: Vec<Tensor> = list(&description["inbound"])
            .iter()
            .map(|inbound| tensors[text(inbound)].clone())
            .collect();
        // `name#2` calls the layer `name` again.
        let plain = name.split('#').next().unwrap_or(name).to_owned();
        let layer = match made.get(&plain) {
            Some(layer) => Arc::clone(layer),
            None => layer(&plain, description)?,
        };
        let output = layer.call(&from)?;
        made.insert(plain, layer);
        tensors.insert(name.to_owned(), output);
    }
    let outputs: Vec<Tensor> = list(&description["outputs"])
        .iter()
        .map(|name| tensors[text(name)].clone())
        .collect();
    let model = Model::new(&inputs, &outputs)?;
    set_weights(&model, &case["initial_weights"]);
    Ok(model)
}

fn layer(name: &str, description: &Json) -> Result<Arc<dyn Layer>> {
    let config = config(&description["config"]).with("name", name);
    match text(&description["class"]) {
        "custom:AddLossSum" => {
            let layer = custom::AddLossSum::from_config(&config)?;
            layer.base().set_name(name);
            Ok(Arc::new(layer))
        }
        class => layers::from_config(class, &config),
    }
}

fn set_weights(model: &Model, weights: &Json) {
    let variables = model.weights();
    for weight in list(weights) {
        let path = text(&weight["path"]);
        let found = variables.iter().find(|v| &*v.name() == path);
        let variable = found.unwrap_or_else(|| panic!("there is no weight {path}"));
        let set = variable.assign(&tensor(&weight["value"]));
        set.unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

/// The optimizer of a case or of its arguments of `compile`.
pub(crate) fn optimizer(json: &Json) -> Result<Arc<dyn Optimizer>> {
    named(json, optimizers::get, optimizers::from_config)
}

pub(crate) fn loss(json: &Json) -> Result<Arc<dyn Loss>> {
    let class = json.as_str().or_else(|| json["class"].as_str());
    let argument = |key: &str| number(&json["config"][key]);
    match class {
        Some("custom:custom_mean_squared_error") => custom::custom_mean_squared_error.into_loss(),
        Some("custom:CustomMSE") => {
            let factor = argument("regularization_factor");
            Ok(Arc::new(custom::CustomMse { factor }))
        }
        Some("custom:FocalLossSoftmax") => {
            let gamma = argument("gamma");
            Ok(Arc::new(custom::FocalLossSoftmax { gamma }))
        }
        _ => named(json, losses::get, losses::from_config),
    }
}

fn metric(json: &Json) -> Result<MetricChoice> {
    let class = json.as_str().or_else(|| json["class"].as_str());
    let own: Arc<dyn Metric> = match class {
        Some("custom:CategoricalTruePositives") => {
            Arc::new(custom::CategoricalTruePositives::new())
        }
        Some("custom:KS") => Arc::new(custom::Ks::new()),
        Some("custom:mean_pred") => {
            let mean = |_: &Tensor, y_pred: &Tensor| y_pred.mean(..);
            Arc::new(MeanMetricWrapper::new(mean).name("mean_pred"))
        }
        _ => {
            return named(json, MetricChoice::from_name, |class, config| {
                Ok(MetricChoice::Metric(metrics::from_config(class, config)?))
            });
        }
    };
    Ok(MetricChoice::Metric(own))
}

/// The metrics of a list, or the one that stands there by itself.
fn metric_list(json: &Json) -> Result<Vec<MetricChoice>> {
    match json {
        Json::Array(_) | Json::Null => list(json).iter().map(metric).collect(),
        one => Ok(vec![metric(one)?]),
    }
}

/// The arguments of `compile`, for a model of these outputs.
pub(crate) fn compile(arguments: &Json, outputs: &[Json]) -> Result<Compile> {
    let mut options = Compile::new().optimizer(optimizer(&arguments["optimizer"])?);
    let losses = &arguments["loss"];
    options = match losses {
        Json::Array(losses) if losses.iter().any(Json::is_null) => {
            for (output, json) in outputs.iter().zip(losses).filter(|(_, l)| !l.is_null()) {
                options = options.loss_for(text(output), loss(json)?);
            }
            options
        }
        Json::Array(losses) => options.loss(losses.iter().map(loss).collect::<Result<Vec<_>>>()?),
        Json::Object(map) if !map.contains_key("class") => {
            for (output, json) in entries(losses) {
                options = options.loss_for(output, loss(json)?);
            }
            options
        }
        _ => options.loss(loss(losses)?),
    };
    match arguments.get("loss_weights") {
        Some(Json::Array(weights)) => {
            let weights: Vec<f64> = weights.iter().map(number).collect();
            options = options.loss_weights(weights);
        }
        Some(Json::Number(one)) => {
            options = options.loss_weights(one.as_f64().expect("a number"));
        }
        Some(by_name) => {
            let named = entries(by_name).into_iter();
            let named: Vec<(String, f64)> = named
                .map(|(output, w)| (output.to_owned(), number(w)))
                .collect();
            options = options.loss_weights(named);
        }
        None => {}
    }
    if let Some(metrics) = arguments.get("metrics") {
        options = with_metrics(options, metrics, false)?;
    }
    if let Some(metrics) = arguments.get("weighted_metrics") {
        options = with_metrics(options, metrics, true)?;
    }
    Ok(options)
}

fn with_metrics(mut options: Compile, metrics: &Json, weighted: bool) -> Result<Compile> {
    match metrics {
        Json::Object(map) if !map.contains_key("class") => {
            for (output, json) in entries(metrics) {
                let metrics = metric_list(json)?;
                options = if weighted {
                    options.weighted_metrics_for(output, metrics)
                } else {
                    options.metrics_for(output, metrics)
                };
            }
            Ok(options)
        }
        Json::Array(lists) if lists.iter().any(Json::is_array) => {
            let lists: Vec<Vec<MetricChoice>> =
                lists.iter().map(metric_list).collect::<Result<_>>()?;
            Ok(if weighted {
                options.weighted_metrics(lists)
            } else {
                options.metrics(lists)
            })
        }
        _ => {
            let metrics = metric_list(metrics)?;
            Ok(if weighted {
                options.weighted_metrics(metrics)
            } else {
                options.metrics(metrics)
            })
        }
    }
}

/// The names that the metrics of a case have themselves, in Keras's order.
pub(crate) fn own_names(arguments: &Json) -> Vec<String> {
    let mut names = vec!["loss".to_owned()];
    for key in ["metrics", "weighted_metrics"] {
        for json in arguments
            .get(key)
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            match json.as_str() {
                Some(name) => names.push(name.trim_start_matches("custom:").to_owned()),
                None if json.is_object() => {
                    if let Ok(MetricChoice::Metric(metric)) = metric(json) {
                        names.push(metric.name().to_owned());
                    }
                }
                None => {}
            }
        }
    }
    names
}
