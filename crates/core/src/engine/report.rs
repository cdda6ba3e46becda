//! What a compiled graph consists of.

/// What a compiled graph consists of, for tests and measurements.
///
/// Bodies of loops count once, however often they run.
///
/// # Example
/// ```
/// use hornblende_core::{DType, Spec, function};
/// let spec = Spec { shape: [2].into(), dtype: DType::F32 };
/// let double = function::compile(&[spec], |x| Ok(vec![&x[0] + &x[0]]))?;
/// // The reference interpreter is the engine here, and tells nothing about itself.
/// assert_eq!(double.report().steps, 0);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The kernels that a run calls one after the other.
    pub steps: usize,
    /// The operations among them that have no kernel, and which an interpreter runs instead: slow, allocating,
    /// and right.
    pub interpreted: Vec<&'static str>,
    /// The bytes that hold values from one kernel to another.
    pub arena: usize,
    /// The bytes that kernels need for themselves while they run.
    pub workspace: usize,
}
