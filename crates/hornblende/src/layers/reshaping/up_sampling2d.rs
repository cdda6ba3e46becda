//! Makes an image longer by whole factors.

use std::sync::Arc;

use super::border::spatial_data_format;
use super::enlarge::{Enlarge, EnlargeKind};
use super::interpolation::Interpolation;
use crate::layers::{Entry, Sizes};

/// What tells the class apart.
const KIND: EnlargeKind = EnlargeKind {
    class_name: "UpSampling2D",
    rank: 2,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: &[&["size", "data_format", "interpolation"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(UpSampling2D(Enlarge::from_config(KIND, config)?))),
    examples: || Enlarge::examples(KIND),
};

/// Makes the spatial axes of an image longer by whole factors.
///
/// # Arguments
/// All are methods: [`UpSampling2D::size`] (default 2), [`UpSampling2D::data_format`] (`"channels_last"`),
/// [`UpSampling2D::interpolation`].
/// `interpolation`: `"nearest"` (the default) repeats places, `"bilinear"` takes the two places around along each
/// axis, `"bicubic"` four (Keys's cubic with slope -1/2), `"lanczos3"` six, `"lanczos5"` ten, weights renormalised
/// where places are missing at the ends; `"area"` is the same as `"nearest"` here. The centres of places, not their
/// corners, lie on one another.
///
/// # Shapes
/// `[batch, height, width, channels]` of any size, spatial axes `size` times as long.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not four axes;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for a size of 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 1, 2, 1], vec![0.0f32, 4.0]);
/// let layer = UpSampling2D::new().size((1, 2));
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [0.0, 0.0, 4.0, 4.0]);
/// let layer = UpSampling2D::new().size((1, 2)).interpolation("bilinear");
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [0.0, 1.0, 3.0, 4.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.UpSampling2D`, with the weights of TensorFlow's `image.resize`, which rounds those of the cubic to places
/// a 1024th apart.
#[derive(Clone)]
pub struct UpSampling2D(Enlarge);

impl UpSampling2D {
    /// A layer that makes all spatial axes twice as long.
    #[must_use]
    pub fn new() -> Self {
        Self(Enlarge::new(KIND))
    }

    /// How many times as long: one number for all axes, or one for each. Default: 2.
    #[must_use]
    pub fn size(mut self, size: impl Into<Sizes>) -> Self {
        self.0.size = size.into();
        self
    }

    /// How places between those of the image are found: `"nearest"` (the default), `"bilinear"`, `"bicubic"`,
    /// `"lanczos3"`, `"lanczos5"` or `"area"`.
    #[must_use]
    pub fn interpolation(mut self, name: &str) -> Self {
        self.0.interpolation = Interpolation::from_name(name);
        self
    }
}

impl Default for UpSampling2D {
    fn default() -> Self {
        Self::new()
    }
}

spatial_data_format!(UpSampling2D);
crate::layers::delegated_layer!(UpSampling2D);
