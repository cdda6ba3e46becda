//! A graph of operations as TensorFlow describes it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use hornblende_core::function::trace;
use hornblende_core::graph::op::Op;
use hornblende_core::graph::{Graph, Node};
use hornblende_core::tensor::{CallRecord, Origin};
use hornblende_core::{DType, Error, Result, Shape, Spec, Tensor, Variable};

use super::calls::{Key, call_of, key, layer_name, tensors_between, unique};
use super::summary_value::shape_proto;
use crate::formats::protobuf::Message;

/// Stands for sizes that are not known while the operations of a call are listed; nothing is computed with it.
/// A prime that no usual size equals, so that it can be told again.
const UNKNOWN: usize = 1009;

/// The operations between symbolic tensors, those of a layer in its scope.
pub(super) fn graph_def(inputs: &[Tensor], outputs: &[Tensor]) -> Result<Message> {
    let mut drawing = Drawing::default();
    for tensor in tensors_between(inputs, outputs) {
        let is_input = inputs.iter().any(|input| key(input) == key(&tensor));
        match (call_of(&tensor), tensor.origin()) {
            (Some(record), _) if !is_input => drawing.call(record)?,
            (_, Some(Origin::Input { name })) => drawing.input(name, &tensor),
            _ => drawing.input("input", &tensor),
        }
    }
    if drawing.nodes.is_empty() {
        let expected = "symbolic inputs and outputs, such as those of a model that is built";
        return Err(Error::invalid_argument(
            "graph summary",
            expected,
            "none",
            "",
        ));
    }
    let graph = drawing
        .nodes
        .iter()
        .fold(Message::new(), |graph, node| graph.message(1, node));
    // The version of TensorFlow's graphs since it has been 2.
    Ok(graph.message(4, &Message::new().whole(1, 1882)))
}

#[derive(Default)]
struct Drawing {
    nodes: Vec<Message>,
    names: HashSet<String>,
    /// The node that makes each symbolic tensor.
    sources: HashMap<Key, String>,
}

impl Drawing {
    fn input(&mut self, name: &str, tensor: &Tensor) {
        let name = unique(&usable(name), &mut self.names);
        self.sources
            .extend(key(tensor).map(|key| (key, name.clone())));
        self.node(&name, "Placeholder", &[], tensor.shape(), tensor.dtype());
    }

    /// The operations of a call, in a scope of its own.
    fn call(&mut self, record: &Arc<CallRecord>) -> Result<()> {
        let place = |index| (Arc::as_ptr(record) as usize, index);
        if self.sources.contains_key(&place(0)) {
            return Ok(());
        }
        let scope = usable(&layer_name(record).unwrap_or_else(|| "operation".to_owned()));
        let scope = unique(&scope, &mut self.names);
        let specs: Vec<Spec> = record.inputs.iter().map(known_spec).collect();
        let (graph, variables) = trace(&specs, |inputs| (record.call)(inputs))?;
        let mut operands = Vec::with_capacity(record.inputs.len());
        for input in &record.inputs {
            operands.push(match key(input).and_then(|key| self.sources.get(&key)) {
                Some(source) => source.clone(),
                None => self.constant(&scope, input),
            });
        }
        let names = self.operations(&scope, &graph, &variables, &operands);
        for (index, output) in graph.outputs.iter().enumerate() {
            let mut name = names[*output].clone();
            if operands.contains(&name) {
                // A layer that hands its input on, such as Dropout outside training, is there all the same.
                let node = &graph.nodes[*output];
                let from = name;
                name = unique(&format!("{scope}/identity"), &mut self.names);
                self.node(&name, "identity", &[from], &node.shape, node.dtype);
            }
            self.sources.insert(place(index), name);
        }
        Ok(())
    }

    /// Draws the nodes of a graph and gives the name of each.
    fn operations(
        &mut self,
        scope: &str,
        graph: &Graph,
        variables: &[Variable],
        operands: &[String],
    ) -> Vec<String> {
        let mut names: Vec<String> = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            if let Op::Parameter(number) = node.op {
                names.push(operands[number].clone());
                continue;
            }
            let (last, op) = naming(node, variables);
            let name = unique(&format!("{scope}/{last}"), &mut self.names);
            let inputs: Vec<String> = node.inputs.iter().map(|id| names[*id].clone()).collect();
            self.node(&name, op, &inputs, &node.shape, node.dtype);
            names.push(name);
        }
        names
    }

    fn constant(&mut self, scope: &str, tensor: &Tensor) -> String {
        let name = unique(&format!("{scope}/constant"), &mut self.names);
        self.node(&name, "Const", &[], tensor.shape(), tensor.dtype());
        name
    }

    fn node(&mut self, name: &str, op: &str, inputs: &[String], shape: &Shape, dtype: DType) {
        let node = Message::new().text(1, name).text(2, op);
        let node = inputs.iter().fold(node, |node, input| node.text(3, input));
        let size = |size: &usize| match *size {
            // An unknown size is -1, which the same bits are as an unsigned number.
            Shape::UNKNOWN | UNKNOWN => usize::MAX,
            size => size,
        };
        let sizes: Vec<usize> = shape.dims().iter().map(size).collect();
        let shapes = Message::new().message(7, &shape_proto(&sizes));
        let node = node
            .entry(5, "T", &Message::new().whole(6, type_number(dtype)))
            .entry(5, "_output_shapes", &Message::new().message(1, &shapes));
        self.nodes.push(node);
    }
}

/// The last part of the name of a node, and its operation.
fn naming<'n>(node: &'n Node, variables: &[Variable]) -> (String, &'n str) {
    match &node.op {
        Op::State(number) => {
            let name = variables[*number].name();
            let last = name.rsplit('/').next().unwrap_or_default();
            (usable(last), "VarHandleOp")
        }
        Op::Constant(_) => ("constant".to_owned(), "Const"),
        op => (op.name().to_owned(), op.name()),
    }
}

/// A name with the letters that TensorFlow allows.
fn usable(name: &str) -> String {
    let letter = |c: char| match c {
        c if c.is_ascii_alphanumeric() || "._-/".contains(c) => c,
        _ => '_',
    };
    let name: String = name.chars().map(letter).collect();
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        name
    } else {
        format!("n{name}")
    }
}

fn known_spec(tensor: &Tensor) -> Spec {
    let size = |size: &usize| {
        if *size == Shape::UNKNOWN {
            UNKNOWN
        } else {
            *size
        }
    };
    Spec {
        shape: tensor
            .shape()
            .dims()
            .iter()
            .map(size)
            .collect::<Vec<_>>()
            .into(),
        dtype: tensor.dtype(),
    }
}

/// The numbers of TensorFlow's element types.
fn type_number(dtype: DType) -> i64 {
    match dtype {
        DType::F32 => 1,
        DType::F64 => 2,
        DType::I32 => 3,
        DType::U8 => 4,
        DType::I64 => 9,
        DType::Bool => 10,
        DType::BF16 => 14,
        DType::F16 => 19,
        // A type that is added has no number until somebody looks it up: 0 is "invalid".
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{CallLayer, Dense, Dropout, Input, LayerOptions};

    #[test]
    fn every_layer_is_a_scope_and_edges_lead_to_nodes() {
        let inputs = Input::new([4]).name("features");
        let hidden = Dense::new(3).name("hidden").call(&inputs).unwrap();
        let dropped = Dropout::new(0.5).name("dropped").call(&hidden).unwrap();
        let outputs = Dense::new(1).name("a b").call(&dropped).unwrap();
        let mut drawing = Drawing::default();
        for tensor in tensors_between(&[inputs.tensor().clone()], &[outputs]) {
            match call_of(&tensor) {
                Some(record) => drawing.call(record).unwrap(),
                None => drawing.input("features", &tensor),
            }
        }
        let names = &drawing.names;
        for name in [
            "features",
            "hidden/kernel",
            "dropped/identity",
            "a_b/dot_general",
        ] {
            assert!(names.contains(name), "{name} of {names:?}");
        }
        assert!(
            drawing
                .sources
                .values()
                .all(|source| names.contains(source))
        );
    }

    #[test]
    fn names_have_letters_that_tensorflow_allows() {
        assert_eq!(usable("dense_1/kernel:0"), "dense_1/kernel_0");
        assert_eq!(usable("_ä"), "n__");
        let mut taken = HashSet::new();
        assert_eq!(unique("a", &mut taken), "a");
        assert_eq!(unique("a", &mut taken), "a_1");
    }

    #[test]
    fn tensors_without_history_are_refused() {
        let number = Tensor::from(1.0f32);
        assert!(graph_def(std::slice::from_ref(&number), std::slice::from_ref(&number)).is_err());
    }
}
