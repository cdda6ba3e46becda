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
    pub(crate) batch: (usize, isize),
    pub(crate) free: (usize, isize),
    pub(crate) contract: (usize, isize),
}

/// The operand as matrices, or `None` if its axes do not step as one and a copy is needed.
pub(crate) fn matrices(view: &View, dims: &[usize], axes: &OperandAxes) -> Option<Matrices> {
    Some(Matrices {
        batch: collapse(&axes.batch, dims, &view.strides)?,
        free: collapse(&axes.free, dims, &view.strides)?,
        contract: collapse(&axes.contract, dims, &view.strides)?,
    })
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
        batch: a.batch.0,
        batch_strides: [a.batch.1, b.batch.1, (m * n) as isize],
        accumulate: false,
    }
}
