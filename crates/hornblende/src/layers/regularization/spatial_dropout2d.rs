//! Dropout of whole channels of images.

use std::sync::Arc;

use hornblende_core::{Result, Shape, Tensor};

use super::drop::Drop;
use super::spatial_dropout::spatial_dropout;
use crate::config::Config;
use crate::layers::{Call, DataFormat, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "SpatialDropout2D",
    aliases: &[],
    arguments: &[&["rate", "seed", "data_format"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(SpatialDropout2D::from_config(config)?)),
    examples: || {
        vec![Example::new(
            Config::new().with("rate", 0.5),
            [[2, 3, 3, 4]],
        )]
    },
};

spatial_dropout! {
    /// Sets random channels to 0 at all places of an image together while a model is trained.
    ///
    /// Where neighbours resemble each other, [`Dropout`](crate::layers::Dropout) of single elements drops
    /// little that the neighbours do not tell. What stays is multiplied by `1 / (1 - rate)`.
    ///
    /// # Shapes
    /// `[batch, height, width, channels]`; `[batch, channels, height, width]` with `channels_first`;
    /// the result is of the same shape.
    ///
    /// # Arguments
    /// `rate`: the part of the channels that is dropped, from 0 to 1. Methods: `seed`, `data_format`.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let layer = SpatialDropout2D::new(0.5).seed(1);
    /// let x = Tensor::ones([1, 2, 2, 2], DType::F32);
    /// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, x.to_vec::<f32>()?);
    /// let y = layer.call_with(&x, &Call::new(true))?.remove(0);
    /// let (first, last) = (y.max([1, 2]), y.min([1, 2]));
    /// assert_eq!(first.to_vec::<f32>()?, last.to_vec::<f32>()?);
    /// # Ok::<(), Error>(())
    /// ```
    SpatialDropout2D, 2, ["data_format"]
}

impl SpatialDropout2D {
    /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
    #[must_use]
    pub fn data_format(mut self, name: &str) -> Self {
        self.data_format = DataFormat::from_name(name);
        self
    }
}
