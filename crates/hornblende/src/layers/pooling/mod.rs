//! Pooling.

pub(super) mod max_pooling2d;
