//! Activations that are layers of their own.

pub(super) mod relu;
pub(super) mod softmax;
