//! Models in Keras's words.

use std::collections::HashMap;
use std::sync::Arc;

use hornblende_core::tensor::{CallRecord, Origin};
use hornblende_core::{Error, Result, Shape, Tensor};

use super::graph::{Graph, handle_of, layer_of};
use super::graph_walk::key;
use super::input_style::InputStyle;
use super::network::Network;
use crate::config::{Config, Json, class_object};
use crate::layers::{Input, Layer, LayerHandle};

/// Name, layers and connections of a model.
///
/// # Errors
/// [`Error::InvalidArgument`] if the model has calls that are no layers, or is one layer of the user's own.
pub(super) fn model_config(network: &Network) -> Result<Config> {
    let base = Config::new()
        .with("name", network.base().name(network.class_name()))
        .with("trainable", network.base().trainable());
    if network.is_sequential() {
        return sequential_config(network, base);
    }
    match network.graph() {
        Some(graph) if network.is_functional() => functional_config(&graph, base),
        _ => Err(Error::invalid_argument(
            "get_config",
            "a model of layers that are connected, or a list of layers",
            format!("one layer of your own, {}", network.class_name()),
            "Describe such a model in your own program",
        )),
    }
}

/// A model as Keras describes an object: its class around its configuration.
pub(super) fn model_object(network: &Network) -> Result<Json> {
    layer_object(network)
}

fn sequential_config(network: &Network, config: Config) -> Result<Config> {
    let mut layers = Vec::new();
    let input = network.chain_input();
    if let Some(input) = &input {
        layers.push(layer_object(&Input::of_tensor(input))?);
    }
    for layer in network.layers() {
        layers.push(layer_object(&*layer)?);
    }
    let config = config
        .with("dtype", network.base().dtype().name())
        .with("layers", layers);
    Ok(match input {
        Some(input) => config.with("build_input_shape", shape_json(input.shape())),
        None => config,
    })
}

fn functional_config(graph: &Graph, config: Config) -> Result<Config> {
    let history = History::of(graph)?;
    let mut layers = Vec::new();
    for layer in graph.layers() {
        let calls = history.calls.get(&layer.base().identity());
        let calls = calls.map_or(&[][..], Vec::as_slice);
        layers.push(connected_object(&history, &**layer, calls)?);
    }
    let places = |tensors: &[Tensor]| -> Result<Json> {
        let places: Vec<Json> = tensors
            .iter()
            .map(|t| history.place(t))
            .collect::<Result<_>>()?;
        // Keras writes the place alone where a model has one input or output.
        Ok(match <[Json; 1]>::try_from(places) {
            Ok([place]) => place,
            Err(places) => places.into(),
        })
    };
    Ok(config
        .with("layers", layers)
        .with("input_layers", places(graph.inputs())?)
        .with("output_layers", places(graph.outputs())?))
}

/// A layer with its calls.
fn connected_object(
    history: &History,
    layer: &dyn Layer,
    calls: &[Arc<CallRecord>],
) -> Result<Json> {
    let mut object = layer_object(layer)?;
    let style = InputStyle::of(layer.class_name());
    let nodes = calls.iter().map(|record| node(history, record, style));
    let nodes: Vec<Json> = nodes.collect::<Result<_>>()?;
    if let Json::Object(fields) = &mut object {
        if let Some(record) = calls.first().filter(|_| !layer.weights().is_empty())
            && let Some(shape) = build_shape(record, style)
        {
            let build = Config::new().with("input_shape", shape);
            fields.insert("build_config".to_owned(), Json::Object(build.0));
        }
        fields.insert(
            "name".to_owned(),
            layer.base().name(layer.class_name()).into(),
        );
        fields.insert("inbound_nodes".to_owned(), nodes.into());
    }
    Ok(object)
}

/// One call of a layer.
fn node(history: &History, record: &CallRecord, style: InputStyle) -> Result<Json> {
    let tensors = record.inputs.iter().map(|input| history.tensor(input));
    let mut tensors: Vec<Json> = tensors.collect::<Result<_>>()?;
    let mut arguments = Config::new();
    let several = tensors.len() > 1;
    let tensors: Json = match style {
        InputStyle::List if several => vec![Json::from(tensors)].into(),
        InputStyle::InitialState if several => {
            arguments = arguments.with("initial_state", tensors.split_off(1));
            tensors.into()
        }
        _ => tensors.into(),
    };
    for (name, flag) in handle_of(record).map_or_else(Vec::new, flags) {
        arguments = arguments.with(name, flag);
    }
    let node = Config::new()
        .with("args", tensors)
        .with("kwargs", Json::Object(arguments.0));
    Ok(Json::Object(node.0))
}

/// The arguments of a call that were said, or are not as they would be without a word.
fn flags(handle: &LayerHandle) -> Vec<(&'static str, bool)> {
    let flags = [
        ("use_causal_mask", handle.use_causal_mask),
        ("return_attention_scores", handle.return_attention_scores),
        ("reverse", handle.reverse),
    ];
    let training = handle.training.map(|training| ("training", training));
    let raised = flags.into_iter().filter(|(_, flag)| *flag);
    raised.chain(training).collect()
}

/// The argument of Keras's `build`, for layers whose `build` takes one shape or one list of them.
fn build_shape(record: &CallRecord, style: InputStyle) -> Option<Json> {
    match (record.inputs.as_slice(), style) {
        (_, InputStyle::Positional) => None,
        ([input], _) => Some(shape_json(input.shape())),
        (_, InputStyle::InitialState) => None,
        (inputs, InputStyle::List) => {
            let shapes: Vec<Json> = inputs.iter().map(|i| shape_json(i.shape())).collect();
            Some(shapes.into())
        }
    }
}

/// The class of a layer around its configuration.
fn layer_object(layer: &dyn Layer) -> Result<Json> {
    let class_name = layer.class_name();
    let Some(network) = layer.as_any().downcast_ref::<Network>() else {
        return Ok(class_object("keras.layers", class_name, layer.get_config()));
    };
    let config = model_config(network)?;
    if network.is_sequential() {
        return Ok(class_object("keras", class_name, config));
    }
    let mut object = class_object("keras.src.models.functional", class_name, config);
    object["registered_name"] = class_name.into();
    Ok(object)
}

/// Where the tensors of a graph come from: layer, number of its call, number of the result.
struct History {
    /// The calls of each layer, by its identity.
    calls: HashMap<usize, Vec<Arc<CallRecord>>>,
    /// The name of each input, by the key of its tensor.
    inputs: HashMap<usize, String>,
}

impl History {
    fn of(graph: &Graph) -> Result<Self> {
        let mut calls: HashMap<usize, Vec<Arc<CallRecord>>> = HashMap::new();
        for record in graph.calls() {
            let layer = layer_of(record).ok_or_else(|| {
                Error::invalid_argument(
                    "get_config",
                    "a model whose calls are layers",
                    "plain arithmetic on symbolic tensors",
                    "Use a layer for it, such as Add or Rescaling",
                )
            })?;
            let identity = layer.base().identity();
            calls.entry(identity).or_default().push(Arc::clone(record));
        }
        let names = graph.input_names().into_iter();
        let keys = graph.inputs().iter().map(key);
        Ok(Self {
            calls,
            inputs: keys.zip(names).collect(),
        })
    }

    /// Name, number of the call, number of the result.
    fn place(&self, tensor: &Tensor) -> Result<Json> {
        if let Some(name) = self.inputs.get(&key(tensor)) {
            return Ok(vec![Json::from(name.as_str()), 0.into(), 0.into()].into());
        }
        let found = match tensor.origin() {
            Some(Origin::Call(record, index)) => self.number(record).map(|call| (call, *index)),
            _ => None,
        };
        let ((name, call), index) = found.ok_or_else(|| {
            let expected = "tensors that come from inputs and layers of the model";
            Error::invalid_argument("get_config", expected, format!("{tensor:?}"), "")
        })?;
        Ok(vec![Json::from(name), call.into(), index.into()].into())
    }

    /// The layer's name, and which of its calls this is.
    fn number(&self, record: &Arc<CallRecord>) -> Option<(String, usize)> {
        let layer = layer_of(record)?;
        let calls = self.calls.get(&layer.base().identity())?;
        let number = calls.iter().position(|call| Arc::ptr_eq(call, record))?;
        Some((layer.name(), number))
    }

    /// A tensor as an argument of a call.
    fn tensor(&self, tensor: &Tensor) -> Result<Json> {
        let config = Config::new()
            .with("shape", shape_json(tensor.shape()))
            .with("dtype", tensor.dtype().name())
            .with("keras_history", self.place(tensor)?);
        let object = Config::new()
            .with("class_name", "__keras_tensor__")
            .with("config", Json::Object(config.0));
        Ok(Json::Object(object.0))
    }
}

/// A shape; sizes that are not known are null.
fn shape_json(shape: &Shape) -> Json {
    let size = |size: &usize| match *size {
        Shape::UNKNOWN => Json::Null,
        size => size.into(),
    };
    shape.dims().iter().map(size).collect::<Vec<Json>>().into()
}
