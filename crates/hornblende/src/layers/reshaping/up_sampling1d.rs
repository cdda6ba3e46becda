//! Makes a sequence longer by whole factors.

use std::sync::Arc;

use super::enlarge::{Enlarge, EnlargeKind};
use crate::layers::{Entry, Sizes};

/// What tells the class apart.
const KIND: EnlargeKind = EnlargeKind {
    class_name: "UpSampling1D",
    rank: 1,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: &[&["size"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(UpSampling1D(Enlarge::from_config(KIND, config)?))),
    examples: || Enlarge::examples(KIND),
};

/// Makes the steps of a sequence longer by whole factors, repeating places.
///
/// # Arguments
/// All are methods: [`UpSampling1D::size`] (default 2).
///
/// # Shapes
/// `[batch, steps, channels]` of any size, steps `size` times as long.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for a size of 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 2, 1], vec![1.0f32, 3.0]);
/// assert_eq!(UpSampling1D::new().call(&x)?.to_vec::<f32>()?, [1.0, 1.0, 3.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.UpSampling1D`.
#[derive(Clone)]
pub struct UpSampling1D(Enlarge);

impl UpSampling1D {
    /// A layer that makes steps twice as long.
    #[must_use]
    pub fn new() -> Self {
        Self(Enlarge::new(KIND))
    }

    /// How many times as long: a number. Default: 2.
    #[must_use]
    pub fn size(mut self, size: usize) -> Self {
        self.0.size = Sizes::from(size);
        self
    }
}

impl Default for UpSampling1D {
    fn default() -> Self {
        Self::new()
    }
}

crate::layers::delegated_layer!(UpSampling1D);
