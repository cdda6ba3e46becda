//! Dropout of whole channels of sequences.

use std::sync::Arc;

use hornblende_core::{Result, Shape, Tensor};

use super::drop::Drop;
use super::spatial_dropout::spatial_dropout;
use crate::config::Config;
use crate::layers::{Call, DataFormat, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "SpatialDropout1D",
    aliases: &[],
    arguments: &[&["rate", "seed"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(SpatialDropout1D::from_config(config)?)),
    examples: || vec![Example::new(Config::new().with("rate", 0.5), [[2, 3, 4]])],
};

spatial_dropout! {
    /// Sets random channels to 0 at all time steps together while a model is trained.
    ///
    /// Where neighbours resemble each other, [`Dropout`](crate::layers::Dropout) of single elements drops
    /// little that the neighbours do not tell. What stays is multiplied by `1 / (1 - rate)`.
    ///
    /// # Shapes
    /// `[batch, steps, channels]`; the result is of the same shape.
    ///
    /// # Arguments
    /// `rate`: the part of the channels that is dropped, from 0 to 1. Methods: `seed`.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let layer = SpatialDropout1D::new(0.5).seed(1);
    /// let x = Tensor::ones([1, 3, 2], DType::F32);
    /// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, x.to_vec::<f32>()?);
    /// let y = layer.call_with(&x, &Call::new(true))?.remove(0);
    /// let (first, last) = (y.max([1]), y.min([1]));
    /// assert_eq!(first.to_vec::<f32>()?, last.to_vec::<f32>()?);
    /// # Ok::<(), Error>(())
    /// ```
    SpatialDropout1D, 1, []
}
