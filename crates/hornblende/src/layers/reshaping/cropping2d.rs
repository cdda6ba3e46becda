//! Cuts places from the ends of an image.

use std::sync::Arc;

use super::border::{Border, BorderKind, spatial_data_format};
use crate::layers::{Entry, Sides};

/// What tells the class apart.
const KIND: BorderKind = BorderKind {
    class_name: "Cropping2D",
    rank: 2,
    argument: "cropping",
    default: 0,
    cuts: true,
    has_data_format: true,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: &[&["cropping", "data_format"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Cropping2D(Border::from_config(KIND, config)?))),
    examples: || Border::examples(KIND),
};

/// Cuts places from the ends of the spatial axes of an image.
///
/// # Arguments
/// `cropping`: one number for all ends, one for both ends of each axis, or a
/// pair `(before, after)` for each axis; Keras's default is 0. [`Cropping2D::data_format`] is a method
/// (`"channels_last"`).
///
/// # Shapes
/// `[batch, height, width, channels]` of any size, spatial axes shorter by what is cut.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not four axes, or of which nothing would be left;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for another number of axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 2, 2, 1], vec![1.0f32, 2.0, 3.0, 4.0]);
/// assert_eq!(Cropping2D::new(((1, 0), (0, 1))).call(&x)?.to_vec::<f32>()?, [3.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.Cropping2D`.
#[derive(Clone)]
pub struct Cropping2D(Border);

impl Cropping2D {
    /// Cuts this much.
    #[must_use]
    pub fn new(cropping: impl Into<Sides>) -> Self {
        Self(Border::new(KIND, cropping.into()))
    }
}

spatial_data_format!(Cropping2D);
crate::layers::delegated_layer!(Cropping2D);
