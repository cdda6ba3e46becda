//! Matrix products: from axes to the rows, columns and steps of the kernel.

use hornblende_core::graph::op::DotDims;

use super::view::{View, collapse};
use crate::kernels::matmul::Matmul;

/// The axes of a product's operand, by what happens to them.
#[derive(Debug, Clone)]
pub(crate) struct OperandAxes {
    pub(crate) batch: Vec<usize>,
    pub(crate) free: Vec<usize>,
    pub(crate) contract: Vec<usize>,
}

/// The axes of the two operands, of these ranks.
pub(crate) fn operand_axes(dims: &DotDims, ranks: [usize; 2]) -> [OperandAxes; 2] {
    let axes = |rank: usize, batch: &[usize], contract: &[usize]| OperandAxes {
        batch: batch.to_vec(),
        free: (0..rank)
            .filter(|a| !batch.contains(a) && !contract.contains(a))
            .collect(),
        contract: contract.to_vec(),
    };
    [
        axes(ranks[0], &dims.lhs_batch, &dims.lhs_contract),
        axes(ranks[1], &dims.rhs_batch, &dims.rhs_contract),
    ]
}

/// An operand as a batch of matrices: sizes and steps of the batch, free and contracted axes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrices {
    /// The batch as two axes, the outer one first.
    pub(crate) batch: [(usize, isize); 2],
    pub(crate) free: (usize, isize),
    pub(crate) contract: (usize, isize),
}

/// The operand as matrices whose first `outer` batch axes are the outer one, or `None` if its axes do not step so
/// and a copy is needed.
pub(crate) fn matrices(
    view: &View,
    dims: &[usize],
    axes: &OperandAxes,
    outer: usize,
) -> Option<Matrices> {
    let as_one = |axes: &[usize]| collapse(axes, dims, &view.strides);
    Some(Matrices {
        batch: [as_one(&axes.batch[..outer])?, as_one(&axes.batch[outer..])?],
        free: as_one(&axes.free)?,
        contract: as_one(&axes.contract)?,
    })
}

/// How many batch axes are the outer one, so that as few operands as can be need a copy.
pub(crate) fn outer_axes(operands: [(&View, &[usize], &OperandAxes); 2]) -> usize {
    let in_place = |outer: usize| {
        let fits = operands
            .iter()
            .filter(|(view, dims, axes)| matrices(view, dims, axes, outer).is_some());
        fits.count()
    };
    let [(_, _, axes), _] = operands;
    // Of equally good ones the first, which is a batch of a single axis.
    (0..=axes.batch.len())
        .rev()
        .max_by_key(|outer| in_place(*outer))
        .unwrap_or(0)
}

/// The order of axes that makes an operand dense matrices: batch, free, contracted.
pub(crate) fn dense_order(axes: &OperandAxes) -> Vec<usize> {
    [&axes.batch[..], &axes.free, &axes.contract].concat()
}

/// The product of two batches of matrices into a dense result.
pub(crate) fn product(a: &Matrices, b: &Matrices) -> Matmul {
    let (m, n, k) = (a.free.0, b.free.0, a.contract.0);
    Matmul {
        m,
        k,
        n,
        a_strides: [a.free.1, a.contract.1],
        b_strides: [b.contract.1, b.free.1],
        c_row_stride: n as isize,
        batch: a.batch[0].0 * a.batch[1].0,
        batch_strides: [a.batch[1].1, b.batch[1].1, (m * n) as isize],
        group: a.batch[1].0.max(1),
        group_strides: [a.batch[0].1, b.batch[0].1, (a.batch[1].0 * m * n) as isize],
        accumulate: false,
    }
}
