//! Softmax as a layer.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Axes, DType, Error, Result, Tensor};

use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Example, Layer, LayerBase};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Softmax",
    aliases: &[],
    arguments: &[&["axis"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Softmax::from_config(config)?)),
    examples: || {
        let config = Config::new().with("axis", 1);
        vec![
            Example::new(Config::new(), [[2, 3]]),
            Example::new(config, [[2, 3, 2]]),
        ]
    },
};

/// What is added to a logit that a mask leaves out: exp of it is 0 beside any other logit.
const NEVER: f64 = -1e9;

/// Softmax as a layer: numbers above 0 whose sum is 1.
///
/// Logits that a mask (remark `mask` of the input; true, or above 0.5, where a logit counts) leaves out get 0,
/// also where it leaves out all.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let logits = Tensor::from([[1.0f32, 1.0, 5.0]]);
/// let masked = logits.with_remark("mask", &Tensor::from([[1.0f32, 1.0, 0.0]]).cast(DType::Bool));
/// assert_eq!(Softmax::new().call(&masked)?.to_vec::<f32>()?, [0.5, 0.5, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Softmax {
    base: LayerBase,
    axis: Vec<isize>,
}

impl Softmax {
    /// Softmax along the last axis.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            axis: vec![-1],
        }
    }

    /// The axis along which the sum is 1, or several axes. Default: -1.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Vec<isize>>) -> Self {
        self.axis = axis.into();
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let whole = |v: &Json| v.as_i64().map(|n| n as isize);
        let axis = match config.get("axis") {
            None => return Ok(Self::new()),
            Some(Json::Array(list)) => list.iter().map(whole).collect(),
            Some(one) => whole(one).map(|axis| vec![axis]),
        };
        match axis {
            Some(axis) => Ok(Self::new().axis(axis)),
            None => Err(Error::format(
                "argument \"axis\"",
                "a whole number or a list of them",
                config.get("axis").map_or(String::new(), Json::to_string),
                "",
            )),
        }
    }

    fn axes(&self) -> Axes {
        Axes::from(self.axis.as_slice())
    }
}

impl Default for Softmax {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for Softmax {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let Some(mask) = x.remark("mask") else {
            return Ok(ops::softmax(x, self.axes()));
        };
        let mask = match mask.dtype() {
            DType::Bool => mask.clone(),
            _ => mask.greater(0.5),
        };
        if mask.rank() > x.rank() {
            return Err(Error::shape_mismatch(
                "mask of Softmax",
                format!("one that broadcasts to the input, {}", x.shape()),
                mask.shape().to_string(),
                "",
            ));
        }
        Ok(masked(x, Some(&mask), self.axes()))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        let axis = match self.axis.as_slice() {
            [axis] => Json::from(*axis),
            axes => Json::from(axes.to_vec()),
        };
        self.base.get_config(self.class_name()).with("axis", axis)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The softmax of the logits where a mask is true; what it leaves out gets 0.
pub(in crate::layers) fn masked(x: &Tensor, mask: Option<&Tensor>, axes: Axes) -> Tensor {
    match mask {
        Some(mask) => mask.select(ops::softmax(&mask.select(x, NEVER), axes), 0.0),
        None => ops::softmax(x, axes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn a_row_without_anything_that_counts_is_zero() {
        let nothing = Tensor::from([[0.0f32, 0.0]]).cast(DType::Bool);
        let x = Tensor::from([[1.0f32, 2.0]]).with_remark("mask", &nothing);
        assert_eq!(
            Softmax::new().call(&x).unwrap().to_vec::<f32>().unwrap(),
            [0.0, 0.0]
        );
    }

    #[test]
    fn an_axis_that_is_not_there_is_told() {
        let x = Tensor::from([[1.0f32, 2.0]]);
        let error = Softmax::new().axis([2]).call(&x).unwrap_err().to_string();
        assert!(error.contains("got axis 2"), "{error}");
    }
}
