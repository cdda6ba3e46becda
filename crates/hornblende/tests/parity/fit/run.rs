//! Running the cases of training.

use hornblende::config::Json;
use hornblende::gradient;
use hornblende::prelude::*;
use hornblende::training::{Arrays, Data};

use super::build;
use super::compare::{Tolerance, keras_order};
use crate::callbacks::callback;
use crate::case::Case;
use crate::reading::{entries, list, number, size, tensor, text};

/// The keys of a case, and of what it expects, whatever its kind.
const KEYS: &[&str] = &[
    "kind",
    "model",
    "compile",
    "fit",
    "callbacks",
    "x_style",
    "y_style",
    "validation_data",
    "data",
    "initial_weights",
    "batches",
    "reset_metrics_before_batch",
    "optimizer",
    "loss",
    "batch_size",
];
const EXPECTED: &[&str] = &[
    "history",
    "history_keys",
    "epochs",
    "final_weights",
    "optimizer_iterations",
    "evaluate",
    "evaluate_list_batch7",
    "predict_first9",
    "sensitivity",
    "train_on_batch",
    "test_on_batch_last",
    "predict_on_batch_last",
    "loss",
    "gradients",
];

/// Runs a case whatever its kind.
pub(crate) fn run(case: &Case) -> Result<(), String> {
    case.only(KEYS, EXPECTED)?;
    run_kind(case.json()).map_err(|failure| match failure {
        Failure::Different(message) => message,
        Failure::Error(error) => error.to_string(),
    })
}

fn run_kind(case: &Json) -> Result<(), Failure> {
    let model = build::model(case)?;
    let compile = compile_of(case)?;
    match case.get("kind").map(text) {
        None => fit(case, model, compile),
        Some("on_batch") => on_batch(case, model, compile),
        Some("gradients") => gradients(case, &model),
        Some("custom_loop") => custom_loop(case, &model),
        Some(other) => Err(format!("the kind \"{other}\" is not known to this test").into()),
    }
}

enum Failure {
    Different(String),
    Error(Error),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Different(message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

fn compile_of(case: &Json) -> Result<Compile> {
    match case.get("compile") {
        Some(arguments) => build::compile(arguments, list(&case["model"]["outputs"])),
        None => {
            // A custom loop has optimizer and loss alone; see that they exist.
            build::optimizer(&case["optimizer"])?;
            build::loss(&case["loss"])?;
            Ok(Compile::new())
        }
    }
}

/// One array, or several by name or in order.
fn arrays(json: &Json, style: &Json) -> Arrays {
    if json.get("data").is_some_and(Json::is_array) {
        return Arrays::Positions(vec![tensor(json)]);
    }
    let named = entries(json)
        .into_iter()
        .map(|(name, t)| (name.to_owned(), tensor(t)));
    match style.as_str() {
        Some("dict") => Arrays::Names(named.collect()),
        _ => Arrays::Positions(named.map(|(_, t)| t).collect()),
    }
}

fn data(case: &Json, suffix: &str) -> Data {
    let data = &case["data"];
    let key = |name: &str| format!("{name}{suffix}");
    let weights = data.get(format!("sample_weight{suffix}"));
    Data {
        x: arrays(&data[&key("x")], &case["x_style"]),
        y: Some(arrays(&data[&key("y")], &case["y_style"])),
        sample_weight: weights.map(|w| arrays(w, &Json::Null)),
    }
}

fn fit_options(case: &Json) -> Fit<'static> {
    let mut options = Fit::new().shuffle(false).verbose(0);
    for (key, value) in entries(&case["fit"]) {
        options = match key {
            "batch_size" => options.batch_size(size(value)),
            "epochs" => options.epochs(size(value)),
            "initial_epoch" => options.initial_epoch(size(value)),
            "validation_split" => options.validation_split(number(value)),
            "validation_freq" if value.is_array() => {
                options.validation_freq(list(value).iter().map(size).collect::<Vec<_>>())
            }
            "validation_freq" => options.validation_freq(size(value)),
            "validation_batch_size" => options.validation_batch_size(size(value)),
            "validation_steps" => options.validation_steps(size(value)),
            "steps_per_epoch" => options.steps_per_epoch(size(value)),
            // Every case is in the order of its file, and prints nothing.
            "shuffle" | "verbose" => options,
            "class_weight" => options.class_weight(entries(value).into_iter().map(|(class, w)| {
                let class: usize = class.parse().expect("a class number");
                (class, number(w))
            })),
            other => panic!("an unknown argument of fit: {other}"),
        };
    }
    if case["validation_data"].as_bool() == Some(true) {
        options = options.validation_data(data(case, "_val"));
    }
    options
}

fn fit(case: &Json, mut model: Model, compile: Compile) -> Result<(), Failure> {
    let tolerance = Tolerance::of(case);
    let expected = &case["expected"];
    let batch_size = size(&case["fit"]["batch_size"]);
    let optimizer = build::optimizer(&case["compile"]["optimizer"])?;
    model.compile(compile.optimizer(optimizer.clone()))?;
    let callbacks = list(&case["callbacks"]).iter().map(callback);
    let callbacks = callbacks.collect::<Result<Vec<_>, String>>()?;
    let history = model.fit(data(case, ""), fit_options(case).callbacks(callbacks))?;
    for (name, values) in entries(&expected["history"]) {
        let (got, values) = (&history[name], list(values));
        if got.len() != values.len() {
            return Err(format!("history {name}: {got:?}").into());
        }
        for (epoch, (got, wanted)) in got.iter().zip(values).enumerate() {
            tolerance.number(&format!("{name} of epoch {epoch}"), *got, number(wanted))?;
        }
    }
    let mut keys: Vec<&str> = history.history().names().collect();
    let mut wanted: Vec<&str> = list(&expected["history_keys"]).iter().map(text).collect();
    keys.sort_unstable();
    wanted.sort_unstable();
    if keys != wanted {
        return Err(format!("history: expected {wanted:?}; got {keys:?}").into());
    }
    let epochs: Vec<usize> = list(&expected["epochs"]).iter().map(size).collect();
    if history.epoch != epochs {
        return Err(format!("epochs: expected {epochs:?}; got {:?}", history.epoch).into());
    }
    tolerance.weights(&model, &expected["final_weights"])?;
    let iterations = optimizer.iterations().item::<f64>()?;
    tolerance.number(
        "iterations",
        iterations,
        number(&expected["optimizer_iterations"]),
    )?;

    let options = Evaluate::new().batch_size(batch_size).verbose(0);
    let results = model.evaluate(data(case, ""), options)?;
    tolerance.results("evaluate", &results, &expected["evaluate"])?;
    let results = model.evaluate(data(case, ""), Evaluate::new().batch_size(7).verbose(0))?;
    let order = keras_order(&results, &build::own_names(&case["compile"]));
    let wanted = list(&expected["evaluate_list_batch7"]);
    if order.len() != wanted.len() {
        return Err(format!("evaluate: expected {wanted:?}; got {results}").into());
    }
    for (place, wanted) in order.into_iter().zip(wanted) {
        let name = format!("evaluate by 7: {}", results.names()[place]);
        tolerance.number(&name, results.values()[place], number(wanted))?;
    }
    predictions(case, &mut model, &tolerance)
}

fn predictions(case: &Json, model: &mut Model, tolerance: &Tolerance) -> Result<(), Failure> {
    let first_rows = |tensors: Vec<Tensor>| -> Vec<Tensor> {
        tensors.into_iter().map(|t| t.slice(0..9)).collect()
    };
    let x = match data(case, "").x {
        Arrays::Positions(tensors) => Arrays::Positions(first_rows(tensors)),
        Arrays::Names(named) => {
            let (names, tensors): (Vec<_>, Vec<_>) = named.into_iter().unzip();
            Arrays::Names(names.into_iter().zip(first_rows(tensors)).collect())
        }
    };
    let got = model.predict_all(x, Predict::new().batch_size(4).verbose(0))?;
    let wanted = list(&case["expected"]["predict_first9"]);
    if got.len() != wanted.len() {
        return Err(format!("predict: {} outputs", got.len()).into());
    }
    for (k, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        tolerance.tensor(&format!("prediction {k}"), got, wanted)?;
    }
    Ok(())
}

fn on_batch(case: &Json, mut model: Model, compile: Compile) -> Result<(), Failure> {
    let tolerance = Tolerance::of(case);
    let expected = &case["expected"];
    model.compile(compile)?;
    let batches = list(&case["batches"]);
    let reset_before = size(&case["reset_metrics_before_batch"]);
    let data = |batch: &Json| Data {
        x: arrays(&batch["x"], &Json::Null),
        y: Some(arrays(&batch["y"], &Json::Null)),
        sample_weight: batch["sample_weight"]
            .is_object()
            .then(|| arrays(&batch["sample_weight"], &Json::Null)),
    };
    for (k, (batch, wanted)) in batches
        .iter()
        .zip(list(&expected["train_on_batch"]))
        .enumerate()
    {
        if k == reset_before {
            model.reset_metrics()?;
        }
        let results = model.train_on_batch(data(batch))?;
        tolerance.results(&format!("batch {k}"), &results, wanted)?;
    }
    let last = batches.last().expect("a batch");
    model.reset_metrics()?;
    let results = model.test_on_batch(data(last))?;
    tolerance.results("test_on_batch", &results, &expected["test_on_batch_last"])?;
    let predictions = model.predict_on_batch(data(last).x)?;
    tolerance.tensor(
        "predict_on_batch",
        &predictions,
        &expected["predict_on_batch_last"],
    )?;
    tolerance.weights(&model, &expected["final_weights"])?;
    Ok(())
}

/// The losses and loss weights of a case in the order of the model's outputs.
fn losses_of(case: &Json, model: &Model) -> Result<Vec<(std::sync::Arc<dyn Loss>, f64)>> {
    let arguments = &case["compile"];
    let by_output = |json: &Json, k: usize, name: &str| match json {
        Json::Array(list) => list[k].clone(),
        Json::Object(map) if !map.contains_key("class") => json[name].clone(),
        one => one.clone(),
    };
    let output = |(k, name): (usize, String)| {
        let loss = build::loss(&by_output(&arguments["loss"], k, &name))?;
        let weight = arguments.get("loss_weights");
        let weight = weight.map_or(1.0, |w| number(&by_output(w, k, &name)));
        Ok((loss, weight))
    };
    model
        .output_names()
        .into_iter()
        .enumerate()
        .map(output)
        .collect()
}

fn tensors(arrays: Arrays) -> Vec<Tensor> {
    match arrays {
        Arrays::Positions(tensors) => tensors,
        Arrays::Names(named) => named.into_iter().map(|(_, t)| t).collect(),
    }
}

fn gradients(case: &Json, model: &Model) -> Result<(), Failure> {
    let tolerance = Tolerance::of(case);
    let data = data(case, "");
    let variables = model.trainable_variables();
    let sources: Vec<Tensor> = variables.iter().map(Variable::read).collect();
    let (outputs, added) = model.forward(&tensors(data.x), true)?;
    let labels = tensors(data.y.expect("labels"));
    let mut total = Tensor::from(0.0f32);
    for (((loss, weight), y_true), y_pred) in
        losses_of(case, model)?.iter().zip(&labels).zip(&outputs)
    {
        total = total + loss.compute(y_true, y_pred, None) * *weight;
    }
    for loss in added {
        total = total + loss;
    }
    let expected = &case["expected"];
    tolerance.tensor("loss", &total, &expected["loss"])?;
    let gradients = gradient(&total, &sources);
    for wanted in list(&expected["gradients"]) {
        let path = text(&wanted["path"]);
        let place = variables.iter().position(|v| &*v.name() == path);
        let found = place.and_then(|k| gradients[k].clone());
        let found = found.ok_or_else(|| format!("no gradient of {path}"))?;
        tolerance.tensor(&format!("gradient of {path}"), &found, &wanted["value"])?;
    }
    Ok(())
}

/// A training loop without `fit`: batches, gradients and the optimizer by hand.
fn custom_loop(case: &Json, model: &Model) -> Result<(), Failure> {
    let tolerance = Tolerance::of(case);
    let expected = &case["expected"];
    let (x, y) = (tensor(&case["data"]["x"]), tensor(&case["data"]["y"]));
    let batch_size = size(&case["batch_size"]);
    let optimizer = build::optimizer(&case["optimizer"])?;
    let loss = build::loss(&case["loss"])?;
    let variables = model.trainable_variables();
    optimizer.build(&variables)?;
    let rows = x.shape()[0];
    for (epoch, wanted) in list(&expected["epochs"]).iter().enumerate() {
        let (mut losses, mut right) = (Vec::new(), 0.0);
        for first in (0..rows).step_by(batch_size) {
            let batch = first..rows.min(first + batch_size);
            let (x, y) = (x.slice(batch.clone()), y.slice(batch));
            let sources: Vec<Tensor> = variables.iter().map(Variable::read).collect();
            let (outputs, _) = model.forward(&[x], true)?;
            let total = loss.compute(&y, &outputs[0], None);
            let gradients = gradient(&total, &sources);
            let pairs: Vec<(Tensor, Variable)> = gradients
                .into_iter()
                .zip(&variables)
                .filter_map(|(g, v)| Some((g?, v.clone())))
                .collect();
            losses.push(total.item::<f64>()?);
            let hits = outputs[0].argmax(-1).equal(y.argmax(-1));
            right += hits.cast(DType::F32).sum(..).item::<f64>()?;
            optimizer.apply_gradients(&pairs)?;
        }
        // The loop of the case takes the plain mean of the batches' losses.
        let mean = losses.iter().sum::<f64>() / losses.len() as f64;
        tolerance.number(
            &format!("loss of epoch {epoch}"),
            mean,
            number(&wanted["loss"]),
        )?;
        let accuracy = right / rows as f64;
        let what = format!("accuracy of epoch {epoch}");
        tolerance.number(&what, accuracy, number(&wanted["accuracy"]))?;
    }
    let iterations = optimizer.iterations().item::<f64>()?;
    tolerance.number(
        "iterations",
        iterations,
        number(&expected["optimizer_iterations"]),
    )?;
    tolerance.weights(model, &expected["final_weights"])?;
    Ok(())
}
