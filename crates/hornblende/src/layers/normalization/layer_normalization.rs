//! Normalization of each sample.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Shape, Tensor};

use super::scale_and_center::{ScaleAndCenter, ScaleAndCenterOptions, along};
use crate::config::Config;
use crate::layers::{AxisList, Call, Entry, Example, Layer, LayerBase};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "LayerNormalization",
    aliases: &[],
    arguments: &[&["axis", "rms_scaling"], ScaleAndCenter::ARGUMENTS],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(LayerNormalization::from_config(config)?)),
    examples: || {
        let config = Config::new;
        vec![
            Example::new(config(), [[2, 5]]),
            Example::new(
                config().with("axis", vec![1, 2]).with("epsilon", 0.01),
                [[2, 3, 4]],
            ),
            Example::new(config().with("axis", 1).with("scale", false), [[2, 3, 4]]),
            Example::new(config().with("rms_scaling", true), [[2, 5]]),
        ]
    },
};

/// Brings each sample to mean 0 and variance 1: `(x - mean) / sqrt(variance + epsilon) * gamma + beta`.
///
/// Mean and variance are taken over `axis`, for each sample alone, in training as well as out of it.
///
/// # Arguments
/// Methods: `axis` (one or several; default -1) and those of [`ScaleAndCenterOptions`]. `rms_scaling` (default
/// false, and given up by Keras itself) leaves the mean where it is: `x / sqrt(variance + epsilon) * gamma`,
/// without beta; what the name promises is [`RMSNormalization`](crate::layers::RMSNormalization).
///
/// # Shapes
/// Any shape gives the same; gamma and beta have the sizes along `axis`.
///
/// # At the edges
/// Equal entries give beta. NaN or infinity in a sample makes all of that sample NaN.
///
/// # Errors
/// `InvalidArgument` for an axis that the input does not have.
///
/// # Source
/// Ba et al. 2016, arXiv:1607.06450; `keras.layers.LayerNormalization`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = LayerNormalization::new().epsilon(0.0).call(&Tensor::from([[1.0f32, 3.0], [10.0, 30.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 1.0, -1.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct LayerNormalization {
    base: LayerBase,
    axis: AxisList,
    rms_scaling: bool,
    options: ScaleAndCenter,
}

impl LayerNormalization {
    /// Normalization over the last axis.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            axis: AxisList::One(-1),
            rms_scaling: false,
            options: ScaleAndCenter::default(),
        }
    }

    /// The axes that are normalized together. Default: -1.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<AxisList>) -> Self {
        self.axis = axis.into();
        self
    }

    /// Whether the mean stays and there is no beta. Default: false.
    #[must_use]
    pub fn rms_scaling(mut self, rms_scaling: bool) -> Self {
        self.rms_scaling = rms_scaling;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            axis: AxisList::from_config(config)?,
            rms_scaling: config.flag("rms_scaling")?.unwrap_or(false),
            options: ScaleAndCenter::from_config(config)?,
            ..Self::new()
        })
    }
}

impl Default for LayerNormalization {
    fn default() -> Self {
        Self::new()
    }
}

impl ScaleAndCenterOptions for LayerNormalization {
    fn scale_and_center_mut(&mut self) -> &mut ScaleAndCenter {
        &mut self.options
    }
}

impl Layer for LayerNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        let sizes = Shape::from(self.axis.sizes("LayerNormalization: axis", &inputs[0])?);
        if self.rms_scaling {
            return self.options.build_gamma(&self.base, &sizes);
        }
        self.options.build(&self.base, sizes)
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let axes = self.axis.resolve("LayerNormalization: axis", x.shape())?;
        let shape = along(x.shape(), &axes);
        let (mean, variance) = ops::moments(x, axes);
        if self.rms_scaling {
            let gamma = self.base.built_variable("gamma")?.read().reshape_to(shape);
            return Ok(x * (variance + self.options.epsilon).rsqrt() * gamma);
        }
        self.options
            .normalize(&self.base, x, (&mean, &variance), &shape)
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        let config = self
            .base
            .get_config(self.class_name())
            .with("axis", self.axis.to_json())
            .with("rms_scaling", self.rms_scaling);
        self.options.add_to(config)
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
    fn weights_have_the_sizes_of_the_axes_in_ascending_order() {
        let layer = LayerNormalization::new().axis([-1, 1]);
        layer.call(Tensor::ones([2, 3, 4, 5], DType::F32)).unwrap();
        assert_eq!(layer.weights()[0].shape().dims(), [3, 5]);
    }

    #[test]
    fn an_axis_that_is_missing_or_named_twice_is_told() {
        let x = Tensor::ones([2, 3], DType::F32);
        let error = |axis: AxisList| {
            LayerNormalization::new()
                .axis(axis)
                .call(&x)
                .unwrap_err()
                .to_string()
        };
        assert!(error(AxisList::One(2)).contains("got axis 2"));
        assert!(error(AxisList::Several(vec![1, -1])).contains("each once"));
    }

    #[test]
    fn numbers_far_from_zero_are_normalized_as_well_as_those_near_it() {
        let near = [0.0f32, 1.0, 2.0, 5.0];
        let far = near.map(|x| x + 4096.0);
        let layer = LayerNormalization::new();
        let of = |x: [f32; 4]| {
            layer
                .call(Tensor::from([x]))
                .unwrap()
                .to_vec::<f32>()
                .unwrap()
        };
        assert_eq!(of(near), of(far));
    }
}
