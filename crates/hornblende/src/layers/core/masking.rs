//! Leaving out steps of a sequence.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Masking",
    aliases: &[],
    arguments: &[&["mask_value"]],
    unsupported: &[],
    from_config: |config| {
        let mask_value = config.number("mask_value")?.unwrap_or(0.0);
        Ok(Arc::new(Masking::new().mask_value(mask_value)))
    },
    examples: || {
        vec![Example::new(
            Config::new().with("mask_value", 0.5),
            [[2, 3, 2]],
        )]
    },
};

/// Leaves out the steps of a sequence whose features all equal `mask_value`: they become 0, and the result
/// carries a mask that later layers, the loss and the metrics keep to.
///
/// # Arguments
/// Method: [`Masking::mask_value`].
///
/// # Shapes
/// `[.., n]` gives the same shape; the mask is `[..]`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[1.0f32, -1.0], [1.0, 2.0], [-1.0, -1.0]]]);
/// let y = Masking::new().mask_value(-1.0).call(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, -1.0, 1.0, 2.0, 0.0, 0.0]);
/// if let Some(mask) = y.remark("mask") {
///     assert_eq!(mask.cast(DType::I32).to_vec::<i32>()?, [1, 1, 0]);
/// }
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.Masking`.
#[derive(Clone, Default)]
pub struct Masking {
    base: LayerBase,
    mask_value: f64,
}

impl Masking {
    /// A layer that leaves out steps of zeros.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What all features of a step that does not count equal. Default: 0.
    #[must_use]
    pub fn mask_value(mut self, mask_value: f64) -> Self {
        self.mask_value = mask_value;
        self
    }
}

impl Layer for Masking {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        InputSpec::least_rank(1).check(ENTRY.class_name, &inputs[0])
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let mask = x.not_equal(self.mask_value).any(-1);
        Ok(mask
            .expand_dims(-1)
            .select(x, 0.0)
            .with_remark("mask", &mask))
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        config.with("mask_value", self.mask_value)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
