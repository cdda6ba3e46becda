//! Each rule, before and after.

mod arithmetic;
mod folding;
mod layout;
mod sharing;

use crate::dtype::DType;
use crate::graph::op::{Binary, Op, Unary};
use crate::graph::{Graph, Node, NodeId, Spec};
use crate::passes;
use crate::value::Value;

/// A graph that is built line by line.
#[derive(Default)]
struct Draft(Graph);

impl Draft {
    fn parameter(&mut self, dtype: DType, shape: &[usize]) -> NodeId {
        let spec = Spec {
            shape: shape.into(),
            dtype,
        };
        self.0.parameters.push(spec.clone());
        self.0.push(Node {
            op: Op::Parameter(self.0.parameters.len() - 1),
            inputs: Vec::new(),
            shape: spec.shape,
            dtype,
            location: None,
        })
    }

    fn op(&mut self, op: Op, inputs: &[NodeId]) -> NodeId {
        self.0.apply(op, inputs).unwrap()
    }

    fn unary(&mut self, op: Unary, x: NodeId) -> NodeId {
        self.op(Op::Unary(op), &[x])
    }

    fn binary(&mut self, op: Binary, x: NodeId, y: NodeId) -> NodeId {
        self.op(Op::Binary(op), &[x, y])
    }

    fn constant(&mut self, value: Value) -> NodeId {
        self.op(Op::Constant(value), &[])
    }

    fn broadcast(&mut self, x: NodeId, shape: &[usize], axes: &[usize]) -> NodeId {
        let (shape, axes) = (shape.into(), axes.to_vec());
        self.op(Op::BroadcastInDim { shape, axes }, &[x])
    }

    /// The graph with this output.
    fn returning(mut self, id: NodeId) -> Graph {
        self.0.outputs = vec![id];
        self.0
    }
}

/// What all passes together leave of the graph with one parameter of this type and shape `(2, 3)`.
fn optimized(dtype: DType, build: impl FnOnce(&mut Draft, NodeId) -> NodeId) -> String {
    let mut draft = Draft::default();
    let x = draft.parameter(dtype, &[2, 3]);
    let output = build(&mut draft, x);
    passes::optimize(&draft.returning(output)).to_string()
}

/// The parameter of [`optimized`] and nothing else.
fn nothing_but_x(dtype: DType) -> String {
    format!("%0 = parameter[0]() : {dtype} (2, 3)\nreturn %0\n")
}

/// True if the operation is still in the text of a graph.
fn keeps(text: &str, op: &str) -> bool {
    text.lines().any(|line| line.contains(&format!("= {op}")))
}
