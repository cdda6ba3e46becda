//! The largests of a given number of windows of a volume.

use std::sync::Arc;

use super::adaptive_pool::{AdaptivePool, adaptive_pool};
use super::moving_pool::PoolKind;
use crate::layers::Entry;

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "AdaptiveMaxPooling3D",
    rank: 3,
    averages: false,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: &[AdaptivePool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(AdaptiveMaxPooling3D(AdaptivePool::from_config(
            KIND, config,
        )?)))
    },
    examples: || AdaptivePool::examples(KIND),
};

/// The largests of as many windows of a volume as the result is to have, whatever the size of the input.
///
/// Along an axis of `n` places, window `i` of `m` runs from `floor(i * n / m)` to `ceil((i + 1) * n / m)`; windows
/// overlap where `m` does not divide `n`.
///
/// # Arguments
/// `output_size`: one number, or one for each axis. [`AdaptiveMaxPooling3D::data_format`] is a method
/// (`"channels_last"`).
///
/// # Shapes
/// `[batch, depth, height, width, channels]` gives `[batch, new depth, new height, new width, channels]`.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not five axes, or no
/// places; [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 4, 1, 1, 1], vec![1.0f32, 2.0, 4.0, 8.0]);
/// assert_eq!(AdaptiveMaxPooling3D::new((2, 1, 1)).call(&x)?.to_vec::<f32>()?, [2.0, 8.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.AdaptiveMaxPooling3D`.
#[derive(Clone)]
pub struct AdaptiveMaxPooling3D(AdaptivePool);

adaptive_pool!(AdaptiveMaxPooling3D);
