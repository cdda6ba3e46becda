//! Rules of the other elementwise operations, and of all of them on broadcast operands.

use crate::dtype::DType;
use crate::graph::NodeId;
use crate::graph::op::{Comparison, Op, Unary};
use crate::passes::simplify::site::Site;

/// An elementwise operation whose operands are all broadcast alike is done before the broadcast, on fewer
/// elements. Scalars go along with any other operand.
pub(super) fn on_the_broadcast_operands(site: &mut Site<'_>) -> Option<NodeId> {
    if !site.node.op.is_elementwise() || site.node.inputs.is_empty() {
        return None;
    }
    let mut sources = Vec::new();
    let mut leader: Option<(NodeId, Vec<usize>)> = None;
    for k in 0..site.node.inputs.len() {
        let node = site.operand_node(k);
        let Op::BroadcastInDim { axes, .. } = &node.op else {
            return None;
        };
        let source = node.inputs[0];
        let shape = &site.graph.nodes[source].shape;
        if shape.rank() > 0 {
            match &leader {
                None => leader = Some((source, axes.clone())),
                Some((first, along)) => {
                    if along != axes || site.graph.nodes[*first].shape != *shape {
                        return None;
                    }
                }
            }
        }
        sources.push(source);
    }
    let (first, axes) = leader.unwrap_or((sources[0], Vec::new()));
    let small = site.graph.nodes[first].shape.clone();
    if small.len() >= site.node.shape.len() {
        return None;
    }
    for source in &mut sources {
        if site.graph.nodes[*source].shape.rank() == 0 {
            *source = site.broadcast_scalar(*source, &small)?;
        }
    }
    let result = site.push(site.node.op.clone(), &sources)?;
    let shape = site.node.shape.clone();
    site.push(Op::BroadcastInDim { shape, axes }, &[result])
}

pub(super) fn unary(site: &mut Site<'_>, op: Unary) -> Option<NodeId> {
    let x = site.operand(0);
    match op {
        // Both only turn a sign or bits around; integers wrap back.
        Unary::Negate | Unary::Not if site.unary_argument(0, op).is_some() => {
            site.unary_argument(0, op)
        }
        Unary::Not => negated_comparison(site),
        Unary::Abs => {
            if site.unary_argument(0, Unary::Abs).is_some() {
                return Some(x);
            }
            // Not for unsigned integers, whose negation is another number.
            let y = site.unary_argument(0, Unary::Negate)?;
            if site.is_float() {
                site.push(Op::Unary(Unary::Abs), &[y])
            } else {
                None
            }
        }
        // Rounding a whole number changes nothing.
        Unary::Floor | Unary::Ceil | Unary::RoundNearestEven => {
            let is_whole = matches!(
                site.operand_node(0).op,
                Op::Unary(Unary::Floor | Unary::Ceil | Unary::RoundNearestEven)
            );
            is_whole.then_some(x)
        }
        _ => None,
    }
}

/// Not equal is the negation of equal, of NaN too; the other comparisons are all false of NaN, and so
/// are their opposites.
fn negated_comparison(site: &mut Site<'_>) -> Option<NodeId> {
    let node = site.operand_node(0);
    let Op::Compare(comparison) = node.op else {
        return None;
    };
    let operands = node.inputs.clone();
    let is_float = site.graph.nodes[operands[0]].dtype.is_float();
    let opposite = match comparison {
        Comparison::Eq => Comparison::Ne,
        Comparison::Ne => Comparison::Eq,
        _ if is_float => return None,
        Comparison::Lt => Comparison::Ge,
        Comparison::Ge => Comparison::Lt,
        Comparison::Gt => Comparison::Le,
        Comparison::Le => Comparison::Gt,
    };
    site.push(Op::Compare(opposite), &operands)
}

/// Anything but a NaN compares with itself as equal.
pub(super) fn compare(site: &mut Site<'_>, comparison: Comparison) -> Option<NodeId> {
    if site.operand(0) != site.operand(1) || site.operand_node(0).dtype.is_float() {
        return None;
    }
    let holds = matches!(comparison, Comparison::Eq | Comparison::Le | Comparison::Ge);
    site.splat(f64::from(u8::from(holds)))
}

pub(super) fn select(site: &mut Site<'_>) -> Option<NodeId> {
    let (predicate, on_true, on_false) = (site.operand(0), site.operand(1), site.operand(2));
    match site.constant(0) {
        Some(0.0) => return Some(on_false),
        Some(_) => return Some(on_true),
        None => {}
    }
    if on_true == on_false {
        return Some(on_true);
    }
    if let Some(opposite) = site.unary_argument(0, Unary::Not) {
        return site.push(Op::Select, &[opposite, on_false, on_true]);
    }
    if site.node.dtype == DType::Bool
        && site.constant(1) == Some(1.0)
        && site.constant(2) == Some(0.0)
    {
        return Some(predicate);
    }
    // Where the outer one takes a branch, the inner one of the same predicate takes the same.
    let same = |k: usize| {
        let node = site.operand_node(k);
        (node.op == Op::Select && node.inputs[0] == predicate).then(|| node.inputs[k])
    };
    let (inner_true, inner_false) = (same(1), same(2));
    if inner_true.is_none() && inner_false.is_none() {
        return None;
    }
    let branches = [
        predicate,
        inner_true.unwrap_or(on_true),
        inner_false.unwrap_or(on_false),
    ];
    site.push(Op::Select, &branches)
}

pub(super) fn convert(site: &mut Site<'_>, to: DType) -> Option<NodeId> {
    let node = site.operand_node(0);
    let via = node.dtype;
    if via == to {
        return Some(site.operand(0));
    }
    if !matches!(node.op, Op::Convert(_)) {
        return None;
    }
    let x = node.inputs[0];
    let from = site.graph.nodes[x].dtype;
    if !holds(via, from) {
        return None;
    }
    if from == to {
        return Some(x);
    }
    // The second conversion sees the same number as one from the start would, but floats saturate
    // where integers wrap.
    let same_kind = to.is_float() || to == DType::Bool || via.is_float() == from.is_float();
    if same_kind {
        site.push(Op::Convert(to), &[x])
    } else {
        None
    }
}

/// True if every number of type `narrow` is one of type `wide`.
fn holds(wide: DType, narrow: DType) -> bool {
    use DType::{BF16, Bool, F16, F32, F64, I32, I64, U8};
    match narrow {
        Bool => true,
        U8 => matches!(wide, U8 | I32 | I64 | F16 | BF16 | F32 | F64),
        I32 => matches!(wide, I32 | I64 | F64),
        I64 => wide == I64,
        F16 => matches!(wide, F16 | F32 | F64),
        BF16 => matches!(wide, BF16 | F32 | F64),
        F32 => matches!(wide, F32 | F64),
        F64 => wide == F64,
    }
}
