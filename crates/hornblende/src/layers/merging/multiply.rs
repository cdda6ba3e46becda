//! The product of several inputs.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::merge::{self, any_mask, element_masks, matched, merging_layer, with_mask};
use crate::layers::{CallLayer, Entry, LayerInputs};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Multiply",
    aliases: &[],
    arguments: &[],
    unsupported: &[],
    from_config: |_| Ok(Arc::new(Multiply::new())),
    examples: merge::examples,
};

merging_layer! {
    /// The product of several inputs, which broadcast together: `inputs[0] * inputs[1] * ..`.
    ///
    /// An element that the mask of its input leaves out counts as 1; where all are left out, the result is 0.
    ///
    /// # Shapes
    /// Any that broadcast, batch sizes equal; an input of fewer axes gets new ones behind the batch axis.
    /// Mask of the result: true where that of any input is; none if an input has none.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
    /// assert_eq!(Multiply::new().call([&a, &b])?.to_vec::<f32>()?, [10.0, 40.0]);
    /// # Ok::<(), Error>(())
    /// ```
    Multiply, merge_all
}

/// The function form of [`Multiply`], as `keras.layers.multiply`.
///
/// # Errors
/// If the inputs do not broadcast together.
#[track_caller]
pub fn multiply(inputs: impl LayerInputs) -> Result<Tensor> {
    Multiply::new().call(inputs)
}

fn merge_all(inputs: &[Tensor]) -> Tensor {
    let masks = element_masks(inputs);
    let factors = matched(inputs).into_iter().zip(&masks);
    let factors = factors.map(|(x, mask)| match mask {
        Some(mask) => mask.select(x, 1.0),
        None => x,
    });
    let product = factors.reduce(|all, x| all * x);
    let product = product.unwrap_or_else(|| Tensor::literal(1.0, inputs[0].dtype()));
    let any = masks
        .into_iter()
        .reduce(|all, mask| Some(all?.logical_or(mask?)));
    let product = match any.flatten() {
        Some(any) => any.select(product, 0.0),
        None => product,
    };
    with_mask(&product, any_mask(inputs))
}
