//! Makes a volume longer by whole factors.

use std::sync::Arc;

use super::border::spatial_data_format;
use super::enlarge::{Enlarge, EnlargeKind};
use crate::layers::{Entry, Sizes};

/// What tells the class apart.
const KIND: EnlargeKind = EnlargeKind {
    class_name: "UpSampling3D",
    rank: 3,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: &[&["size", "data_format"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(UpSampling3D(Enlarge::from_config(KIND, config)?))),
    examples: || Enlarge::examples(KIND),
};

/// Makes the spatial axes of a volume longer by whole factors, repeating places.
///
/// # Arguments
/// All are methods: [`UpSampling3D::size`] (default 2), [`UpSampling3D::data_format`] (`"channels_last"`).
///
/// # Shapes
/// `[batch, depth, height, width, channels]` of any size, spatial axes `size` times as long.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not five axes;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for a size of 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 1, 1, 2, 1], vec![1.0f32, 3.0]);
/// let layer = UpSampling3D::new().size((1, 1, 2));
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [1.0, 1.0, 3.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.UpSampling3D`.
#[derive(Clone)]
pub struct UpSampling3D(Enlarge);

impl UpSampling3D {
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
}

impl Default for UpSampling3D {
    fn default() -> Self {
        Self::new()
    }
}

spatial_data_format!(UpSampling3D);
crate::layers::delegated_layer!(UpSampling3D);
