//! The mean of several inputs.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::merge::{self, fold, merging_layer, with_mask};
use crate::layers::{CallLayer, Entry, LayerInputs};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Average",
    aliases: &[],
    arguments: &[],
    unsupported: &[],
    from_config: |_| Ok(Arc::new(Average::new())),
    examples: merge::examples,
};

merging_layer! {
    /// The mean of several inputs, which broadcast together: their sum over their number.
    ///
    /// Masks take no part in the numbers.
    ///
    /// # Shapes
    /// Any that broadcast, batch sizes equal; an input of fewer axes gets new ones behind the batch axis.
    /// Mask of the result: true where that of any input is; none if an input has none.
    ///
    /// What [`Add`](crate::layers::Add) says of Keras on TensorFlow and one number a sample holds here too.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
    /// assert_eq!(Average::new().call([&a, &b])?.to_vec::<f32>()?, [5.5, 11.0]);
    /// # Ok::<(), Error>(())
    /// ```
    Average, merge_all
}

/// The function form of [`Average`], as `keras.layers.average`.
///
/// # Errors
/// If the inputs do not broadcast together.
#[track_caller]
pub fn average(inputs: impl LayerInputs) -> Result<Tensor> {
    Average::new().call(inputs)
}

fn merge_all(inputs: &[Tensor]) -> Tensor {
    let sum = fold(inputs, |all, x| all + x);
    let mean = &sum / inputs.len() as f64;
    with_mask(&mean, sum.remark("mask").cloned())
}
