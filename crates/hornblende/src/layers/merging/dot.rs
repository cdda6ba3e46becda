//! Products of the samples of two inputs.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::graph::op::DotDims;
use hornblende_core::{Error, Result, Shape, Tensor};

use super::dot_axes::DotAxes;
use super::subtract::require_two;
use crate::config::{Config, Json};
use crate::layers::{Call, CallLayer, Entry, Example, Layer, LayerBase, LayerInputs};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Dot",
    aliases: &[],
    arguments: &[&["axes", "normalize"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Dot::from_config(config)?)),
    examples: || {
        let axes = |first: i32, second: i32| Config::new().with("axes", vec![first, second]);
        let cosines = Config::new().with("axes", -1).with("normalize", true);
        vec![
            Example::new(cosines, [[2, 3], [2, 3]]),
            Example::new(axes(2, 1), [vec![2, 3, 4], vec![2, 4]]),
            Example::new(axes(1, 3), [vec![2, 3, 4], vec![2, 4, 2, 3]]),
        ]
    },
};

/// Products of the samples of two inputs, summed along one axis of each; cosines with
/// `normalize(true)`.
///
/// # Shapes
/// `[batch, a.., n, b..]` and `[batch, c.., n, d..]` give `[batch, a.., b.., c.., d..]`; `[batch, n]` twice
/// gives `[batch, 1]`. The result has no mask.
///
/// # Arguments
/// `axes`: the axis of both inputs along which is summed, or `[of the first, of the second]`; not 0, which is
/// the batch axis; negative ones count from the end.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
/// assert_eq!(Dot::new(1).call([&a, &b])?.to_vec::<f32>()?, [50.0]);
/// let cosine = Dot::new(1).normalize(true).call([&a, &b])?.item::<f32>()?;
/// assert!((cosine - 1.0).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Dot {
    base: LayerBase,
    axes: DotAxes,
    normalize: bool,
}

impl Dot {
    /// A layer that sums products along these axes.
    #[must_use]
    pub fn new(axes: impl Into<DotAxes>) -> Self {
        Self {
            base: LayerBase::default(),
            axes: axes.into(),
            normalize: false,
        }
    }

    /// Whether both inputs are divided by their length along the axis before, so that the results are
    /// cosines. Default: false.
    #[must_use]
    pub fn normalize(mut self, normalize: bool) -> Self {
        self.normalize = normalize;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let whole = |v: &Json| v.as_i64().map(|n| n as isize);
        let value = config.get("axes").unwrap_or(&Json::Null);
        let axes = match value {
            Json::Array(list) => match list.as_slice() {
                [first, second] => whole(first).zip(whole(second)).map(DotAxes::from),
                _ => None,
            },
            one => whole(one).map(DotAxes::from),
        };
        let axes = axes.ok_or_else(|| {
            let expected = "axes, a whole number or two";
            Error::format("Dot", expected, value.to_string(), "")
        })?;
        Ok(Self::new(axes).normalize(config.flag("normalize")?.unwrap_or(false)))
    }

    /// The axis of each input.
    fn resolved(&self, shapes: [&Shape; 2]) -> Result<[usize; 2]> {
        let axes = match self.axes {
            DotAxes::Both(axis) => [axis; 2],
            DotAxes::Each(axes) => axes,
        };
        let first = shapes[0].axis("Dot: axes", axes[0])?;
        let second = shapes[1].axis("Dot: axes", axes[1])?;
        let sizes = [shapes[0][first], shapes[1][second]];
        if first == 0 || second == 0 {
            return Err(Error::invalid_argument(
                "Dot: axes",
                "axes behind the batch axis",
                format!("{axes:?} for {} and {}", shapes[0], shapes[1]),
                "Give inputs without a batch axis one with expand_dims(0)",
            ));
        }
        if sizes[0] != sizes[1] {
            return Err(Error::shape_mismatch(
                "inputs of Dot",
                "equal sizes along the axes",
                format!("{} and {} with axes {axes:?}", shapes[0], shapes[1]),
                "",
            ));
        }
        Ok([first, second])
    }
}

impl Layer for Dot {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        require_two(ENTRY.class_name, inputs.len())?;
        let axes = self.resolved([inputs[0].shape(), inputs[1].shape()])?;
        let operand = |k: usize| {
            if self.normalize {
                ops::normalize(&inputs[k], axes[k] as isize)
            } else {
                inputs[k].clone()
            }
        };
        let dims = DotDims {
            lhs_batch: vec![0],
            rhs_batch: vec![0],
            lhs_contract: vec![axes[0]],
            rhs_contract: vec![axes[1]],
        };
        let products = operand(0).dot_general(&operand(1), dims);
        if products.rank() == 1 {
            return Ok(products.expand_dims(-1));
        }
        Ok(products)
    }

    fn get_config(&self) -> Config {
        let axes = match self.axes {
            DotAxes::Both(axis) => Json::from(axis),
            DotAxes::Each(axes) => Json::from(axes.to_vec()),
        };
        self.base
            .get_config(self.class_name())
            .with("axes", axes)
            .with("normalize", self.normalize)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The function form of [`Dot`], as `keras.layers.dot`; Keras's default axes are -1.
///
/// # Errors
/// If the inputs do not have equal sizes along the axes.
#[track_caller]
pub fn dot(inputs: impl LayerInputs, axes: impl Into<DotAxes>) -> Result<Tensor> {
    Dot::new(axes).call(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn the_cosine_of_a_zero_vector_and_its_gradient_are_zero() {
        let zero = Tensor::from([[0.0f32, 0.0]]);
        let other = Tensor::from([[0.0f32, 1.0]]);
        let y = Dot::new(1).normalize(true).call([&zero, &other]).unwrap();
        assert_eq!(y.to_vec::<f32>().unwrap(), [0.0]);
        let gradient = y.gradients(&[other])[0].to_vec::<f32>().unwrap();
        assert_eq!(gradient, [0.0, 0.0]);
        let gradient = y.gradients(&[zero])[0].to_vec::<f32>().unwrap();
        assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
    }

    #[test]
    fn axes_that_cannot_be_are_told() {
        let x = Tensor::ones([2, 3, 4], DType::F32);
        let told = |axes: DotAxes| Dot::new(axes).call([&x, &x]).unwrap_err().to_string();
        assert!(told(0.into()).contains("behind the batch axis"));
        assert!(told((1, 2).into()).contains("equal sizes"));
        assert!(told(3.into()).contains("axis 3"));
    }
}
