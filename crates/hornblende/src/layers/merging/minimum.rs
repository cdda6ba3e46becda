//! The smallest of several inputs.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::merge::{self, extreme, merging_layer};
use crate::layers::{CallLayer, Entry, LayerInputs};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Minimum",
    aliases: &[],
    arguments: &[],
    unsupported: &[],
    from_config: |_| Ok(Arc::new(Minimum::new())),
    examples: merge::examples,
};

merging_layer! {
    /// The smallest of several inputs element by element, which broadcast together; NaN if any is NaN.
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
    /// assert_eq!(Minimum::new().call([&a, &b])?.to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), Error>(())
    /// ```
    Minimum, merge_all
}

/// The function form of [`Minimum`], as `keras.layers.minimum`.
///
/// # Errors
/// If the inputs do not broadcast together.
#[track_caller]
pub fn minimum(inputs: impl LayerInputs) -> Result<Tensor> {
    Minimum::new().call(inputs)
}

fn merge_all(inputs: &[Tensor]) -> Tensor {
    extreme(inputs, |all, x| all.minimum(x))
}
