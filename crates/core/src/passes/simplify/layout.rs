//! Rules of the operations that only move elements. They are exact because nothing is computed.

use crate::graph::NodeId;
use crate::graph::op::Op;
use crate::passes::simplify::site::Site;
use crate::shape::Shape;

pub(super) fn broadcast_in_dim(
    site: &mut Site<'_>,
    shape: &Shape,
    axes: &[usize],
) -> Option<NodeId> {
    let source = site.operand_node(0);
    if source.shape.len() == shape.len() && !shape.is_empty() {
        // Nothing is repeated: axes of size 1 are added at most.
        return site.push(Op::Reshape(shape.clone()), &[site.operand(0)]);
    }
    match &source.op {
        Op::BroadcastInDim { axes: inner, .. } => {
            let op = Op::BroadcastInDim {
                shape: shape.clone(),
                axes: inner.iter().map(|k| axes[*k]).collect(),
            };
            let x = source.inputs[0];
            site.push(op, &[x])
        }
        Op::Reshape(_) => broadcast_of_reshape(site, shape, axes),
        _ => None,
    }
}

/// A reshape that only adds or drops axes of size 1 before a broadcast is part of the broadcast.
fn broadcast_of_reshape(site: &mut Site<'_>, shape: &Shape, axes: &[usize]) -> Option<NodeId> {
    let reshaped = site.operand_node(0);
    let x = reshaped.inputs[0];
    let wide =
        |dims: &Shape| -> Vec<usize> { (0..dims.rank()).filter(|k| dims[*k] != 1).collect() };
    let (before, after) = (&site.graph.nodes[x].shape, &reshaped.shape);
    let (kept, places) = (wide(before), wide(after));
    let only_ones = kept.len() == before.rank()
        && kept.len() == places.len()
        && kept
            .iter()
            .zip(&places)
            .all(|(b, a)| before[*b] == after[*a]);
    if !only_ones {
        return None;
    }
    let axes = places.iter().map(|k| axes[*k]).collect();
    let shape = shape.clone();
    site.push(Op::BroadcastInDim { shape, axes }, &[x])
}

/// The scalar that an operand is a broadcast of.
fn broadcast_scalar_of(site: &Site<'_>, k: usize) -> Option<NodeId> {
    let node = site.operand_node(k);
    let is_broadcast = matches!(node.op, Op::BroadcastInDim { .. });
    let source = *node.inputs.first()?;
    (is_broadcast && site.graph.nodes[source].shape.rank() == 0).then_some(source)
}

pub(super) fn reshape(site: &mut Site<'_>, shape: &Shape) -> Option<NodeId> {
    let source = site.operand_node(0);
    if source.shape == *shape {
        return Some(site.operand(0));
    }
    if matches!(source.op, Op::Reshape(_)) {
        let x = source.inputs[0];
        return site.push(Op::Reshape(shape.clone()), &[x]);
    }
    let scalar = broadcast_scalar_of(site, 0)?;
    site.broadcast_scalar(scalar, shape)
}

pub(super) fn transpose(site: &mut Site<'_>, permutation: &[usize]) -> Option<NodeId> {
    let source = site.operand_node(0);
    if permutation.is_sorted() {
        return Some(site.operand(0));
    }
    let wide = permutation.iter().filter(|axis| source.shape[**axis] != 1);
    if wide.is_sorted() {
        // Only axes of size 1 move, and no element does.
        return site.push(Op::Reshape(site.node.shape.clone()), &[site.operand(0)]);
    }
    if let Op::Transpose(inner) = &source.op {
        let both = permutation.iter().map(|axis| inner[*axis]).collect();
        let x = source.inputs[0];
        return site.push(Op::Transpose(both), &[x]);
    }
    let scalar = broadcast_scalar_of(site, 0)?;
    site.broadcast_scalar(scalar, &site.node.shape.clone())
}

pub(super) fn slice(site: &mut Site<'_>, start: &[usize], strides: &[usize]) -> Option<NodeId> {
    let (whole, x) = (&site.operand_node(0).shape, site.operand(0));
    if *whole == site.node.shape {
        // As many elements along each axis as there are, without going back, are all of them.
        return Some(x);
    }
    if let Op::Slice {
        start: first,
        strides: steps,
        ..
    } = &site.operand_node(0).op
    {
        let rank = start.len();
        let start: Vec<usize> = (0..rank).map(|k| first[k] + start[k] * steps[k]).collect();
        let strides: Vec<usize> = (0..rank).map(|k| strides[k] * steps[k]).collect();
        let inner = site.operand_node(0).inputs[0];
        return push_slice(site, inner, start, strides);
    }
    let scalar = broadcast_scalar_of(site, 0)?;
    site.broadcast_scalar(scalar, &site.node.shape.clone())
}

/// A slice of the node's shape from `x`.
fn push_slice(
    site: &mut Site<'_>,
    x: NodeId,
    start: Vec<usize>,
    strides: Vec<usize>,
) -> Option<NodeId> {
    let sizes = site.node.shape.dims();
    let limit = (0..start.len())
        .map(|k| match sizes[k].checked_sub(1) {
            Some(last) => start[k] + last * strides[k] + 1,
            None => start[k],
        })
        .collect();
    let op = Op::Slice {
        start,
        limit,
        strides,
    };
    site.push(op, &[x])
}

pub(super) fn dynamic_slice(site: &mut Site<'_>, size: &[usize]) -> Option<NodeId> {
    let x = site.operand(0);
    let whole = site.operand_node(0).shape.clone();
    if whole.dims() == size {
        // The start is clamped to 0.
        return Some(x);
    }
    let start = (0..size.len())
        .map(|k| {
            Some(
                site.constant(k + 1)?
                    .clamp(0.0, (whole[k] - size[k]) as f64) as usize,
            )
        })
        .collect::<Option<Vec<usize>>>()?;
    push_slice(site, x, start, vec![1; size.len()])
}

pub(super) fn dynamic_update_slice(site: &Site<'_>) -> Option<NodeId> {
    let covers = site.operand_node(1).shape == site.node.shape;
    let is_nothing = site.operand_node(1).shape.is_empty();
    if covers {
        return Some(site.operand(1));
    }
    is_nothing.then(|| site.operand(0))
}

pub(super) fn pad(
    site: &Site<'_>,
    low: &[isize],
    high: &[isize],
    interior: &[usize],
) -> Option<NodeId> {
    let x = &site.operand_node(0).shape;
    let adds_nothing = |k: usize| low[k] == 0 && high[k] == 0 && (interior[k] == 0 || x[k] < 2);
    (0..x.rank()).all(adds_nothing).then(|| site.operand(0))
}

pub(super) fn concatenate(site: &mut Site<'_>, axis: usize) -> Option<NodeId> {
    let inputs = site.node.inputs.clone();
    let is_something = |id: &NodeId| site.graph.nodes[*id].shape[axis] > 0;
    let some: Vec<NodeId> = inputs.iter().copied().filter(is_something).collect();
    match some[..] {
        [] => Some(inputs[0]),
        [only] => Some(only),
        _ if some.len() < inputs.len() => site.push(Op::Concatenate(axis), &some),
        _ => None,
    }
}

pub(super) fn reverse(site: &mut Site<'_>, axes: &[usize]) -> Option<NodeId> {
    let source = site.operand_node(0);
    let mut turned: Vec<usize> = axes.to_vec();
    turned.retain(|axis| source.shape[*axis] > 1);
    let mut x = site.operand(0);
    if let Op::Reverse(inner) = &source.op {
        // An axis that is turned twice is as it was.
        let again = |axis: &usize| inner.contains(axis) != turned.contains(axis);
        turned = (0..source.shape.rank()).filter(again).collect();
        x = source.inputs[0];
    }
    if turned.is_empty() {
        return Some(x);
    }
    if turned == axes && x == site.operand(0) {
        return None;
    }
    site.push(Op::Reverse(turned), &[x])
}
