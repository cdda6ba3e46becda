//! Layers: results, gradients of inputs and weights, and what a call leaves in the weights.

use std::sync::Arc;

use hornblende::config::Json;
use hornblende::layers;
use hornblende::prelude::*;
use hornblende_core::autodiff::vector_jacobian;

use super::activations;
use super::call::LayerCall;
use super::case::Case;
use super::reading::{array, list, message, tensor, text, value};
use super::tally::run;

#[test]
fn layers_and_activations_are_those_of_keras() {
    run("layers", |case| {
        match case.class().strip_prefix("activations.") {
            Some(name) => activations::check(case, name),
            None => check(case),
        }
    });
}

/// The keys of a case of this family and of what it expects.
pub(crate) const KEYS: &[&str] = &[
    "class",
    "config",
    "inputs",
    "adapt_data",
    "call",
    "call_style",
    "weights",
    "cotangents",
];
pub(crate) const EXPECTED: &[&str] = &["outputs", "grad_inputs", "grad_weights", "weights_after"];

fn check(case: &Case) -> Result<(), String> {
    case.only(KEYS, EXPECTED)?;
    let layer = layers::from_config(case.class(), &case.config()).map_err(message)?;
    if let Some(data) = array(case.get("adapt_data")) {
        layer.adapt(Tensor::from(data)).map_err(message)?;
    }
    let call = LayerCall::of(case)?;
    let inputs = call.all_inputs();
    layer.call_with(&inputs, &call.call).map_err(message)?;
    set_weights(&layer, list(case.get("weights")))?;
    let outputs = layer.call_with(&inputs, &call.call).map_err(message)?;
    let wanted = list(case.expected("outputs"));
    if outputs.len() != wanted.len() {
        return Err(format!(
            "{} outputs instead of {}",
            outputs.len(),
            wanted.len()
        ));
    }
    for (k, (output, wanted)) in outputs.iter().zip(wanted).enumerate() {
        let what = format!("output {k}");
        case.tolerance()
            .check_tensor(&what, output, &value(wanted))?;
    }
    check_weights_after(case, &layer)?;
    set_weights(&layer, list(case.get("weights")))?;
    check_gradients(case, &layer, &call)
}

/// Sets the weights after their names, within the layer, were compared.
fn set_weights(layer: &Arc<dyn Layer>, weights: &[Json]) -> Result<(), String> {
    let got: Vec<String> = layer
        .weights()
        .iter()
        .map(|w| inner_name(layer, w))
        .collect();
    let names: Vec<&str> = weights.iter().map(|w| text(&w["name"])).collect();
    if got != names {
        return Err(format!("weights {got:?} instead of {names:?}"));
    }
    let values: Vec<Tensor> = weights.iter().map(|w| tensor(&w["value"])).collect();
    layer.set_weights(&values).map_err(message)
}

/// The name of a variable without that of the layer before it.
fn inner_name(layer: &Arc<dyn Layer>, variable: &Variable) -> String {
    let (name, outer) = (variable.name(), format!("{}/", layer.name()));
    name.strip_prefix(&outer).unwrap_or(&name).to_owned()
}

fn check_weights_after(case: &Case, layer: &Arc<dyn Layer>) -> Result<(), String> {
    let weights = layer.weights();
    for (weight, wanted) in weights.iter().zip(list(case.expected("weights_after"))) {
        let what = format!("{} after the call", text(&wanted["name"]));
        case.tolerance()
            .check(&what, &weight.value(), &value(&wanted["value"]))?;
    }
    Ok(())
}

/// The gradients of the sum of outputs times cotangents.
fn check_gradients(case: &Case, layer: &Arc<dyn Layer>, call: &LayerCall) -> Result<(), String> {
    let wanted_inputs = list(case.expected("grad_inputs"));
    let wanted_weights = list(case.expected("grad_weights"));
    if wanted_inputs.is_empty() && wanted_weights.is_empty() {
        return Ok(());
    }
    let weights = layer.trainable_variables();
    let got: Vec<String> = weights.iter().map(|w| inner_name(layer, w)).collect();
    let names: Vec<&str> = wanted_weights.iter().map(|w| text(&w["name"])).collect();
    if got != names {
        return Err(format!("trainable weights {got:?} instead of {names:?}"));
    }
    let reads = weights.iter().map(Variable::read);
    // Keras has no gradient of whole numbers, and the cases leave them out.
    let floats = call.inputs.iter().filter(|input| input.dtype().is_float());
    let mut sources: Vec<Tensor> = floats.cloned().collect();
    let inputs = sources.len();
    sources.extend(reads);
    if wanted_inputs.len() != inputs {
        let wanted = wanted_inputs.len();
        return Err(format!(
            "{inputs} inputs of floats, and {wanted} gradients of inputs"
        ));
    }
    let outputs = layer
        .call_with(call.all_inputs(), &call.call)
        .map_err(message)?;
    let (outputs, cotangents): (Vec<Tensor>, Vec<Tensor>) = outputs
        .into_iter()
        .zip(list(case.get("cotangents")))
        .filter_map(|(output, json)| Some((output, Tensor::from(array(json)?))))
        .unzip();
    let found = vector_jacobian(&outputs, &cotangents, &sources);
    let what = |k: usize| match k.checked_sub(inputs) {
        None => format!("gradient of input {k}"),
        Some(k) => format!("gradient of {}", names[k]),
    };
    let of_weights = wanted_weights.iter().map(|w| &w["value"]);
    for (k, wanted) in wanted_inputs.iter().chain(of_weights).enumerate() {
        // Keras says by null that there is no gradient.
        let Some(wanted) = array(wanted) else {
            continue;
        };
        let zeros = || Tensor::zeros(sources[k].shape().clone(), DType::F32);
        let found = found[k].clone().unwrap_or_else(zeros);
        let tolerance = case.tolerance().of_largest(&wanted);
        tolerance.check_tensor(&what(k), &found, &wanted)?;
    }
    Ok(())
}
