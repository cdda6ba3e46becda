//! The largest of several inputs.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::merge::{self, extreme, merging_layer};
use crate::layers::{CallLayer, Entry, LayerInputs};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Maximum",
    aliases: &[],
    arguments: &[],
    unsupported: &[],
    from_config: |_| Ok(Arc::new(Maximum::new())),
    examples: merge::examples,
};

merging_layer! {
    /// The largest of several inputs element by element, which broadcast together; NaN if any is NaN.
    ///
    /// An element that the mask of its input leaves out gives way to those beside it. Equal elements share the
    /// gradient, where TensorFlow gives it to the first.
    ///
    /// # Shapes
    /// Any that broadcast, batch sizes equal; an input of fewer axes gets new ones behind the batch axis.
    /// Mask of the result: true where that of any input is; none if an input has none.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
    /// assert_eq!(Maximum::new().call([&a, &b])?.to_vec::<f32>()?, [10.0, 20.0]);
    /// # Ok::<(), Error>(())
    /// ```
    Maximum, merge_all
}

/// The function form of [`Maximum`], as `keras.layers.maximum`.
///
/// # Errors
/// If the inputs do not broadcast together.
#[track_caller]
pub fn maximum(inputs: impl LayerInputs) -> Result<Tensor> {
    Maximum::new().call(inputs)
}

fn merge_all(inputs: &[Tensor]) -> Tensor {
    extreme(inputs, |all, x| all.maximum(x))
}
