//! Layers that change shapes.

mod border;
pub(super) mod cropping1d;
pub(super) mod cropping2d;
pub(super) mod cropping3d;
mod enlarge;
pub(super) mod flatten;
mod interpolation;
pub(super) mod permute;
pub(super) mod repeat_vector;
pub(super) mod reshape;
pub(super) mod up_sampling1d;
pub(super) mod up_sampling2d;
pub(super) mod up_sampling3d;
pub(super) mod zero_padding1d;
pub(super) mod zero_padding2d;
pub(super) mod zero_padding3d;
