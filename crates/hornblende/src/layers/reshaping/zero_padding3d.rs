//! Adds zeros at the ends of a volume.

use std::sync::Arc;

use super::border::{Border, BorderKind, spatial_data_format};
use crate::layers::{Entry, Sides};

/// What tells the class apart.
const KIND: BorderKind = BorderKind {
    class_name: "ZeroPadding3D",
    rank: 3,
    argument: "padding",
    default: 1,
    cuts: false,
    has_data_format: true,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: &[&["padding", "data_format"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(ZeroPadding3D(Border::from_config(KIND, config)?))),
    examples: || Border::examples(KIND),
};

/// Adds zeros at the ends of the spatial axes of a volume.
///
/// # Arguments
/// `padding`: one number for all ends, one for both ends of each axis, or a
/// pair `(before, after)` for each axis; Keras's default is 1. [`ZeroPadding3D::data_format`] is a method
/// (`"channels_last"`).
///
/// # Shapes
/// `[batch, depth, height, width, channels]` of any size, spatial axes longer by what is added.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not five axes;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for another number of axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 1, 1, 2, 1], vec![1.0f32, 2.0]);
/// let layer = ZeroPadding3D::new(((0, 0), (0, 0), (1, 0)));
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [0.0, 1.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.ZeroPadding3D`.
#[derive(Clone)]
pub struct ZeroPadding3D(Border);

impl ZeroPadding3D {
    /// Adds this much.
    #[must_use]
    pub fn new(padding: impl Into<Sides>) -> Self {
        Self(Border::new(KIND, padding.into()))
    }
}

spatial_data_format!(ZeroPadding3D);
crate::layers::delegated_layer!(ZeroPadding3D);
