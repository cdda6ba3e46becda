//! Normalization by the root of the mean square.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Axes, Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::initializers::Ones;
use crate::layers::{AxisList, Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RMSNormalization",
    aliases: &[],
    arguments: &[&["axis", "epsilon"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(RMSNormalization::from_config(config)?)),
    examples: || {
        let config = Config::new().with("axis", vec![1, 2]).with("epsilon", 0.01);
        vec![
            Example::new(Config::new(), [[2, 5]]),
            Example::new(config, [[2, 3, 4]]),
        ]
    },
};

/// Brings each sample to mean square 1: `x / sqrt(mean(x²) + epsilon) * scale`.
///
/// # Arguments
/// Methods: `axis` (one or several; default -1), `epsilon` (default 1e-6).
///
/// # Shapes
/// Any shape gives the same; scale has the sizes along `axis`. As in Keras, scale broadcasts from the last axis
/// on, so that `axis` should name the last axes.
///
/// # At the edges
/// Zeros stay zeros. NaN in a sample makes all of it NaN.
///
/// # Errors
/// `InvalidArgument` for an axis that the input does not have, `ShapeMismatch` if scale does not broadcast.
///
/// # Source
/// Zhang and Sennrich 2019, arXiv:1910.07467; `keras.layers.RMSNormalization`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = RMSNormalization::new().epsilon(0.0).call(&Tensor::from([[3.0f32, 3.0, -3.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 1.0, -1.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RMSNormalization {
    base: LayerBase,
    axis: AxisList,
    epsilon: f64,
}

impl RMSNormalization {
    /// Normalization over the last axis.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            axis: AxisList::One(-1),
            epsilon: 1e-6,
        }
    }

    /// The axes whose mean square is taken. Default: -1.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<AxisList>) -> Self {
        self.axis = axis.into();
        self
    }

    /// What is added to the mean square before its root is divided by. Default: 1e-6.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let plain = Self::new();
        Ok(Self {
            axis: AxisList::from_config(config)?,
            epsilon: config.number("epsilon")?.unwrap_or(plain.epsilon),
            ..plain
        })
    }
}

impl Default for RMSNormalization {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for RMSNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        let sizes = Shape::from(self.axis.sizes("RMSNormalization: axis", &inputs[0])?);
        // Sizes that are not known cannot be compared here; the call tells if they do not fit.
        if inputs[0].is_known() && inputs[0].broadcast(&sizes, "").ok().as_ref() != Some(&inputs[0])
        {
            return Err(Error::shape_mismatch(
                "RMSNormalization: axis",
                "axes whose sizes broadcast to the input",
                format!("{sizes} for shape {}", inputs[0]),
                "Name the last axes",
            ));
        }
        self.base.add_weight("scale", sizes, &Ones::new(), true)?;
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let axes = Axes::from(self.axis.resolve("RMSNormalization: axis", x.shape())?);
        let factor = (x.square().mean_keepdims(axes) + self.epsilon).rsqrt();
        Ok(x * factor * self.base.built_variable("scale")?.read())
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("axis", self.axis.to_json())
            .with("epsilon", self.epsilon)
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
    fn axes_that_the_scale_does_not_reach_are_refused() {
        let x = Tensor::ones([2, 3, 4], DType::F32);
        let error = RMSNormalization::new()
            .axis(1)
            .call(&x)
            .unwrap_err()
            .to_string();
        assert!(error.contains("Name the last axes"), "{error}");
    }

    #[test]
    fn zeros_stay_zeros_with_a_gradient_that_is_a_number() {
        let x = Tensor::zeros([1, 3], DType::F32);
        let y = RMSNormalization::new().call(&x).unwrap();
        assert_eq!(y.to_vec::<f32>().unwrap(), [0.0; 3]);
        // At 0 the layer multiplies by 1 / sqrt(epsilon).
        let g = y.gradients(&[x])[0].to_vec::<f32>().unwrap();
        assert!(g.iter().all(|g| (g - 1e3).abs() < 0.1), "{g:?}");
    }
}
