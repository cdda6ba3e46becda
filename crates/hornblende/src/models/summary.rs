//! From a model to the table that describes it.

use std::sync::Arc;

use hornblende_core::tensor::{CallRecord, Origin};
use hornblende_core::{Shape, Spec, Tensor, Variable};

use super::graph::{Graph, layer_of};
use super::network::Network;
use super::{ParameterCount, SummaryRow, SummaryTable, SummaryTotals};
use crate::layers::{Input, Layer};

/// The table of a model; `optimizer` are the variables of its optimizer, if there are any yet.
pub(super) fn summary_table(network: &Network, optimizer: &[Variable]) -> SummaryTable {
    let mut rows = Vec::new();
    push_rows(network, 0, &mut rows);
    let trainable = network.trainable_variables();
    let mut frozen = network.weights();
    frozen.retain(|weight| !trainable.contains(weight));
    let totals = SummaryTotals {
        trainable: count(&trainable),
        non_trainable: count(&frozen),
        optimizer: (!optimizer.is_empty()).then(|| count(optimizer)),
    };
    let branches = network.is_functional() && network.graph().is_some_and(|g| !g.is_chain());
    let name = network.base().name(network.class_name());
    SummaryTable::new(name, rows, totals).show_connections(branches)
}

fn push_rows(network: &Network, depth: usize, rows: &mut Vec<SummaryRow>) {
    let graph = network.graph();
    for layer in network.layers() {
        rows.push(row(&*layer, graph.as_deref(), depth));
        if let Some(nested) = layer.as_any().downcast_ref::<Network>() {
            push_rows(nested, depth + 1, rows);
        }
    }
}

fn row(layer: &dyn Layer, graph: Option<&Graph>, depth: usize) -> SummaryRow {
    let input = layer.as_any().downcast_ref::<Input>();
    let nested = layer.as_any().downcast_ref::<Network>();
    let calls = graph.map_or_else(Vec::new, |graph| calls_of(layer, graph));
    let is_built = input.is_some()
        || layer.base().is_built()
        || nested.is_some_and(|network| network.graph().is_some());
    let output_shape = match (input, calls.last()) {
        (Some(input), _) => shape_text(input.tensor().shape()),
        (None, Some(call)) => shapes_text(&call.outputs),
        (None, None) => "?".to_owned(),
    };
    let has_weights = !layer.weights().is_empty();
    SummaryRow {
        name: layer.name(),
        class: layer.class_name().to_owned(),
        output_shape,
        params: is_built.then(|| layer.count_params() as u64),
        connected_to: graph.map_or_else(Vec::new, |graph| connections(&calls, graph)),
        trainable: has_weights.then(|| layer.base().trainable()),
        depth,
    }
}

fn calls_of(layer: &dyn Layer, graph: &Graph) -> Vec<Arc<CallRecord>> {
    let own = graph
        .layer_calls()
        .filter(|(_, called)| called.base().is_same(layer.base()));
    own.map(|(record, _)| Arc::clone(record)).collect()
}

/// `layer[call][result]` for each input of the calls.
fn connections(calls: &[Arc<CallRecord>], graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for tensor in calls.iter().flat_map(|call| &call.inputs) {
        connect(tensor, graph, &mut found);
    }
    found
}

fn connect(tensor: &Tensor, graph: &Graph, found: &mut Vec<String>) {
    if let Some(name) = graph.input_name(tensor) {
        found.push(format!("{name}[0][0]"));
        return;
    }
    let Some(Origin::Call(record, result)) = tensor.origin() else {
        return;
    };
    match layer_of(record) {
        Some(layer) => {
            let calls = calls_of(&*layer, graph);
            let call = calls.iter().position(|call| Arc::ptr_eq(call, record));
            found.push(format!("{}[{}][{result}]", layer.name(), call.unwrap_or(0)));
        }
        // Plain arithmetic has no row of its own: its line leads to the layers behind it.
        None => record
            .inputs
            .iter()
            .for_each(|input| connect(input, graph, found)),
    }
}

fn count(variables: &[Variable]) -> ParameterCount {
    let numbers = |v: &Variable| v.shape().len() as u64;
    ParameterCount {
        parameters: variables.iter().map(numbers).sum(),
        bytes: variables
            .iter()
            .map(|v| numbers(v) * v.dtype().size() as u64)
            .sum(),
    }
}

fn shapes_text(specs: &[Spec]) -> String {
    let texts: Vec<String> = specs.iter().map(|spec| shape_text(&spec.shape)).collect();
    match texts.as_slice() {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}

/// The shape as Keras's table has it: `(None)` where Python writes `(None,)`.
fn shape_text(shape: &Shape) -> String {
    shape.to_string().replace(",)", ")")
}

#[cfg(test)]
mod tests {
    use crate::models::Model;
    use crate::prelude::*;

    fn golden(text: &str) -> &str {
        text.split_once('\n').unwrap().1
    }

    #[test]
    fn what_the_optimizer_remembers_has_a_line_of_its_own() {
        let inputs = Input::new([784]).name("digits");
        let x = Dense::new(64).name("dense_1").call(&inputs).unwrap();
        let x = Dropout::new(0.5).name("dropout").call(&x).unwrap();
        let outputs = Dense::new(10).name("predictions").call(&x).unwrap();
        let mut model = Model::new(&inputs, &outputs).unwrap().with_name("mlp");
        // As many numbers as Adam has: two a weight, a learning rate and a counter.
        let slots = Tensor::zeros([101_782], DType::F32);
        model.optimizer_variables = vec![Variable::new("slots", slots).unwrap()];
        let expected = golden(include_str!(
            "../../tests/golden/terminal/linear_optimizer.txt"
        ));
        assert_eq!(model.summary_text(), expected);
    }

    #[test]
    fn arithmetic_between_layers_leads_on_to_the_layers_behind_it() {
        let (a, b) = (Input::new([2]).name("a"), Input::new([2]).name("b"));
        let left = Dense::new(2).name("left").call(&a).unwrap();
        let sum = (left * 2.0 + &*b).exp();
        let outputs = Dense::new(1).name("out").call(&sum).unwrap();
        let model = Model::new([&a, &b], &outputs).unwrap();
        let text = model.summary_text();
        let row = text
            .lines()
            .find(|line| line.contains("out (Dense)"))
            .unwrap();
        assert!(row.contains("left[0][0], b[0][0]"), "{text}");
    }
}
