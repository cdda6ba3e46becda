//! Several inputs one behind the other.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Tensor};

use super::merge::with_mask;
use crate::config::{Config, Json};
use crate::layers::{Call, CallLayer, Entry, Example, Layer, LayerBase, LayerInputs};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Concatenate",
    aliases: &[],
    arguments: &[&["axis"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Concatenate::from_config(config)?)),
    examples: || {
        let config = Config::new().with("axis", 1);
        vec![Example::new(config, [[2, 3, 2], [2, 1, 2]])]
    },
};

/// Several inputs one behind the other along an axis.
///
/// # Shapes
/// All sizes but those along the axis must agree. Mask of the result: that of the inputs, one behind the
/// other, an input without one counting as a whole; along the last axis, true where any is.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[3.0f32]]));
/// assert_eq!(Concatenate::new().call([&a, &b])?.to_vec::<f32>()?, [1.0, 2.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Concatenate {
    base: LayerBase,
    axis: isize,
}

impl Concatenate {
    /// A layer that puts its inputs one behind the other along the last axis.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            axis: -1,
        }
    }

    /// The axis, counted with the batch axis. Default: -1.
    #[must_use]
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let Some(value) = config.get("axis") else {
            return Ok(Self::new());
        };
        match value.as_i64() {
            Some(axis) => Ok(Self::new().axis(axis as isize)),
            None => Err(Error::format(
                "argument \"axis\"",
                "a whole number",
                value.to_string(),
                "",
            )),
        }
    }
}

impl Concatenate {
    /// The masks of all elements, concatenated as these are, without their last axis.
    fn mask(&self, inputs: &[Tensor]) -> Option<Tensor> {
        if inputs.iter().all(|x| x.remark("mask").is_none()) {
            return None;
        }
        let of_elements = |x: &Tensor| match x.remark("mask") {
            None => Tensor::ones(x.shape(), DType::Bool),
            Some(mask) if mask.rank() < x.rank() => mask.expand_dims(-1).broadcast_to(x.shape()),
            Some(mask) => mask.clone(),
        };
        let masks: Vec<Tensor> = inputs.iter().map(of_elements).collect();
        Some(Tensor::concatenate(&masks, self.axis).any(-1))
    }
}

/// The function form of [`Concatenate`], as `keras.layers.concatenate`; Keras's default axis is -1.
///
/// # Errors
/// If sizes differ along another axis.
#[track_caller]
pub fn concatenate(inputs: impl LayerInputs, axis: isize) -> Result<Tensor> {
    Concatenate::new().axis(axis).call(inputs)
}

impl Default for Concatenate {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for Concatenate {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let dtype = inputs.iter().map(Tensor::dtype).reduce(|a, b| a.promote(b));
        let dtype = dtype.unwrap_or_else(|| self.base.dtype());
        let cast: Vec<Tensor> = inputs.iter().map(|x| x.cast(dtype)).collect();
        let result = Tensor::concatenate(&cast, self.axis);
        Ok(with_mask(&result, self.mask(inputs)))
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("axis", Json::from(self.axis))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Keras 3.15.1 has it with these masks.
    #[test]
    fn masks_are_concatenated_as_the_inputs_are() {
        let mask = Tensor::from([[1i32, 0]]).cast(DType::Bool);
        let a = Tensor::ones([1, 2, 3], DType::F32).with_remark("mask", &mask);
        let b = Tensor::ones([1, 2, 3], DType::F32);
        let mask = |x: [&Tensor; 2], axis| {
            let y = concatenate(x, axis).unwrap();
            y.remark("mask").map(|mask| mask.to_vec::<i32>().unwrap())
        };
        assert_eq!(mask([&a, &b], 1), Some(vec![1, 0, 1, 1]));
        assert_eq!(mask([&a, &a], -1), Some(vec![1, 0]));
        assert_eq!(mask([&a, &b], -1), Some(vec![1, 1]));
        assert_eq!(mask([&b, &b], 1), None);
    }
}
