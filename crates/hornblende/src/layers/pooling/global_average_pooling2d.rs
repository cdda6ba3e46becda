//! The mean of all places of an image.

use std::sync::Arc;

use super::global_pool::{GlobalPool, global_pool_options};
use super::moving_pool::PoolKind;
use crate::layers::Entry;

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "GlobalAveragePooling2D",
    rank: 2,
    averages: true,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["GlobalAvgPool2D"],
    arguments: &[GlobalPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(GlobalAveragePooling2D(GlobalPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || GlobalPool::examples(KIND),
};

/// The mean of all places of an image, channel by channel. Keras calls the layer `GlobalAvgPool2D` too.
///
/// # Arguments
/// All are methods: [`GlobalAveragePooling2D::data_format`] (`"channels_last"`), [`GlobalAveragePooling2D::keepdims`] (false).
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, channels]`, or `[batch, 1, 1, channels]` with `keepdims`; with
/// `"channels_first"` the channels stay where they are. Of no places the mean is NaN.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not four axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 1, 2, 2], vec![1.0f32, 8.0, 3.0, 2.0]);
/// assert_eq!(GlobalAveragePooling2D::new().call(&x)?.to_vec::<f32>()?, [2.0, 5.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.GlobalAveragePooling2D`.
#[derive(Clone)]
pub struct GlobalAveragePooling2D(GlobalPool);

global_pool_options!(GlobalAveragePooling2D);
crate::layers::delegated_layer!(GlobalAveragePooling2D);
