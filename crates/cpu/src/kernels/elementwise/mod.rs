//! Fused elementwise kernels with closing reductions.
//!
//! A [`KernelSpec`] says what is computed for each point of an iteration space; a [`CompiledKernel`]
//! is a short program over blocks of some hundred points whose registers stay in the first-level
//! cache. A [`RowKernel`] chains several such programs over the same rows, so that a softmax reads
//! its row once from memory.
//!
//! A block is a rectangle of the collapsed iteration space: a piece of a long row, or several short
//! rows. For each block the operands are brought in (dense ones are used where they are), each
//! instruction runs its loop over the block, and the results are stored or folded.

pub(in crate::kernels) mod block;
mod body;
mod build;
mod chain;
mod kernel;
mod links;
mod load;
pub(in crate::kernels) mod number;
pub(in crate::kernels) mod opcodes;
mod output;
mod registers;
mod row_kernel;
mod row_stage;
pub(in crate::kernels) mod scalar;
mod schedule;
mod space;
mod spec;
mod step;
mod write;

pub use kernel::CompiledKernel;
pub use output::{Output, OutputKind};
pub use row_kernel::RowKernel;
pub use row_stage::{Internal, RowStage};
pub use scalar::Scalar;
pub use spec::{KernelSpec, Operand};
pub use step::{Register, Step};

/// Points in a block: registers of 2 KiB for four-byte types.
const BLOCK: usize = 512;

/// The alignment of everything in scratch memory: a cache line.
const LINE: usize = 64;

/// `bytes`, rounded up to whole cache lines.
const fn lines(bytes: usize) -> usize {
    bytes.next_multiple_of(LINE)
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests_of_operations;
#[cfg(test)]
mod tests_of_programs;
#[cfg(test)]
mod tests_of_rows;
