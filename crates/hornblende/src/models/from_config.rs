//! Models from Keras's words.
//!
//! A description is data: it names classes of closed lists and how they are connected, nothing else.

use std::collections::{HashMap, HashSet};
use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::graph::Graph;
use super::network::Network;
use super::recorded_masks::{is_recorded_mask, recorded_masks};
use crate::config::{Config, Json, class_of};
use crate::layers::{self, Call, Input, Layer, call_layer};

/// The model of a text that `to_json` wrote.
pub(super) fn network_of_json(json: &str) -> Result<Network> {
    let object: Json = serde_json::from_str(json)
        .map_err(|error| Error::format("model", "JSON", error.to_string(), ""))?;
    let (class_name, config) = class_of("model", &object)?;
    model_of_class(&class_name, &config).unwrap_or_else(|| {
        Err(Error::unknown(
            "model class",
            &class_name,
            &["Functional", "Sequential"],
        ))
    })
}

/// The model of a configuration: one with `input_layers` is functional.
pub(super) fn network_of(config: &Config) -> Result<Network> {
    match config.get("input_layers") {
        Some(_) => functional(config),
        None => sequential(config),
    }
}

fn model_of_class(class_name: &str, config: &Config) -> Option<Result<Network>> {
    match class_name {
        "Functional" | "Model" => Some(functional(config)),
        "Sequential" => Some(sequential(config)),
        _ => None,
    }
}

fn sequential(config: &Config) -> Result<Network> {
    let known = ["name", "trainable", "dtype", "layers", "build_input_shape"];
    config.only("Sequential", &known)?;
    let network = Network::sequential();
    let location = Location::caller();
    for object in entries("layers", config.get("layers"))? {
        let layer = layer_of(object)?;
        network.change(|chain| chain.add(layer, location));
    }
    network.change(|chain| chain.check_added()).transpose()?;
    finish(network, config)
}

fn functional(config: &Config) -> Result<Network> {
    let known = [
        "name",
        "trainable",
        "dtype",
        "layers",
        "input_layers",
        "output_layers",
    ];
    config.only("Functional", &known)?;
    let mut found = Found::default();
    let mut waiting = Vec::new();
    let objects = config.get("layers").and_then(Json::as_array);
    let masks = recorded_masks(objects.map_or(&[], Vec::as_slice));
    for object in entries("layers", config.get("layers"))? {
        if object["name"]
            .as_str()
            .is_some_and(|name| masks.contains(name))
        {
            continue;
        }
        let layer = layer_of(object)?;
        let name = match object.get("name").and_then(Json::as_str) {
            Some(name) => name.to_owned(),
            None => layer.name(),
        };
        if let Some(input) = layer.as_any().downcast_ref::<Input>() {
            found.insert(name, 0, vec![input.tensor().clone()]);
            continue;
        }
        for (number, node) in entries("inbound_nodes", object.get("inbound_nodes"))?.enumerate() {
            waiting.push((
                Arc::clone(&layer),
                name.clone(),
                number,
                Node::of(node, &masks)?,
            ));
        }
    }
    connect(&mut found, waiting)?;
    let inputs = found.all(config, "input_layers")?;
    let outputs = found.all(config, "output_layers")?;
    finish(Network::functional(Graph::new(inputs, outputs)?), config)
}

/// Makes all calls, each as soon as there is what it needs.
fn connect(found: &mut Found, mut waiting: Vec<Waiting>) -> Result<()> {
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut still = Vec::new();
        for (layer, name, number, node) in waiting {
            match found.tensors(&node.places) {
                Some(inputs) => {
                    let outputs = call_layer(&layer, &inputs, &node.call)?;
                    found.insert(name, number, outputs);
                }
                None => still.push((layer, name, number, node)),
            }
        }
        if still.len() == before {
            let (_, name, _, node) = &still[0];
            let got = format!("\"{name}\", which needs {:?}", node.places);
            return Err(wrong("layers whose inputs come from other layers", &got));
        }
        waiting = still;
    }
    Ok(())
}

/// A call that waits for its inputs: the layer, its name in the description, the number of the call.
type Waiting = (Arc<dyn Layer>, String, usize, Node);

fn finish(network: Network, config: &Config) -> Result<Network> {
    if let Some(name) = config.text("name")? {
        network.base().set_name(name);
    }
    if let Some(trainable) = config.flag("trainable")? {
        network.base().set_trainable(trainable);
    }
    Ok(network)
}

/// The layer, or the model, that an object describes.
fn layer_of(object: &Json) -> Result<Arc<dyn Layer>> {
    let (class_name, config) = class_of("layers", object)?;
    match model_of_class(&class_name, &config) {
        Some(network) => Ok(Arc::new(network?)),
        None => layers::from_config(&class_name, &config),
    }
}

/// One call as the description has it.
struct Node {
    places: Vec<Place>,
    call: Call,
}

impl Node {
    fn of(json: &Json, masks: &HashSet<String>) -> Result<Self> {
        let mut node = Self {
            places: Vec::new(),
            call: Call::default(),
        };
        node.push_tensors(json.get("args").unwrap_or(&Json::Null))?;
        let arguments = json.get("kwargs").and_then(Json::as_object);
        for (key, value) in arguments.into_iter().flatten() {
            if key == "mask" && is_recorded_mask(masks, value) {
                continue;
            }
            node.push_argument(key, value)?;
        }
        Ok(node)
    }

    fn push_argument(&mut self, key: &str, value: &Json) -> Result<()> {
        match (key, value) {
            (_, Json::Null) => {}
            ("training", Json::Bool(flag)) => self.call = self.call.clone().training(*flag),
            ("use_causal_mask", Json::Bool(flag)) => self.call.use_causal_mask = *flag,
            ("reverse", Json::Bool(flag)) => self.call.reverse = *flag,
            ("return_attention_scores", Json::Bool(flag)) => {
                self.call.return_attention_scores = *flag;
            }
            ("inputs" | "query" | "value" | "key" | "sequences" | "initial_state", tensors) => {
                self.push_tensors(tensors)?;
            }
            (key, value) => {
                let got = format!("\"{key}\": {value}");
                return Err(wrong(
                    "calls with tensors, attention flags, reverse and training alone",
                    &got,
                ));
            }
        }
        Ok(())
    }

    /// The tensors of an argument, lists of them opened.
    fn push_tensors(&mut self, json: &Json) -> Result<()> {
        match json {
            Json::Null => {}
            Json::Array(tensors) => {
                for tensor in tensors {
                    self.push_tensors(tensor)?;
                }
            }
            tensor => {
                let history = &tensor["config"]["keras_history"];
                self.places.push(Place::of(history)?);
            }
        }
        Ok(())
    }
}

/// Where a tensor comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    layer: String,
    call: usize,
    result: usize,
}

impl Place {
    fn of(json: &Json) -> Result<Self> {
        let place = || {
            let number = |k: usize| json.get(k)?.as_u64().map(|n| n as usize);
            Some(Self {
                layer: json.get(0)?.as_str()?.to_owned(),
                call: number(1)?,
                result: number(2)?,
            })
        };
        let expected = "a layer's name, the number of its call and of the result";
        place().ok_or_else(|| wrong(expected, &json.to_string()))
    }
}

/// The results of the calls that were made.
#[derive(Default)]
struct Found(HashMap<(String, usize), Vec<Tensor>>);

impl Found {
    fn insert(&mut self, layer: String, call: usize, tensors: Vec<Tensor>) {
        self.0.insert((layer, call), tensors);
    }

    fn tensor(&self, place: &Place) -> Option<Tensor> {
        let results = self.0.get(&(place.layer.clone(), place.call))?;
        results.get(place.result).cloned()
    }

    fn tensors(&self, places: &[Place]) -> Option<Vec<Tensor>> {
        places.iter().map(|place| self.tensor(place)).collect()
    }

    /// The tensors that one place, a list of them or an object of them names.
    fn all(&self, config: &Config, key: &str) -> Result<Vec<Tensor>> {
        let json = config.get(key).unwrap_or(&Json::Null);
        let places: Vec<Place> = match json {
            Json::Array(entries) if entries.first().is_some_and(Json::is_string) => {
                vec![Place::of(json)?]
            }
            Json::Array(entries) => entries.iter().map(Place::of).collect::<Result<_>>()?,
            Json::Object(named) => named.values().map(Place::of).collect::<Result<_>>()?,
            other => return Err(wrong(&format!("\"{key}\""), &other.to_string())),
        };
        self.tensors(&places)
            .ok_or_else(|| wrong("places in the model", &json.to_string()))
    }
}

/// The entries of a list that must be there.
fn entries<'j>(key: &str, json: Option<&'j Json>) -> Result<impl Iterator<Item = &'j Json>> {
    match json {
        Some(Json::Array(entries)) => Ok(entries.iter()),
        other => {
            let got = other.map_or_else(|| "none".to_owned(), Json::to_string);
            Err(wrong(&format!("a list of \"{key}\""), &got))
        }
    }
}

fn wrong(expected: &str, got: &str) -> Error {
    Error::format("configuration of a model", expected, got, "")
}
