//! One pass of a kernel over rows.

use super::spec::KernelSpec;
use hornblende_core::DType;

/// One pass over the rows of a [`super::RowKernel`].
///
/// The first extent of its space is the number of rows. Buffers are named by number: first those that
/// a run is given, then the internal ones.
#[derive(Debug, Clone, PartialEq)]
pub struct RowStage {
    /// What the pass computes.
    pub kernel: KernelSpec,
    /// The buffer of each input.
    pub inputs: Vec<usize>,
    /// The buffer of each output.
    pub outputs: Vec<usize>,
}

/// What one stage leaves for later ones. It exists for one block of rows at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Internal {
    /// The type of the elements.
    pub dtype: DType,
    /// Elements of one row; rows follow one another without a gap.
    pub row_len: usize,
}
