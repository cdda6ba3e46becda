//! Layers on images.

pub(in crate::layers) mod auto_contrast;
pub(in crate::layers) mod center_crop;
pub(in crate::layers) mod factor;
mod grayscale;
mod images;
mod projection;
pub(in crate::layers) mod random_brightness;
pub(in crate::layers) mod random_color_degeneration;
pub(in crate::layers) mod random_contrast;
pub(in crate::layers) mod random_crop;
pub(in crate::layers) mod random_flip;
pub(in crate::layers) mod random_grayscale;
pub(in crate::layers) mod random_invert;
pub(in crate::layers) mod random_rotation;
pub(in crate::layers) mod random_shear;
pub(in crate::layers) mod random_translation;
pub(in crate::layers) mod random_zoom;
mod resample;
pub(in crate::layers) mod resizing;
pub(in crate::layers) mod solarization;
mod value_range;
