//! The mean of each window of an image.

use std::sync::Arc;

use super::moving_pool::{MovingPool, PoolKind, moving_pool};
use crate::layers::{Entry, Sizes};

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "AveragePooling2D",
    rank: 2,
    averages: true,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["AvgPool2D"],
    arguments: &[MovingPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(AveragePooling2D(MovingPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || MovingPool::examples(KIND),
};

/// The mean of each window of an image. Keras calls the layer `AvgPool2D` too.
///
/// # Arguments
/// `pool_size`: the window, one number or one for each axis. The others are methods: [`AveragePooling2D::strides`] (default: the
/// pool size), [`AveragePooling2D::padding`] (`"valid"`), [`AveragePooling2D::data_format`] (`"channels_last"`).
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, new height, new width, channels]`, counted as by
/// [`Conv2D`](crate::layers::Conv2D). Padding is not counted.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not four axes or is
/// smaller than the window; [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 2, 2, 1], vec![1.0f32, 4.0, 3.0, 2.0]);
/// assert_eq!(AveragePooling2D::new(2).call(&x)?.to_vec::<f32>()?, [2.5]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.AveragePooling2D`.
#[derive(Clone)]
pub struct AveragePooling2D(MovingPool);

impl AveragePooling2D {
    /// Windows of this size that do not overlap: one number for all axes, or one for each.
    #[must_use]
    pub fn new(pool_size: impl Into<Sizes>) -> Self {
        Self(MovingPool::new(KIND, pool_size.into()))
    }
}

moving_pool!(AveragePooling2D);
