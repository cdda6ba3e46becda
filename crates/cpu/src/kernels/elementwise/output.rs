//! What a fused kernel writes.

use super::step::Register;
use hornblende_core::graph::op::Reduction;

/// One array that a fused kernel writes, of the type of its register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The value that is written.
    pub register: Register,
    /// Whether it is stored as it is.
    pub kind: OutputKind,
}

/// How the values of a register become an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputKind {
    /// One element for each point of the iteration space, dense and row-major.
    Store,
    /// The values combined over some axes, dense and row-major over the others.
    Reduce {
        /// How values are combined.
        kind: Reduction,
        /// The axes that vanish, ascending.
        axes: Vec<usize>,
    },
}
