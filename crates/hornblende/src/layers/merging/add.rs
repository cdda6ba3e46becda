//! The sum of several inputs.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::merge::{self, fold, merging_layer};
use crate::layers::{CallLayer, Entry, LayerInputs};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Add",
    aliases: &[],
    arguments: &[],
    unsupported: &[],
    from_config: |_| Ok(Arc::new(Add::new())),
    examples: merge::examples,
};

merging_layer! {
    /// The sum of several inputs, which broadcast together: `inputs[0] + inputs[1] + ..`.
    ///
    /// # Shapes
    /// Any that broadcast, batch sizes equal; an input of fewer axes gets new ones behind the batch axis.
    /// Mask of the result: true where that of any input is; none if an input has none.
    ///
    /// Keras on TensorFlow adds an input with one number a sample along another axis where that axis has as many
    /// places as there are samples; here it is added to its sample.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
    /// assert_eq!(Add::new().call([&a, &b])?.to_vec::<f32>()?, [11.0, 22.0]);
    /// # Ok::<(), Error>(())
    /// ```
    Add, merge_all
}

/// The function form of [`Add`], as `keras.layers.add`.
///
/// # Errors
/// If the inputs do not broadcast together.
#[track_caller]
pub fn add(inputs: impl LayerInputs) -> Result<Tensor> {
    Add::new().call(inputs)
}

fn merge_all(inputs: &[Tensor]) -> Tensor {
    fold(inputs, |all, x| all + x)
}
