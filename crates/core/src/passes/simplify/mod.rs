//! Algebra that keeps every bit.

mod arithmetic;
mod elementwise;
mod layout;
mod reduction;
mod site;

use crate::graph::Graph;
use crate::graph::op::Op;
use crate::passes::rebuild::rebuild;
use site::Site;

/// Replaces operations by cheaper ones that give the same bits: `x * 1`, `x - 0`, `--x`, chains of
/// reshapes, transposes and broadcasts, selects that are decided, divisions by powers of two, ...
///
/// Each rule says why it is exact. What is right for real numbers only, such as `x * 0 = 0` or
/// `(x + y) - y = x`, is not done.
#[must_use]
pub fn simplify(graph: &Graph) -> Graph {
    rebuild(graph, |new, node| {
        let mut site = Site { graph: new, node };
        match rewrite(&mut site) {
            Some(id) => id,
            None => {
                let Site { graph, node } = site;
                graph.push(node)
            }
        }
    })
}

/// The node that stands for this one, if a rule applies.
fn rewrite(site: &mut Site<'_>) -> Option<usize> {
    if let Some(id) = elementwise::on_the_broadcast_operands(site) {
        return Some(id);
    }
    match site.node.op.clone() {
        Op::Unary(op) => elementwise::unary(site, op),
        Op::Binary(op) => arithmetic::binary(site, op),
        Op::Compare(comparison) => elementwise::compare(site, comparison),
        Op::Select => elementwise::select(site),
        Op::Convert(dtype) => elementwise::convert(site, dtype),
        // Gradients have been taken before any pass runs.
        Op::StopGradient => Some(site.operand(0)),
        Op::BroadcastInDim { shape, axes } => layout::broadcast_in_dim(site, &shape, &axes),
        Op::Reshape(shape) => layout::reshape(site, &shape),
        Op::Transpose(permutation) => layout::transpose(site, &permutation),
        Op::Slice { start, strides, .. } => layout::slice(site, &start, &strides),
        Op::DynamicSlice { size } => layout::dynamic_slice(site, &size),
        Op::DynamicUpdateSlice => layout::dynamic_update_slice(site),
        Op::Pad {
            low,
            high,
            interior,
        } => layout::pad(site, &low, &high, &interior),
        Op::Concatenate(axis) => layout::concatenate(site, axis),
        Op::Reverse(axes) => layout::reverse(site, &axes),
        Op::Reduce { kind, axes } => reduction::reduce(site, kind, &axes),
        Op::ReduceWindow { window, .. } => reduction::reduce_window(site, &window),
        Op::CumSum { axis, .. } => reduction::cumsum(site, axis),
        Op::ArgMax(axis) | Op::ArgMin(axis) | Op::ArgSort { axis, .. } => {
            reduction::only_place(site, axis)
        }
        Op::Parameter(_)
        | Op::State(_)
        | Op::Constant(_)
        | Op::Iota { .. }
        | Op::RandomBits { .. }
        | Op::Gather { .. }
        | Op::ScatterAdd { .. }
        | Op::DotGeneral(_)
        | Op::Convolution(_)
        | Op::ConvolutionInputGradient { .. }
        | Op::ConvolutionFilterGradient(_)
        | Op::SelectAndScatter(_)
        | Op::WindowSelect(_)
        | Op::Scan(_)
        | Op::While(_)
        | Op::TupleElement(_) => None,
    }
}
