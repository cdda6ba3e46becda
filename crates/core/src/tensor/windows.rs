//! Reductions over moving windows.

use crate::graph::op::{Op, Reduction, Window};
use crate::tensor::Tensor;

impl Tensor {
    /// Combines the elements of each window; the window has an entry for every axis.
    #[track_caller]
    #[must_use]
    pub fn reduce_window(&self, kind: Reduction, window: Window) -> Self {
        let op = Op::ReduceWindow { kind, window };
        Self::lift(&[self], move |x| Self::apply(op.clone(), x))
    }
}
