//! The mean of all places of a volume.

use std::sync::Arc;

use super::global_pool::{GlobalPool, global_pool_options};
use super::moving_pool::PoolKind;
use crate::layers::Entry;

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "GlobalAveragePooling3D",
    rank: 3,
    averages: true,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["GlobalAvgPool3D"],
    arguments: &[GlobalPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(GlobalAveragePooling3D(GlobalPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || GlobalPool::examples(KIND),
};

/// The mean of all places of a volume, channel by channel. Keras calls the layer `GlobalAvgPool3D` too.
///
/// # Arguments
/// All are methods: [`GlobalAveragePooling3D::data_format`] (`"channels_last"`), [`GlobalAveragePooling3D::keepdims`] (false).
///
/// # Shapes
/// `[batch, depth, height, width, channels]` gives `[batch, channels]`, or `[batch, 1, 1, 1, channels]` with `keepdims`; with
/// `"channels_first"` the channels stay where they are. Of no places the mean is NaN.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not five axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 1, 1, 2, 2], vec![1.0f32, 8.0, 3.0, 2.0]);
/// assert_eq!(GlobalAveragePooling3D::new().call(&x)?.to_vec::<f32>()?, [2.0, 5.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.GlobalAveragePooling3D`.
#[derive(Clone)]
pub struct GlobalAveragePooling3D(GlobalPool);

global_pool_options!(GlobalAveragePooling3D);
crate::layers::delegated_layer!(GlobalAveragePooling3D);
