//! The largest of all places of a sequence.

use std::sync::Arc;

use super::global_pool::{GlobalPool, global_pool_options};
use super::moving_pool::PoolKind;
use crate::layers::Entry;

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "GlobalMaxPooling1D",
    rank: 1,
    averages: false,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["GlobalMaxPool1D"],
    arguments: &[GlobalPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(GlobalMaxPooling1D(GlobalPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || GlobalPool::examples(KIND),
};

/// The largest of all steps of a sequence, channel by channel. Keras calls the layer `GlobalMaxPool1D` too.
///
/// # Arguments
/// All are methods: [`GlobalMaxPooling1D::data_format`] (`"channels_last"`), [`GlobalMaxPooling1D::keepdims`] (false).
///
/// # Shapes
/// `[batch, steps, channels]` gives `[batch, channels]`, or `[batch, 1, channels]` with `keepdims`; with
/// `"channels_first"` the channels stay where they are. Of no places the largest is the lowest number.
/// Equal maxima share the gradient, as in TensorFlow.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 2, 2], vec![1.0f32, 8.0, 3.0, 2.0]);
/// assert_eq!(GlobalMaxPooling1D::new().call(&x)?.to_vec::<f32>()?, [3.0, 8.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.GlobalMaxPooling1D`.
#[derive(Clone)]
pub struct GlobalMaxPooling1D(GlobalPool);

global_pool_options!(GlobalMaxPooling1D);
crate::layers::delegated_layer!(GlobalMaxPooling1D);
