//! The place in a graph that the rules look at.

use crate::graph::op::{Op, Unary};
use crate::graph::{Graph, Node, NodeId};
use crate::shape::Shape;
use crate::value::Value;

/// A node that is about to be pushed, with the graph that holds its operands.
pub(super) struct Site<'a> {
    pub(super) graph: &'a mut Graph,
    pub(super) node: Node,
}

impl Site<'_> {
    pub(super) fn operand(&self, k: usize) -> NodeId {
        self.node.inputs[k]
    }

    pub(super) fn operand_node(&self, k: usize) -> &Node {
        &self.graph.nodes[self.node.inputs[k]]
    }

    /// The number that all elements of an operand are known to be.
    pub(super) fn constant(&self, k: usize) -> Option<f64> {
        self.graph.constant_scalar(self.node.inputs[k])
    }

    /// What an operand is this function of, if it is.
    pub(super) fn unary_argument(&self, k: usize, op: Unary) -> Option<NodeId> {
        let node = self.operand_node(k);
        (node.op == Op::Unary(op)).then(|| node.inputs[0])
    }

    pub(super) fn is_float(&self) -> bool {
        self.node.dtype.is_float()
    }

    /// Pushes an operation in the name of the node. `None` if inference refuses it, which means that
    /// the rule does not apply.
    pub(super) fn push(&mut self, op: Op, inputs: &[NodeId]) -> Option<NodeId> {
        let id = self.graph.apply(op, inputs).ok()?;
        self.graph.nodes[id].location = self.node.location;
        Some(id)
    }

    /// A broadcast scalar of the node's shape and type.
    pub(super) fn splat(&mut self, x: f64) -> Option<NodeId> {
        let scalar = Op::Constant(Value::full([], self.node.dtype, x));
        let scalar = self.push(scalar, &[])?;
        self.broadcast_scalar(scalar, &self.node.shape.clone())
    }

    pub(super) fn broadcast_scalar(&mut self, scalar: NodeId, shape: &Shape) -> Option<NodeId> {
        if shape.rank() == 0 {
            return Some(scalar);
        }
        let op = Op::BroadcastInDim {
            shape: shape.clone(),
            axes: Vec::new(),
        };
        self.push(op, &[scalar])
    }
}
