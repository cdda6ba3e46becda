//! Moving windows: pooling and its gradients.
#![allow(unsafe_code)] // Addresses come from the memory plan.

use std::marker::PhantomData;

use hornblende_core::Result;

use super::{Memory, Place, Step};
use crate::Pool;
use crate::kernels::matmul::Float;
use crate::kernels::window::{WindowReduction, Windows};

/// What is done with the windows, and the places of the operands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WindowWork {
    /// Combines the elements of each window.
    Reduce(WindowReduction, Place),
    /// Array and source: the gradient of max pooling.
    SelectAndScatter(Place, Place),
    /// Array and values: the gradient of that.
    Select(Place, Place),
}

/// One of these, on dense operands.
pub(crate) struct WindowStep<T> {
    pub(crate) windows: Windows,
    pub(crate) work: WindowWork,
    pub(crate) result: Place,
    pub(crate) element: PhantomData<T>,
}

impl<T: Float> Step for WindowStep<T> {
    unsafe fn run(&mut self, memory: &Memory<'_>, pool: &Pool) -> Result<()> {
        let at = |place: Place| memory.at(place).cast::<T>().cast_const();
        let result = memory.at(self.result).cast::<T>();
        // SAFETY: the caller's contract.
        unsafe {
            match self.work {
                WindowWork::Reduce(kind, x) => self.windows.reduce(pool, kind, at(x), result),
                WindowWork::SelectAndScatter(x, source) => {
                    self.windows
                        .select_and_scatter(pool, at(x), at(source), result);
                }
                WindowWork::Select(x, values) => {
                    self.windows.select(pool, at(x), at(values), result);
                }
            }
        }
        Ok(())
    }
}
