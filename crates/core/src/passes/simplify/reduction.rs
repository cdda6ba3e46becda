//! Rules of reductions along axes that have one element.

use crate::graph::NodeId;
use crate::graph::op::{Op, Reduction, Window};
use crate::passes::simplify::site::Site;

/// The combination of one element is that element; axes of size 1 go without computing. The others
/// are combined in the same order as before.
pub(super) fn reduce(site: &mut Site<'_>, kind: Reduction, axes: &[usize]) -> Option<NodeId> {
    let x = site.operand(0);
    let shape = site.operand_node(0).shape.clone();
    let (single, several): (Vec<usize>, Vec<usize>) = axes.iter().partition(|a| shape[**a] == 1);
    if several.is_empty() {
        return site.push(Op::Reshape(site.node.shape.clone()), &[x]);
    }
    if single.is_empty() {
        return None;
    }
    let dropped_before = |axis: usize| single.iter().filter(|k| **k < axis).count();
    let axes = several.iter().map(|k| k - dropped_before(*k)).collect();
    let squeezed = site.push(Op::Reshape(shape.without(&single)), &[x])?;
    site.push(Op::Reduce { kind, axes }, &[squeezed])
}

pub(super) fn reduce_window(site: &Site<'_>, window: &Window) -> Option<NodeId> {
    let is_one_element = window.size.iter().all(|size| *size == 1)
        && window.strides.iter().all(|step| *step == 1)
        && window.padding.iter().all(|padding| *padding == (0, 0));
    is_one_element.then(|| site.operand(0))
}

pub(super) fn cumsum(site: &Site<'_>, axis: usize) -> Option<NodeId> {
    (site.node.shape[axis] == 1).then(|| site.operand(0))
}

/// Among one element, the first place is the only one.
pub(super) fn only_place(site: &mut Site<'_>, axis: usize) -> Option<NodeId> {
    if site.operand_node(0).shape[axis] == 1 {
        site.splat(0.0)
    } else {
        None
    }
}
