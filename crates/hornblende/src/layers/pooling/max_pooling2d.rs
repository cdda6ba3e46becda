//! The largest of each window of an image.

use std::sync::Arc;

use super::moving_pool::{MovingPool, PoolKind, moving_pool};
use crate::layers::{Entry, Sizes};

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "MaxPooling2D",
    rank: 2,
    averages: false,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["MaxPool2D"],
    arguments: &[MovingPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(MaxPooling2D(MovingPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || MovingPool::examples(KIND),
};

/// The largest of each window of an image. Keras calls the layer `MaxPool2D` too.
///
/// # Arguments
/// All are methods: [`MaxPooling2D::pool_size`] (default 2), [`MaxPooling2D::strides`] (default: the pool size),
/// [`MaxPooling2D::padding`] (`"valid"`), [`MaxPooling2D::data_format`] (`"channels_last"`).
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, new height, new width, channels]`, counted as by
/// [`Conv2D`](crate::layers::Conv2D). Padding never wins; a NaN
/// always does, where TensorFlow passes over it on CPUs.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not four axes or is
/// smaller than the window; [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 2, 2, 1], vec![1.0f32, 4.0, 3.0, 2.0]);
/// assert_eq!(MaxPooling2D::new().call(&x)?.to_vec::<f32>()?, [4.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.MaxPooling2D`.
#[derive(Clone)]
pub struct MaxPooling2D(MovingPool);

impl MaxPooling2D {
    /// Windows of two places along each axis that do not overlap.
    #[must_use]
    pub fn new() -> Self {
        Self(MovingPool::new(KIND, Sizes::from(2)))
    }

    /// The window's size: one number for all axes, or one for each. Default: 2.
    #[must_use]
    pub fn pool_size(mut self, pool_size: impl Into<Sizes>) -> Self {
        self.0.pool_size = pool_size.into();
        self
    }
}

impl Default for MaxPooling2D {
    fn default() -> Self {
        Self::new()
    }
}

moving_pool!(MaxPooling2D);
