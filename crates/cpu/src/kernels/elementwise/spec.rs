//! What a fused kernel computes.

use super::output::Output;
use super::step::Step;
use hornblende_core::DType;

/// What a fused kernel computes, in SSA form: each step is one value for each point of the iteration
/// space, and an output is such a value stored, or combined over axes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KernelSpec {
    /// The iteration space, row-major.
    pub extents: Vec<usize>,
    /// What is read.
    pub inputs: Vec<Operand>,
    /// The computation; a step's place in the list is its register.
    pub steps: Vec<Step>,
    /// What is written.
    pub outputs: Vec<Output>,
}

/// An array that a kernel reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// The type of the elements.
    pub dtype: DType,
    /// The step in elements along each extent; 0 broadcasts.
    pub strides: Vec<isize>,
}
