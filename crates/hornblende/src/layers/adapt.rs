// tidy: not an item
//! Layers that learn their state from data before training.

use hornblende_core::Result;

use crate::layers::{Layer, LayerInputs};

/// Learning the state of a layer from data, without gradients: `Normalization::new().adapt(&x)?`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Normalization::new();
/// layer.adapt(&Tensor::from([[1.0f32], [3.0]]))?;
/// assert_eq!(layer.call(&Tensor::from([[1.0f32], [2.0]]))?.to_vec::<f32>()?, [-1.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
pub trait AdaptLayer {
    /// Learns the state from data: one tensor, or several batches of samples. What was learned before is
    /// forgotten.
    ///
    /// # Errors
    /// If the layer learns nothing from data, or cannot from such data; its state is then as before.
    fn adapt(&self, data: impl LayerInputs) -> Result<()>;
}

impl<L: Layer + ?Sized> AdaptLayer for L {
    fn adapt(&self, data: impl LayerInputs) -> Result<()> {
        let adapted = self.adapt_to(&data.tensors());
        adapted.map_err(|error| error.in_layer(&self.base().name(self.class_name())))
    }
}
