//! The largest of each window of a volume.

use std::sync::Arc;

use super::moving_pool::{MovingPool, PoolKind, moving_pool};
use crate::layers::{Entry, Sizes};

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "MaxPooling3D",
    rank: 3,
    averages: false,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["MaxPool3D"],
    arguments: &[MovingPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(MaxPooling3D(MovingPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || MovingPool::examples(KIND),
};

/// The largest of each window of a volume. Keras calls the layer `MaxPool3D` too.
///
/// # Arguments
/// All are methods: [`MaxPooling3D::pool_size`] (default 2), [`MaxPooling3D::strides`] (default: the pool size),
/// [`MaxPooling3D::padding`] (`"valid"`), [`MaxPooling3D::data_format`] (`"channels_last"`).
///
/// # Shapes
/// `[batch, depth, height, width, channels]` gives `[batch, new depth, new height, new width, channels]`, counted as by
/// [`Conv3D`](crate::layers::Conv3D). Padding never wins; a NaN
/// always does.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not five axes or is
/// smaller than the window; [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 1, 2, 2, 1], vec![1.0f32, 4.0, 3.0, 2.0]);
/// assert_eq!(MaxPooling3D::new().pool_size((1, 2, 2)).call(&x)?.to_vec::<f32>()?, [4.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.MaxPooling3D`. Where a window has several maxima, the
/// first gets the gradient; TensorFlow gives it to each of them here (in one and two dimensions to the first).
#[derive(Clone)]
pub struct MaxPooling3D(MovingPool);

impl MaxPooling3D {
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

impl Default for MaxPooling3D {
    fn default() -> Self {
        Self::new()
    }
}

moving_pool!(MaxPooling3D);
