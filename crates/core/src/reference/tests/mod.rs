//! Every primitive against small numbers worked out by hand.

mod elementwise;
mod engine;
mod loops;
mod movement;
mod products;
mod reductions;
mod windows;

use crate::dtype::DType;
use crate::engine::Engine;
use crate::error::Result;
use crate::graph::op::Op;
use crate::graph::{Graph, Node, NodeId, Spec};
use crate::reference::ReferenceEngine;
use crate::value::{Element, Value};

/// Adds a parameter of the shape and type of this value to the graph.
fn parameter(graph: &mut Graph, value: &Value) -> NodeId {
    let (shape, dtype) = (value.shape().clone(), value.dtype());
    graph.parameters.push(Spec {
        shape: shape.clone(),
        dtype,
    });
    graph.push(Node {
        op: Op::Parameter(graph.parameters.len() - 1),
        inputs: Vec::new(),
        shape,
        dtype,
        location: None,
    })
}

/// The result of one operation, through the public door.
fn try_one(op: Op, operands: &[Value]) -> Result<Value> {
    let mut graph = Graph::default();
    let inputs: Vec<NodeId> = operands.iter().map(|v| parameter(&mut graph, v)).collect();
    let id = graph.apply(op, &inputs)?;
    graph.outputs.push(id);
    let node = &graph.nodes[id];
    let mut outputs = [Value::zeros(&node.shape, node.dtype)];
    ReferenceEngine
        .compile(&graph)?
        .run(operands, &mut [], &mut outputs)?;
    let [output] = outputs;
    Ok(output)
}

fn one(op: Op, operands: &[Value]) -> Value {
    try_one(op, operands).unwrap()
}

/// A vector.
fn v<T: Element>(elements: impl Into<Vec<T>>) -> Value {
    let elements = elements.into();
    Value::from_vec([elements.len()], elements).unwrap()
}

/// An `F32` array of this shape.
fn a(shape: &[usize], elements: &[f32]) -> Value {
    Value::from_vec(shape, elements.to_vec()).unwrap()
}

/// 0, 1, 2, .. as an `F32` array of this shape.
fn counting(shape: &[usize]) -> Value {
    let len = shape.iter().product::<usize>();
    Value::from_vec(shape, (0..len).map(|k| k as f32).collect::<Vec<_>>()).unwrap()
}

/// Equal elements; zeros must have the same sign, and NaN equals NaN.
#[track_caller]
fn assert_elements(got: &Value, wanted: &[f64]) {
    let got = got.to_f64_vec();
    let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    assert!(
        got.len() == wanted.len() && got.iter().zip(wanted).all(same),
        "{got:?} instead of {wanted:?}"
    );
}

const FLOATS: [DType; 4] = [DType::F16, DType::BF16, DType::F32, DType::F64];
