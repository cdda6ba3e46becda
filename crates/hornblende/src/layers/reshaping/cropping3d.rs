//! Cuts places from the ends of a volume.

use std::sync::Arc;

use super::border::{Border, BorderKind, spatial_data_format};
use crate::layers::{Entry, Sides};

/// What tells the class apart.
const KIND: BorderKind = BorderKind {
    class_name: "Cropping3D",
    rank: 3,
    argument: "cropping",
    default: 1,
    cuts: true,
    has_data_format: true,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: &[&["cropping", "data_format"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Cropping3D(Border::from_config(KIND, config)?))),
    examples: || Border::examples(KIND),
};

/// Cuts places from the ends of the spatial axes of a volume.
///
/// # Arguments
/// `cropping`: one number for all ends, one for both ends of each axis, or a
/// pair `(before, after)` for each axis; Keras's default is 1. [`Cropping3D::data_format`] is a method
/// (`"channels_last"`).
///
/// # Shapes
/// `[batch, depth, height, width, channels]` of any size, spatial axes shorter by what is cut.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not five axes, or of which nothing would be left;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for another number of axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 1, 2, 2, 1], vec![1.0f32, 2.0, 3.0, 4.0]);
/// let layer = Cropping3D::new(((0, 0), (1, 0), (0, 1)));
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [3.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.Cropping3D`.
#[derive(Clone)]
pub struct Cropping3D(Border);

impl Cropping3D {
    /// Cuts this much.
    #[must_use]
    pub fn new(cropping: impl Into<Sides>) -> Self {
        Self(Border::new(KIND, cropping.into()))
    }
}

spatial_data_format!(Cropping3D);
crate::layers::delegated_layer!(Cropping3D);
