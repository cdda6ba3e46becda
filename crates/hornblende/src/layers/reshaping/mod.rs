//! Layers that change shapes.

pub(super) mod flatten;
pub(super) mod reshape;
