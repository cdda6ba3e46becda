//! Where Keras's files keep the weights of a model.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use hornblende_core::Variable;

use super::Model;
use super::network::Network;
use crate::layers::{CallLayer, Layer, snake_case};

/// The paths of a model's weights in Keras's files, such as `layers/dense_1/vars/0`.
///
/// Layers are numbered by class in the order of their model, whatever their names are; a layer within a layer
/// goes by the attribute that holds it in Keras. A layer that is used twice has its place at its first use.
#[derive(Default)]
pub(crate) struct WeightPlaces {
    /// Path and variable, each variable of a layer once.
    pub(crate) weights: Vec<(String, Variable)>,
    /// The groups of variables, also of layers that have none, with the names of the layers.
    pub(crate) names: Vec<(String, String)>,
    visited: HashSet<usize>,
}

impl WeightPlaces {
    /// The places of the weights of this model.
    pub(crate) fn of(model: &Model) -> Self {
        let mut places = Self::default();
        let handle = model.handle();
        // A model that is one layer of the user's own is that layer.
        let own = network(&*handle).and_then(Network::custom_layer);
        places.add(&*own.unwrap_or(handle), "");
        places
    }

    fn add(&mut self, layer: &dyn Layer, path: &str) {
        if !self.visited.insert(layer.base().identity()) {
            return;
        }
        let group = joined(path, "vars");
        for (k, weight) in own_weights(layer).into_iter().enumerate() {
            self.weights.push((format!("{group}/{k}"), weight));
        }
        self.names.push((group, layer.name()));
        for (place, inner) in children(layer) {
            self.add(&*inner, &joined(path, &place));
        }
    }
}

/// The weights that Keras keeps with the layer itself.
fn own_weights(layer: &dyn Layer) -> Vec<Variable> {
    let own = layer.base().weights();
    if layer.class_name() == "SpectralNormalization" {
        // The kernel of the wrapped layer counts as its own too, and stands in front.
        let kernel = layer.weights().into_iter().take(1);
        return kernel.chain(own).collect();
    }
    own
}

/// The layers within a layer, with the attributes that hold them in Keras.
fn children(layer: &dyn Layer) -> Vec<(String, Arc<dyn Layer>)> {
    if let Some(network) = network(layer) {
        return numbered("layers", network.layers());
    }
    let inner = layer.sublayers();
    let each = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned());
        names.zip(inner.iter().cloned()).collect()
    };
    match layer.class_name() {
        "Bidirectional" => each(&["forward_layer", "backward_layer"]),
        "StackedRNNCells" => numbered("cells", inner),
        "MultiHeadAttention" => heads(inner, ""),
        "GroupQueryAttention" | "GroupedQueryAttention" => heads(inner, "_"),
        "TimeDistributed" | "SpectralNormalization" => each(&["layer"]),
        "RNN" | "SimpleRNN" | "LSTM" | "GRU" | "ConvLSTM1D" | "ConvLSTM2D" | "ConvLSTM3D" => {
            each(&["cell"])
        }
        _ => numbered("layers", inner),
    }
}

/// Layers in a list: named after their classes, with a number behind where a name is taken.
fn numbered(list: &str, layers: Vec<Arc<dyn Layer>>) -> Vec<(String, Arc<dyn Layer>)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let place = |layer: Arc<dyn Layer>| {
        let stem = match layer.class_name() {
            // Its name in Keras's interface is not that of the class behind it.
            "GroupQueryAttention" => "grouped_query_attention".to_owned(),
            class_name => snake_case(class_name),
        };
        let count = counts.entry(stem.clone()).or_default();
        *count += 1;
        let name = match *count {
            1 => stem,
            n => format!("{stem}_{}", n - 1),
        };
        (format!("{list}/{name}"), layer)
    };
    layers.into_iter().map(place).collect()
}

/// The layers of an attention: projections in order, and what has no weights.
fn heads(inner: Vec<Arc<dyn Layer>>, prefix: &str) -> Vec<(String, Arc<dyn Layer>)> {
    let dense = ["query_dense", "key_dense", "value_dense", "output_dense"];
    let (projections, other): (Vec<_>, Vec<_>) = inner
        .into_iter()
        .partition(|layer| layer.class_name() == "EinsumDense");
    let names = dense.iter().map(|name| format!("{prefix}{name}"));
    let other = other
        .into_iter()
        .map(|layer| (format!("_{}_layer", snake_case(layer.class_name())), layer));
    names.zip(projections).chain(other).collect()
}

fn network(layer: &dyn Layer) -> Option<&Network> {
    layer.as_any().downcast_ref()
}

fn joined(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        _ => format!("{path}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Bidirectional, Dense, Input, LSTM, LayerOptions};
    use crate::models::Sequential;

    #[test]
    fn layers_are_numbered_by_class_and_inner_ones_go_by_keras_attributes() {
        let model = Sequential::new()
            .add(Input::new([3, 4]))
            .add(Bidirectional::new(LSTM::new(2)))
            .add(Dense::new(5).name("first"))
            .add(Dense::new(6).name("second"));
        let places = WeightPlaces::of(&model);
        let paths: Vec<&str> = places.weights.iter().map(|(path, _)| &**path).collect();
        assert_eq!(paths[0], "layers/bidirectional/forward_layer/cell/vars/0");
        assert_eq!(paths[5], "layers/bidirectional/backward_layer/cell/vars/2");
        assert_eq!(
            paths[6..],
            [
                "layers/dense/vars/0",
                "layers/dense/vars/1",
                "layers/dense_1/vars/0",
                "layers/dense_1/vars/1",
            ]
        );
        let named = ("layers/dense_1/vars".to_owned(), "second".to_owned());
        assert!(places.names.contains(&named));
    }
}
