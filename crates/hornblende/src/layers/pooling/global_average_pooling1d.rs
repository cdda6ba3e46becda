//! The mean of all places of a sequence.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Shape, Tensor};

use super::global_pool::{GlobalPool, global_pool_options};
use super::moving_pool::PoolKind;
use crate::config::Config;
use crate::layers::{Call, Entry, Layer, LayerBase};

/// What tells the class apart.
const KIND: PoolKind = PoolKind {
    class_name: "GlobalAveragePooling1D",
    rank: 1,
    averages: true,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["GlobalAvgPool1D"],
    arguments: &[GlobalPool::ARGUMENTS],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(GlobalAveragePooling1D(GlobalPool::from_config(
            KIND, config,
        )?)))
    },
    examples: || GlobalPool::examples(KIND),
};

/// The mean of all steps of a sequence, channel by channel. Keras calls the layer `GlobalAvgPool1D` too.
///
/// A mask on the input (remark `mask`, `[batch, steps]`) says which steps count; a sequence of which none does gives NaN.
/// The result has no mask.
///
/// # Arguments
/// All are methods: [`GlobalAveragePooling1D::data_format`] (`"channels_last"`), [`GlobalAveragePooling1D::keepdims`] (false).
///
/// # Shapes
/// `[batch, steps, channels]` gives `[batch, channels]`, or `[batch, 1, channels]` with `keepdims`; with
/// `"channels_first"` the channels stay where they are. Of no places the mean is NaN.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 2, 2], vec![1.0f32, 8.0, 3.0, 2.0]);
/// assert_eq!(GlobalAveragePooling1D::new().call(&x)?.to_vec::<f32>()?, [2.0, 5.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.GlobalAveragePooling1D`.
#[derive(Clone)]
pub struct GlobalAveragePooling1D(GlobalPool);

global_pool_options!(GlobalAveragePooling1D);

impl Layer for GlobalAveragePooling1D {
    fn base(&self) -> &LayerBase {
        &self.0.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.0.build(inputs)
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        match inputs[0].remark("mask") {
            Some(mask) => self.0.forward_masked(inputs, mask),
            None => self.0.forward(inputs),
        }
    }

    fn get_config(&self) -> Config {
        self.0.add_to(self.0.base.get_config(ENTRY.class_name))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    #[test]
    fn masked_steps_do_not_count_whatever_they_hold() {
        let x = Tensor::from_vec([1, 3, 1], vec![1.0f32, 5.0, f32::NAN]);
        let mask = Tensor::from_vec([1, 3], vec![true, true, false]);
        let y = GlobalAveragePooling1D::new()
            .call(x.with_remark("mask", &mask))
            .unwrap();
        assert_eq!(y.to_vec::<f32>().unwrap(), [3.0]);
        assert!(y.remark("mask").is_none());
    }
}
