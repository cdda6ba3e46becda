//! The mean of each window of a sequence.

use std::sync::Arc;

use super::moving_pool::{MovingPool, PoolKind, moving_pool};
use crate::layers::{Entry, Sizes};

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "AveragePooling1D",
    rank: 1,
    averages: true,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["AvgPool1D"],
    arguments: &[MovingPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(AveragePooling1D(MovingPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || MovingPool::examples(KIND),
};

/// The mean of each window of a sequence. Keras calls the layer `AvgPool1D` too.
///
/// # Arguments
/// `pool_size`: the window, one number or one for each axis. The others are methods: [`AveragePooling1D::strides`] (default: the
/// pool size), [`AveragePooling1D::padding`] (`"valid"`), [`AveragePooling1D::data_format`] (`"channels_last"`).
///
/// # Shapes
/// `[batch, steps, channels]` gives `[batch, new steps, channels]`, counted as by
/// [`Conv1D`](crate::layers::Conv1D). Padding is not counted.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes or is
/// smaller than the window; [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 4, 1], vec![1.0f32, 4.0, 3.0, 2.0]);
/// assert_eq!(AveragePooling1D::new(2).call(&x)?.to_vec::<f32>()?, [2.5, 2.5]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.AveragePooling1D`.
#[derive(Clone)]
pub struct AveragePooling1D(MovingPool);

impl AveragePooling1D {
    /// Windows of this size that do not overlap: one number for all axes, or one for each.
    #[must_use]
    pub fn new(pool_size: impl Into<Sizes>) -> Self {
        Self(MovingPool::new(KIND, pool_size.into()))
    }
}

moving_pool!(AveragePooling1D);
