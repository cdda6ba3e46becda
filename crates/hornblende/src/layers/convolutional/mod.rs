//! Convolutions.

pub(super) mod conv1d;
pub(super) mod conv1d_transpose;
pub(super) mod conv2d;
pub(super) mod conv2d_transpose;
pub(super) mod conv3d;
pub(super) mod conv3d_transpose;
mod convolution;
mod depthwise;
pub(super) mod depthwise_conv1d;
pub(super) mod depthwise_conv2d;
mod geometry;
mod separable;
pub(super) mod separable_conv1d;
pub(super) mod separable_conv2d;
mod transposed;
