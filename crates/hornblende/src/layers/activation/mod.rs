//! Activations that are layers of their own.

pub(super) mod elu;
pub(super) mod leaky_relu;
pub(super) mod prelu;
pub(super) mod relu;
pub(super) mod softmax;
