//! The largest of all places of an image.

use std::sync::Arc;

use super::global_pool::{GlobalPool, global_pool_options};
use super::moving_pool::PoolKind;
use crate::layers::Entry;

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "GlobalMaxPooling2D",
    rank: 2,
    averages: false,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["GlobalMaxPool2D"],
    arguments: &[GlobalPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(GlobalMaxPooling2D(GlobalPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || GlobalPool::examples(KIND),
};

/// The largest of all places of an image, channel by channel. Keras calls the layer `GlobalMaxPool2D` too.
///
/// # Arguments
/// All are methods: [`GlobalMaxPooling2D::data_format`] (`"channels_last"`), [`GlobalMaxPooling2D::keepdims`] (false).
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, channels]`, or `[batch, 1, 1, channels]` with `keepdims`; with
/// `"channels_first"` the channels stay where they are. Of no places the largest is the lowest number.
/// Equal maxima share the gradient, as in TensorFlow.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not four axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 1, 2, 2], vec![1.0f32, 8.0, 3.0, 2.0]);
/// assert_eq!(GlobalMaxPooling2D::new().call(&x)?.to_vec::<f32>()?, [3.0, 8.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.GlobalMaxPooling2D`.
#[derive(Clone)]
pub struct GlobalMaxPooling2D(GlobalPool);

global_pool_options!(GlobalMaxPooling2D);
crate::layers::delegated_layer!(GlobalMaxPooling2D);
