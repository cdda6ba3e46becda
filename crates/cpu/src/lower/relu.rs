//! A backward pass reads relu's result in place of its argument.
//!
//! `y = select(x <= 0, 0, x)`; the gradient asks for `x <= 0` again. It equals `y <= 0` for every `x`,
//! NaN included, and `y` is in memory anyway, while `x` would have to be kept just for this.

use hornblende_core::DType;
use hornblende_core::graph::op::{Comparison, Op};
use hornblende_core::graph::{Graph, Node, NodeId};

/// The relu that a node is: its argument and the node of the comparison.
pub(crate) fn relu_argument(graph: &Graph, id: NodeId) -> Option<(NodeId, NodeId)> {
    let node = &graph.nodes[id];
    let (Op::Select, [mask, zero, x]) = (&node.op, node.inputs.as_slice()) else {
        return None;
    };
    let compare = &graph.nodes[*mask];
    let (Op::Compare(Comparison::Le), [left, right]) = (&compare.op, compare.inputs.as_slice())
    else {
        return None;
    };
    let is_relu = left == x && is_zero(graph, *right) && is_zero(graph, *zero);
    (is_relu && node.dtype.is_float()).then_some((*x, *mask))
}

/// True if every element is a constant 0.
fn is_zero(graph: &Graph, id: NodeId) -> bool {
    let node = &graph.nodes[id];
    match &node.op {
        Op::Constant(value) => {
            !value.is_empty() && (0..value.len()).all(|k| value.get_f64(k) == 0.0)
        }
        Op::BroadcastInDim { .. } | Op::Reshape(_) => is_zero(graph, node.inputs[0]),
        _ => false,
    }
}

/// Replaces `x <= 0` by `y <= 0` wherever it is used after `y`.
pub(crate) fn share_relu_masks(graph: &Graph) -> Graph {
    let mut result = Graph {
        nodes: Vec::with_capacity(graph.nodes.len()),
        outputs: Vec::new(),
        updates: Vec::new(),
        parameters: graph.parameters.clone(),
        states: graph.states.clone(),
    };
    let uses = graph.use_counts();
    let mut place: Vec<NodeId> = Vec::with_capacity(graph.nodes.len());
    for (id, node) in graph.nodes.iter().enumerate() {
        let inputs = node.inputs.iter().map(|i| place[*i]).collect();
        place.push(result.push(Node {
            inputs,
            ..node.clone()
        }));
        if let Some((_, mask)) = relu_argument(graph, id)
            && uses[mask] > 1
        {
            let zero = place[graph.nodes[mask].inputs[1]];
            place[mask] = result.push(Node {
                op: Op::Compare(Comparison::Le),
                inputs: vec![place[id], zero],
                shape: node.shape.clone(),
                dtype: DType::Bool,
                location: node.location,
            });
        }
    }
    result.outputs = graph.outputs.iter().map(|id| place[*id]).collect();
    result.updates = graph
        .updates
        .iter()
        .map(|(s, id)| (*s, place[*id]))
        .collect();
    result
}
