//! What a forward turn hands out for the backward one.

use crate::graph::op::Op;
use crate::graph::{Graph, NodeId};
use crate::hash::QuickMap;
use crate::order::Order;
use crate::tensor::Tensor;

/// The nodes of a turn's body that `ends` use and that take a product to compute, each at the place nearest to the
/// ends. What is cheap to compute from these and from the turn's own slices is not among them.
///
/// `tensors` stand for the nodes of `body`, whose first `carried` parameters differ from turn to turn.
pub(super) fn residuals(
    body: &Graph,
    tensors: &[Tensor],
    carried: usize,
    ends: &[Tensor],
) -> Vec<NodeId> {
    let mut turns = vec![false; body.nodes.len()];
    let mut is_dear = vec![false; body.nodes.len()];
    let mut dear: QuickMap<usize, NodeId> = QuickMap::default();
    for (id, node) in body.nodes.iter().enumerate() {
        let has = |flags: &[bool]| node.inputs.iter().any(|input| flags[*input]);
        turns[id] = match node.op {
            Op::Parameter(number) => number < carried,
            _ => has(&turns),
        };
        is_dear[id] = takes_long(&node.op) || has(&is_dear);
        // A loop is no tensor; its results are.
        let is_tensor = !matches!(node.op, Op::Parameter(_) | Op::Scan(_) | Op::While(_));
        if turns[id] && is_dear[id] && is_tensor {
            dear.insert(tensors[id].address(), id);
        }
    }
    let order = Order::new(ends, |tensor| match dear.contains_key(&tensor.address()) {
        true => &[],
        false => tensor.0.inputs(),
    });
    let reached = order.nodes().iter().map(|node| node.tensor.address());
    let mut residuals: Vec<NodeId> = reached.filter_map(|at| dear.get(&at).copied()).collect();
    residuals.sort_unstable();
    residuals
}

/// Whether computing it again costs more than writing it down and reading it.
fn takes_long(op: &Op) -> bool {
    matches!(
        op,
        Op::DotGeneral(_)
            | Op::Convolution(_)
            | Op::ConvolutionInputGradient { .. }
            | Op::ConvolutionFilterGradient(_)
            | Op::ReduceWindow { .. }
            | Op::SelectAndScatter(_)
            | Op::ArgSort { .. }
            | Op::RandomBits { .. }
            | Op::Scan(_)
            | Op::While(_)
    )
}
