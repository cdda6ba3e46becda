//! Layers that make overfitting harder.

pub(super) mod activity_regularization;
pub(super) mod alpha_dropout;
mod drop;
pub(super) mod dropout;
pub(super) mod gaussian_dropout;
pub(super) mod gaussian_noise;
mod noise_shape;
mod spatial_dropout;
pub(super) mod spatial_dropout1d;
pub(super) mod spatial_dropout2d;
pub(super) mod spatial_dropout3d;
