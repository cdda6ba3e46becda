//! What follows a product or convolution and can be done on its result while it is in registers.

use hornblende_core::graph::op::{Binary, Op};
use hornblende_core::graph::{Graph, NodeId};

use super::relu::relu_argument;

/// A product or convolution with its bias and relu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contraction {
    /// The node whose value the unit leaves in memory.
    pub(crate) result: NodeId,
    /// The node of the bias, one number a column.
    pub(crate) bias: Option<NodeId>,
    /// Whether negative results become 0.
    pub(crate) relu: bool,
}

/// The users of each node; an output or update counts as the user `usize::MAX`.
pub(crate) fn users(graph: &Graph) -> Vec<Vec<NodeId>> {
    let mut users = vec![Vec::new(); graph.nodes.len()];
    for (id, node) in graph.nodes.iter().enumerate() {
        for input in &node.inputs {
            if users[*input].last() != Some(&id) {
                users[*input].push(id);
            }
        }
    }
    let ends = graph
        .outputs
        .iter()
        .chain(graph.updates.iter().map(|(_, id)| id));
    ends.for_each(|id| users[*id].push(usize::MAX));
    users
}

/// What follows node `id`, a product or convolution: a bias if its only use is to have it added, and a
/// relu if that is the only use of the sum.
pub(crate) fn contraction(graph: &Graph, users: &[Vec<NodeId>], id: NodeId) -> Contraction {
    let mut found = Contraction {
        result: id,
        bias: None,
        relu: false,
    };
    if !graph.nodes[id].dtype.is_float() || graph.nodes[id].shape.rank() == 0 {
        return found;
    }
    if let [sum] = users[id][..]
        && let Some(bias) = added_bias(graph, sum, id)
    {
        found = Contraction {
            result: sum,
            bias: Some(bias),
            ..found
        };
    }
    let argument = found.result;
    // The comparison and the selection of a relu are two users.
    if let [first, second] = users[argument][..] {
        for (y, mask) in [(second, first), (first, second)] {
            let is_relu = y != usize::MAX
                && relu_argument(graph, y) == Some((argument, mask))
                && users[mask] == [y];
            if is_relu {
                return Contraction {
                    result: y,
                    relu: true,
                    ..found
                };
            }
        }
    }
    found
}

/// How many of the last axes of a product or convolution are the columns of its kernel.
fn column_axes(graph: &Graph, product: NodeId) -> usize {
    let node = &graph.nodes[product];
    match &node.op {
        Op::DotGeneral(dims) => {
            let right = graph.nodes[node.inputs[1]].shape.rank();
            right - dims.rhs_batch.len() - dims.rhs_contract.len()
        }
        _ => 1,
    }
}

/// The bias if `sum` adds one to `product`: an entry for each column.
fn added_bias(graph: &Graph, sum: NodeId, product: NodeId) -> Option<NodeId> {
    let node = graph.nodes.get(sum)?;
    let (Op::Binary(Binary::Add), [a, b]) = (&node.op, node.inputs.as_slice()) else {
        return None;
    };
    let other = if *a == product { *b } else { *a };
    let spread = &graph.nodes[other];
    let Op::BroadcastInDim { axes, .. } = &spread.op else {
        return None;
    };
    let vector = spread.inputs[0];
    let first = node.shape.rank() - column_axes(graph, product);
    let fits = other != product
        && first < node.shape.rank()
        && axes.iter().copied().eq(first..node.shape.rank())
        && graph.nodes[vector].shape.dims() == &node.shape.dims()[first..];
    // The bias cannot depend on the product, whose only user is the sum.
    fits.then_some(vector)
}
