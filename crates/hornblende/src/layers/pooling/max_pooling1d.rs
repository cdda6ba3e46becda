//! The largest of each window of a sequence.

use std::sync::Arc;

use super::moving_pool::{MovingPool, PoolKind, moving_pool};
use crate::layers::{Entry, Sizes};

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "MaxPooling1D",
    rank: 1,
    averages: false,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["MaxPool1D"],
    arguments: &[MovingPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(MaxPooling1D(MovingPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || MovingPool::examples(KIND),
};

/// The largest of each window of a sequence. Keras calls the layer `MaxPool1D` too.
///
/// # Arguments
/// All are methods: [`MaxPooling1D::pool_size`] (default 2), [`MaxPooling1D::strides`] (default: the pool size),
/// [`MaxPooling1D::padding`] (`"valid"`), [`MaxPooling1D::data_format`] (`"channels_last"`).
///
/// # Shapes
/// `[batch, steps, channels]` gives `[batch, new steps, channels]`, counted as by
/// [`Conv1D`](crate::layers::Conv1D). Padding never wins; a NaN
/// always does, where TensorFlow passes over it on CPUs.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes or is
/// smaller than the window; [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 4, 1], vec![1.0f32, 4.0, 3.0, 2.0]);
/// assert_eq!(MaxPooling1D::new().call(&x)?.to_vec::<f32>()?, [4.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.MaxPooling1D`.
#[derive(Clone)]
pub struct MaxPooling1D(MovingPool);

impl MaxPooling1D {
    /// Windows of two steps that do not overlap.
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

impl Default for MaxPooling1D {
    fn default() -> Self {
        Self::new()
    }
}

moving_pool!(MaxPooling1D);
