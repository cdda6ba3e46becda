//! Adds zeros at the ends of an image.

use std::sync::Arc;

use super::border::{Border, BorderKind, spatial_data_format};
use crate::layers::{Entry, Sides};

/// What tells the class apart.
const KIND: BorderKind = BorderKind {
    class_name: "ZeroPadding2D",
    rank: 2,
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
    from_config: |config| Ok(Arc::new(ZeroPadding2D(Border::from_config(KIND, config)?))),
    examples: || Border::examples(KIND),
};

/// Adds zeros at the ends of the spatial axes of an image.
///
/// # Arguments
/// `padding`: one number for all ends, one for both ends of each axis, or a
/// pair `(before, after)` for each axis; Keras's default is 1. [`ZeroPadding2D::data_format`] is a method
/// (`"channels_last"`).
///
/// # Shapes
/// `[batch, height, width, channels]` of any size, spatial axes longer by what is added.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not four axes;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for another number of axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 1, 2, 1], vec![1.0f32, 2.0]);
/// let layer = ZeroPadding2D::new(((0, 0), (1, 0)));
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [0.0, 1.0, 2.0]);
/// assert_eq!(ZeroPadding2D::new((1, 2)).call(&x)?.shape().dims(), [1, 3, 6, 1]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.ZeroPadding2D`.
#[derive(Clone)]
pub struct ZeroPadding2D(Border);

impl ZeroPadding2D {
    /// Adds this much.
    #[must_use]
    pub fn new(padding: impl Into<Sides>) -> Self {
        Self(Border::new(KIND, padding.into()))
    }
}

spatial_data_format!(ZeroPadding2D);
crate::layers::delegated_layer!(ZeroPadding2D);
