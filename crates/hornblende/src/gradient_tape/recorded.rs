//! What can come out of a stretch that a tape does not record.

use hornblende_core::{Result, Tensor};

/// Tensors through which gradients can be stopped: see [`GradientTape::stop_recording`](super::GradientTape::stop_recording).
pub trait Recorded {
    /// The same values, through which no gradient goes.
    #[must_use]
    fn stop_gradient(self) -> Self;
}

impl Recorded for Tensor {
    fn stop_gradient(self) -> Self {
        Tensor::stop_gradient(&self)
    }
}

impl Recorded for Vec<Tensor> {
    fn stop_gradient(self) -> Self {
        self.iter().map(Tensor::stop_gradient).collect()
    }
}

impl<const N: usize> Recorded for [Tensor; N] {
    fn stop_gradient(self) -> Self {
        self.map(|tensor| tensor.stop_gradient())
    }
}

impl<R: Recorded> Recorded for Result<R> {
    fn stop_gradient(self) -> Self {
        self.map(R::stop_gradient)
    }
}

impl Recorded for () {
    fn stop_gradient(self) -> Self {}
}
