//! Normalization to length 1.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Axes, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::{AxisList, Call, Entry, Example, Layer, LayerBase};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "UnitNormalization",
    aliases: &[],
    arguments: &[&["axis"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(UnitNormalization::from_config(config)?)),
    examples: || {
        let config = Config::new().with("axis", vec![1, 2]);
        vec![
            Example::new(Config::new(), [[2, 5]]),
            Example::new(config, [[2, 3, 4]]),
        ]
    },
};

/// The shortest length that is divided by: shorter vectors are divided by it.
const SHORTEST: f64 = 1e-12;

/// Brings each vector to length 1: `x / sqrt(sum(x²))`.
///
/// # Arguments
/// Method: `axis`, the axes along which the squares are summed (one or several; default -1).
///
/// # Shapes
/// Any shape gives the same.
///
/// # At the edges
/// A vector shorter than 1e-12 is multiplied by 1e12, so that zeros stay zeros; the gradient is that of this
/// product, where Keras's is NaN.
///
/// # Errors
/// `InvalidArgument` for an axis that the input does not have.
///
/// # Source
/// `keras.layers.UnitNormalization`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = UnitNormalization::new().call(&Tensor::from([[3.0f32, 4.0], [0.0, 0.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.6, 0.8, 0.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct UnitNormalization {
    base: LayerBase,
    axis: AxisList,
}

impl UnitNormalization {
    /// Normalization along the last axis.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            axis: AxisList::One(-1),
        }
    }

    /// The axes along which the squares are summed. Default: -1.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<AxisList>) -> Self {
        self.axis = axis.into();
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            axis: AxisList::from_config(config)?,
            ..Self::new()
        })
    }
}

impl Default for UnitNormalization {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for UnitNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.axis
            .resolve("UnitNormalization: axis", &inputs[0])
            .map(|_| ())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let axes = Axes::from(self.axis.resolve("UnitNormalization: axis", x.shape())?);
        Ok(ops::normalize_above(x, axes, SHORTEST))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("axis", self.axis.to_json())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn a_vector_of_zeros_has_a_gradient_that_is_a_number() {
        let x = Tensor::zeros([1, 2], DType::F32);
        let y = UnitNormalization::new().call(&x).unwrap();
        let g = y.gradients(&[x])[0].to_vec::<f32>().unwrap();
        assert!(g.iter().all(|g| g.is_finite()), "{g:?}");
    }
}
