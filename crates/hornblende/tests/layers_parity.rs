//! Layers against numbers recorded from the real Keras.
//!
//! The files are looked for in `$PARITY_CASES`, then in `$HORNBLENDE_SHARED/keras-parity`, then in
//! `shared/keras-parity` beside or above the repository.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hornblende::config::{Config, Json};
use hornblende::layers::{self, LAYERS};
use hornblende::prelude::*;
use hornblende_core::autodiff::vector_jacobian;

/// What float32 allows: see the README beside the files.
const TOLERANCE: f64 = 1e-4;

fn folder() -> Option<PathBuf> {
    let cases = std::env::var_os("PARITY_CASES").map(PathBuf::from);
    let shared =
        std::env::var_os("HORNBLENDE_SHARED").map(|p| PathBuf::from(p).join("keras-parity"));
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let above = above.map(|folder| folder.join("shared/keras-parity"));
    let mut folders = cases.into_iter().chain(shared).chain(above);
    folders.find(|folder| folder.join("layers.json").exists())
}

fn cases(folder: &Path) -> Vec<Json> {
    let text = std::fs::read_to_string(folder.join("layers.json")).unwrap();
    let file: Json = serde_json::from_str(&text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn numbers(array: &Json) -> Vec<f64> {
    let number = |v: &Json| match v.as_str() {
        Some("nan") => f64::NAN,
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => v.as_f64().unwrap(),
    };
    array["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(number)
        .collect()
}

fn tensor(array: &Json) -> Tensor {
    let size = |v: &Json| v.as_u64().unwrap() as usize;
    let shape: Vec<usize> = array["shape"]
        .as_array()
        .unwrap()
        .iter()
        .map(size)
        .collect();
    let dtype = DType::from_name(array["dtype"].as_str().unwrap()).unwrap();
    let value = hornblende::Value::from_vec(shape, numbers(array)).unwrap();
    value.convert(dtype).into()
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

/// The first place where the numbers differ by more than the tolerance, of each number or of the largest.
fn difference(what: &str, got: &Tensor, expected: &Json, of_largest: bool) -> Result<(), String> {
    let got_numbers = got
        .to_vec::<f64>()
        .map_err(|error| format!("{what}: {error}"))?;
    let expected_tensor = tensor(expected);
    if got.shape() != expected_tensor.shape() {
        let (got, expected) = (got.shape(), expected_tensor.shape());
        return Err(format!("{what}: shape {got} instead of {expected}"));
    }
    let expected = numbers(expected);
    let largest = expected.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    for (k, (got, expected)) in got_numbers.iter().zip(&expected).enumerate() {
        let scale = if of_largest { largest } else { expected.abs() };
        let close = (got - expected).abs() <= TOLERANCE * scale + 1e-6;
        let same = close || (got.is_nan() && expected.is_nan()) || got == expected;
        if !same {
            return Err(format!("{what}[{k}]: {got} instead of {expected}"));
        }
    }
    Ok(())
}

fn layer_of(case: &Json) -> Result<Arc<dyn Layer>> {
    let config = Config(case["config"].as_object().unwrap().clone());
    layers::from_config(case["class"].as_str().unwrap(), &config)
}

fn run(case: &Json) -> Result<(), String> {
    let text = |error: Error| error.to_string();
    let layer = layer_of(case).map_err(text)?;
    let mut inputs: Vec<Tensor> = list(&case["inputs"]).iter().map(tensor).collect();
    if let Some(mask) = case["call"].get("mask").filter(|mask| mask.is_object()) {
        inputs[0] = inputs[0].with_remark("mask", &tensor(mask));
    }
    let known = ["mask", "training"];
    let arguments = case["call"]
        .as_object()
        .into_iter()
        .flat_map(|call| call.keys());
    if let Some(argument) = arguments
        .into_iter()
        .find(|key| !known.contains(&key.as_str()))
    {
        return Err(format!(
            "the argument {argument} of the call is not known to this test"
        ));
    }
    if case["call_style"] == "self" {
        inputs.push(inputs[0].clone());
    }
    layer.call_all(&inputs).map_err(text)?;
    let weights: Vec<Tensor> = list(&case["weights"])
        .iter()
        .map(|w| tensor(&w["value"]))
        .collect();
    let named = |w: &Json| w["name"].as_str().unwrap().to_owned();
    let names: Vec<String> = list(&case["weights"]).iter().map(named).collect();
    let own = layer.weights();
    let own: Vec<String> = own
        .iter()
        .map(|w| w.name().rsplit('/').next().unwrap().to_owned())
        .collect();
    if names != own {
        return Err(format!("weights {own:?} instead of {names:?}"));
    }
    layer.set_weights(&weights).map_err(text)?;
    let call = Call::new(case["call"]["training"].as_bool().unwrap_or(false));
    let reads: Vec<Tensor> = layer
        .trainable_variables()
        .iter()
        .map(|w| w.read())
        .collect();
    let outputs = layer.call_with(&inputs, &call).map_err(text)?;
    let expected = &case["expected"];
    let wanted = list(&expected["outputs"]);
    if outputs.len() != wanted.len() {
        return Err(format!(
            "{} outputs instead of {}",
            outputs.len(),
            wanted.len()
        ));
    }
    for (k, (output, wanted)) in outputs.iter().zip(wanted).enumerate() {
        difference(&format!("output {k}"), output, wanted, false)?;
    }
    let sources: Vec<Tensor> = inputs.iter().chain(&reads).cloned().collect();
    let cotangents: Vec<Tensor> = list(&case["cotangents"]).iter().map(tensor).collect();
    let found = vector_jacobian(&outputs, &cotangents, &sources);
    let of_weights = list(&expected["grad_weights"]).iter().map(|w| &w["value"]);
    let wanted = list(&expected["grad_inputs"]).iter().chain(of_weights);
    for (k, (wanted, found)) in wanted.zip(found).enumerate() {
        if wanted.is_object() {
            let found = found.ok_or_else(|| format!("no gradient {k}"))?;
            difference(&format!("gradient {k}"), &found, wanted, true)?;
        }
    }
    for (k, after) in list(&expected["weights_after"]).iter().enumerate() {
        let after = after.get("value").unwrap_or(after);
        difference(
            &format!("weight {k} after"),
            &layer.get_weights()[k],
            after,
            false,
        )?;
    }
    Ok(())
}

#[test]
fn layers_compute_what_keras_computes() {
    let Some(folder) = folder() else {
        report(
            "parity layers: SKIPPED, no shared/keras-parity; set HORNBLENDE_SHARED or PARITY_CASES",
        );
        return;
    };
    let known = |class: &str| {
        let is_it = |e: &&&layers::Entry| e.class_name == class || e.aliases.contains(&class);
        LAYERS.iter().find(is_it).map(|entry| entry.class_name)
    };
    let (mut passed, mut skipped, mut failures) = (BTreeMap::new(), 0, Vec::new());
    for case in cases(&folder) {
        let Some(class) = known(case["class"].as_str().unwrap()) else {
            skipped += 1;
            continue;
        };
        match run(&case) {
            Ok(()) => *passed.entry(class).or_insert(0) += 1,
            Err(message) => failures.push(format!("{}: {message}", case["id"])),
        }
    }
    let count: i32 = passed.values().sum();
    report(&format!(
        "parity layers: {count} passed, {} failed, {skipped} skipped",
        failures.len()
    ));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    for entry in LAYERS
        .iter()
        .filter(|entry| entry.class_name != "InputLayer")
    {
        assert!(
            passed.contains_key(entry.class_name),
            "no case of {}",
            entry.class_name
        );
    }
}

/// Written past the capture of the test harness, so that a run shows what it checked.
fn report(line: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe on the other side is no failure of the test.
    let _ = std::io::Write::write_all(&mut out, format!("{line}\n").as_bytes());
}
