//! Constant folding.

use crate::graph::op::Op;
use crate::graph::{Graph, Node, NodeId};
use crate::passes::rebuild::rebuild;
use crate::reference::evaluate_node;
use crate::shape::Shape;
use crate::value::Value;

/// The most elements that a folded result may have: a program should not carry what it can compute.
const MOST_ELEMENTS: usize = 1024;
/// The most elements of an operand that is spelled out to fold what uses it.
const MOST_OPERAND_ELEMENTS: usize = 65_536;

/// Computes what follows from constants alone, with the reference interpreter.
///
/// - A constant of equal elements becomes a broadcast scalar, which engines read without memory.
/// - An elementwise operation on broadcast scalars is done on the scalars.
/// - Any other operation on constants is done if its result is small.
/// - Random bits, loops and broadcasts stay.
#[must_use]
pub fn fold_constants(graph: &Graph) -> Graph {
    rebuild(graph, |new, node| {
        let folded = match &node.op {
            Op::Constant(value) if splat(value).is_none() => None,
            Op::Constant(value) => Some(value.clone()),
            op if is_foldable(op) => {
                return on_scalars(new, &node)
                    .or_else(|| whole(new, &node).map(|value| push_value(new, value, &node)))
                    .unwrap_or_else(|| new.push(node));
            }
            _ => None,
        };
        match folded {
            Some(value) => push_value(new, value, &node),
            None => new.push(node),
        }
    })
}

fn is_foldable(op: &Op) -> bool {
    !matches!(
        op,
        Op::Parameter(_)
            | Op::State(_)
            | Op::Constant(_)
            | Op::Iota { .. }
            | Op::RandomBits { .. }
            | Op::BroadcastInDim { .. }
            | Op::Scan(_)
            | Op::While(_)
            | Op::TupleElement(_)
    )
}

/// An elementwise operation of broadcast scalar constants, done on the scalars.
fn on_scalars(graph: &mut Graph, node: &Node) -> Option<NodeId> {
    if !node.op.is_elementwise() || node.shape.len() < 2 {
        return None;
    }
    let scalar = |id: &NodeId| match &graph.nodes[*id].op {
        Op::BroadcastInDim { .. } => match &graph.nodes[graph.nodes[*id].inputs[0]].op {
            Op::Constant(value) if value.shape().rank() == 0 => Some(value.clone()),
            _ => None,
        },
        _ => None,
    };
    let operands: Vec<Value> = node.inputs.iter().map(scalar).collect::<Option<_>>()?;
    let on_scalars = Node {
        shape: Shape::scalar(),
        ..node.clone()
    };
    let operands: Vec<&Value> = operands.iter().collect();
    let value = evaluate_node(&on_scalars, &operands).ok()?.pop()?;
    Some(push_splat(graph, value, node))
}

/// The result of an operation whose operands are all constants, if it is small.
fn whole(graph: &Graph, node: &Node) -> Option<Value> {
    // A reshaped value shares its elements with the constant and costs nothing.
    let is_free = matches!(node.op, Op::Reshape(_));
    if node.shape.len() > MOST_ELEMENTS && !is_free {
        return None;
    }
    let operand = |id: &NodeId| constant(graph, *id);
    let operands: Vec<Value> = node.inputs.iter().map(operand).collect::<Option<_>>()?;
    let operands: Vec<&Value> = operands.iter().collect();
    evaluate_node(node, &operands).ok()?.pop()
}

/// The value of a constant, or of a broadcast constant or a count that is not too large.
fn constant(graph: &Graph, id: NodeId) -> Option<Value> {
    let node = &graph.nodes[id];
    let is_small = node.shape.len() <= MOST_OPERAND_ELEMENTS;
    match &node.op {
        Op::Constant(value) => Some(value.clone()),
        Op::Iota { .. } if is_small => evaluate_node(node, &[]).ok()?.pop(),
        Op::BroadcastInDim { .. } if is_small => {
            let operand = constant(graph, node.inputs[0])?;
            evaluate_node(node, &[&operand]).ok()?.pop()
        }
        _ => None,
    }
}

/// The one value that all of at least two elements have, as a scalar.
fn splat(value: &Value) -> Option<Value> {
    if value.len() < 2 {
        return None;
    }
    let len = value.len();
    let flat = value.reshape([len]).ok()?;
    let first = flat.rows(0, 1).ok()?;
    // Most constants differ within the first two elements. Values compare by bits, and all elements are
    // equal if each equals its neighbour.
    let all_equal =
        flat.rows(1, 2).ok()? == first && flat.rows(1, len).ok()? == flat.rows(0, len - 1).ok()?;
    if all_equal {
        first.reshape([]).ok()
    } else {
        None
    }
}

fn push_value(graph: &mut Graph, value: Value, node: &Node) -> NodeId {
    match splat(&value) {
        Some(scalar) => push_splat(graph, scalar, node),
        None => graph.push(Node {
            op: Op::Constant(value),
            inputs: Vec::new(),
            ..node.clone()
        }),
    }
}

fn push_splat(graph: &mut Graph, scalar: Value, node: &Node) -> NodeId {
    let scalar = graph.push(Node {
        op: Op::Constant(scalar),
        inputs: Vec::new(),
        shape: Shape::scalar(),
        ..node.clone()
    });
    graph.push(Node {
        op: Op::BroadcastInDim {
            shape: node.shape.clone(),
            axes: Vec::new(),
        },
        inputs: vec![scalar],
        ..node.clone()
    })
}
