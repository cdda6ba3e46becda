//! Pooling.

pub(super) mod adaptive_average_pooling1d;
pub(super) mod adaptive_average_pooling2d;
pub(super) mod adaptive_average_pooling3d;
pub(super) mod adaptive_max_pooling1d;
pub(super) mod adaptive_max_pooling2d;
pub(super) mod adaptive_max_pooling3d;
mod adaptive_pool;
pub(super) mod average_pooling1d;
pub(super) mod average_pooling2d;
pub(super) mod average_pooling3d;
pub(super) mod global_average_pooling1d;
pub(super) mod global_average_pooling2d;
pub(super) mod global_average_pooling3d;
pub(super) mod global_max_pooling1d;
pub(super) mod global_max_pooling2d;
pub(super) mod global_max_pooling3d;
mod global_pool;
pub(super) mod max_pooling1d;
pub(super) mod max_pooling2d;
pub(super) mod max_pooling3d;
mod moving_pool;
