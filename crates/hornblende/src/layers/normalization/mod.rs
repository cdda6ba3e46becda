//! Layers that bring their inputs to a common scale.

pub(in crate::layers) mod batch_normalization;
pub(in crate::layers) mod group_normalization;
pub(in crate::layers) mod layer_normalization;
pub(in crate::layers) mod renorm;
pub(in crate::layers) mod rms_normalization;
pub(in crate::layers) mod scale_and_center;
pub(in crate::layers) mod spectral_normalization;
pub(in crate::layers) mod unit_normalization;
