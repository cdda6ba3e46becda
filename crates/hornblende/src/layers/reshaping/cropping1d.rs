//! Cuts places from the ends of a sequence.

use std::sync::Arc;

use super::border::{Border, BorderKind};
use crate::layers::{Entry, Sides};

/// What tells the class apart.
const KIND: BorderKind = BorderKind {
    class_name: "Cropping1D",
    rank: 1,
    argument: "cropping",
    default: 1,
    cuts: true,
    has_data_format: false,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: &[&["cropping"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Cropping1D(Border::from_config(KIND, config)?))),
    examples: || Border::examples(KIND),
};

/// Cuts places from the ends of a sequence.
///
/// # Arguments
/// `cropping`: one number for both ends, or `(before, after)`; Keras's default is 1.
///
/// # Shapes
/// `[batch, steps, channels]` of any size, spatial axes shorter by what is cut.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes, or of which nothing would be left;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for another number of axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 4, 1], vec![1.0f32, 2.0, 3.0, 4.0]);
/// assert_eq!(Cropping1D::new((1, 2)).call(&x)?.to_vec::<f32>()?, [2.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.Cropping1D`.
#[derive(Clone)]
pub struct Cropping1D(Border);

impl Cropping1D {
    /// Cuts this much.
    #[must_use]
    pub fn new(cropping: impl Into<Sides>) -> Self {
        Self(Border::new(KIND, cropping.into()))
    }
}

crate::layers::delegated_layer!(Cropping1D);
