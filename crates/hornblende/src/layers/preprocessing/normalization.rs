//! Numbers with mean 0 and variance 1.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor, Value, Variable};

use super::moments::Moments;
use super::numbers::Numbers;
use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Example, Layer, LayerBase};
use crate::ops::EPSILON;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Normalization",
    aliases: &[],
    arguments: &[&["axis", "mean", "variance", "invert"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Normalization::from_config(config)?)),
    examples: || {
        let given = |mean: Json, variance: Json| {
            Config::new().with("mean", mean).with("variance", variance)
        };
        let channels = given(vec![0.5, -1.0].into(), vec![4.0, 0.25].into());
        let all = given(0.5.into(), 2.0.into()).with("axis", Json::Array(Vec::new()));
        vec![
            Example::new(Config::new(), [[3, 4]]),
            Example::new(channels, [[3, 2, 2]]),
            Example::new(all.with("invert", true), [[3, 4]]),
        ]
    },
};

/// Numbers with mean 0 and variance 1: `(x - mean) / max(sqrt(variance), 1e-7)`, or back with
/// [`Normalization::invert`].
///
/// Mean and variance are given, or learned with [`adapt`](crate::layers::AdaptLayer::adapt), which sums in
/// double precision; before that they are 0 and 1. They are weights that no optimizer changes.
///
/// # Shapes
/// Any. Each place along `axis` has its own mean and variance; `mean` and `variance` have these sizes, also
/// where the user gives them, or are single numbers.
///
/// # Errors
/// If only one of mean and variance is given, or an axis has no known size; `adapt` also if they are given.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Normalization::new();
/// layer.adapt(&Tensor::from([[1.0f32, 10.0], [3.0, 30.0]]))?;
/// let y = layer.call(&Tensor::from([[2.0f32, 40.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.Normalization`. The variable `count` stays 0, as in Keras, which keeps it for old
/// files. Keras sums in single precision.
#[derive(Clone)]
pub struct Normalization {
    base: LayerBase,
    axis: Vec<isize>,
    mean: Option<Numbers>,
    variance: Option<Numbers>,
    invert: bool,
}

impl Normalization {
    /// A layer that learns mean and variance for each place along the last axis.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            axis: vec![-1],
            mean: None,
            variance: None,
            invert: false,
        }
    }

    /// The axes whose places have a mean and a variance of their own; `[]` (Keras's `None`) for one of all
    /// numbers. Default: `[-1]`.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Vec<isize>>) -> Self {
        self.axis = axis.into();
        self
    }

    /// The mean, if it is known; the variance has to be as well.
    #[must_use]
    pub fn mean(mut self, mean: impl Into<Numbers>) -> Self {
        self.mean = Some(mean.into());
        self
    }

    /// The variance, if it is known; the mean has to be as well.
    #[must_use]
    pub fn variance(mut self, variance: impl Into<Numbers>) -> Self {
        self.variance = Some(variance.into());
        self
    }

    /// Whether normalized numbers are turned back: `x * max(sqrt(variance), 1e-7) + mean`. Default: false.
    #[must_use]
    pub fn invert(mut self, invert: bool) -> Self {
        self.invert = invert;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let axis = match config.0.get("axis") {
            None => vec![-1],
            Some(_) => config.axes("axis")?.unwrap_or_default(),
        };
        Ok(Self {
            base: LayerBase::default(),
            axis,
            mean: Numbers::from_config(config, "mean")?,
            variance: Numbers::from_config(config, "variance")?,
            invert: config.flag("invert")?.unwrap_or(false),
        })
    }

    /// The axes that keep their places, ascending.
    fn kept(&self, shape: &Shape) -> Result<Vec<usize>> {
        let axis = |axis: &isize| shape.axis("Normalization: axis", *axis);
        let mut kept: Vec<usize> = self.axis.iter().map(axis).collect::<Result<_>>()?;
        kept.sort_unstable();
        kept.dedup();
        match kept.iter().find(|a| shape[**a] == Shape::UNKNOWN) {
            None => Ok(kept),
            Some(axis) => Err(Error::shape_mismatch(
                "input of Normalization",
                format!("a known size along axis {axis}"),
                shape.to_string(),
                "",
            )),
        }
    }

    fn check_given(&self) -> Result<()> {
        let (Some(mean), Some(variance)) = (&self.mean, &self.variance) else {
            if self.mean.is_none() && self.variance.is_none() {
                return Ok(());
            }
            let got = if self.mean.is_some() {
                "the mean"
            } else {
                "the variance"
            };
            let expected = "both mean and variance, or neither";
            return Err(Error::invalid_argument("Normalization", expected, got, ""));
        };
        if mean.shape() == variance.shape() && mean.shape().rank() <= self.axis.len() {
            return Ok(());
        }
        Err(Error::shape_mismatch(
            "Normalization: mean and variance",
            format!("one shape of at most {} axes", self.axis.len()),
            format!("{} and {}", mean.shape(), variance.shape()),
            "",
        ))
    }

    /// A number for each kept place, stretched to broadcast with an input of this shape.
    fn stretched(numbers: &Tensor, shape: &Shape, kept: &[usize]) -> Tensor {
        let mut sizes = vec![1; shape.rank()];
        // What has fewer axes than are kept belongs to the last ones.
        for (axis, size) in kept.iter().rev().zip(numbers.shape().dims().iter().rev()) {
            sizes[*axis] = *size;
        }
        numbers.reshape_to(sizes)
    }

    fn built_for(&self, shape: &Shape) -> Result<[Variable; 2]> {
        self.base
            .build_once(ENTRY.class_name, || self.build(std::slice::from_ref(shape)))?;
        let mean = self.base.built_variable("mean")?;
        let variance = self.base.built_variable("variance")?;
        Ok([mean, variance])
    }
}

impl Default for Normalization {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for Normalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.check_given()?;
        let kept = self.kept(&inputs[0])?;
        if self.mean.is_some() {
            return Ok(());
        }
        let sizes: Vec<usize> = kept.iter().map(|a| inputs[0][*a]).collect();
        let mean = Value::zeros(sizes.clone(), self.base.dtype());
        let variance = Value::full(sizes, self.base.dtype(), 1.0);
        let state = [
            ("mean", mean),
            ("variance", variance),
            ("count", Value::scalar(0i32)),
        ];
        for (name, value) in state {
            let variable = Variable::from_value(name, value);
            variable.set_trainable(false);
            self.base.track(name, variable);
        }
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let dtype = self.base.dtype();
        let x = inputs[0].cast(dtype);
        let kept = self.kept(x.shape())?;
        let [mean, variance] = match (&self.mean, &self.variance) {
            (Some(mean), Some(variance)) => [mean.tensor(dtype), variance.tensor(dtype)],
            _ => self.built_for(x.shape())?.map(|v| v.read()),
        };
        let mean = Self::stretched(&mean, x.shape(), &kept);
        let spread = Self::stretched(&variance.sqrt(), x.shape(), &kept).maximum(EPSILON);
        let result = match self.invert {
            true => mean + &x * spread,
            false => (&x - mean) / spread,
        };
        // The numbers of the user must not stretch the input.
        if result.shape() == x.shape() {
            return Ok(result);
        }
        let (expected, got) = (x.shape().to_string(), result.shape().to_string());
        Err(Error::shape_mismatch(
            "result of Normalization",
            expected,
            got,
            "",
        ))
    }

    fn adapt_to(&self, batches: &[Tensor]) -> Result<()> {
        let Some(first) = batches.first() else {
            let expected = "at least one batch";
            return Err(Error::invalid_argument(
                "Normalization: adapt",
                expected,
                "none",
                "",
            ));
        };
        if self.mean.is_some() || self.variance.is_some() {
            let fix = "Leave them out to learn them";
            let got = "mean and variance that were given";
            return Err(Error::invalid_argument(
                "Normalization: adapt",
                "neither",
                got,
                fix,
            ));
        }
        let [mean, variance] = self.built_for(first.shape())?;
        let mut moments = Moments::new(mean.shape().len());
        for batch in batches {
            let kept = self.kept(batch.shape())?;
            let sizes: Vec<usize> = kept.iter().map(|a| batch.shape()[*a]).collect();
            if batch.rank() != first.rank() || sizes != mean.shape().dims() {
                let expected = format!("batches like those before, {}", first.shape());
                let got = batch.shape().to_string();
                return Err(Error::shape_mismatch(
                    "Normalization: adapt",
                    expected,
                    got,
                    "",
                ));
            }
            moments.add(batch, &kept)?;
        }
        for (variable, numbers) in [(mean, moments.mean()), (variance, moments.variance())] {
            let value = Value::from_vec(variable.shape(), numbers)?;
            variable.set(value.convert(variable.dtype()))?;
        }
        Ok(())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        let json = |numbers: &Option<Numbers>| numbers.as_ref().map_or(Json::Null, Numbers::json);
        self.base
            .get_config(self.class_name())
            .with("axis", self.axis.clone())
            .with("invert", self.invert)
            .with("mean", json(&self.mean))
            .with("variance", json(&self.variance))
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
    fn several_batches_are_learned_as_one() {
        let data: Vec<f32> = (0..24).map(|k| (k as f32 * 0.7).sin() * 100.0).collect();
        let batch = |range: std::ops::Range<usize>| {
            Tensor::from_vec(
                [range.len(), 2, 2],
                data[range.start * 4..range.end * 4].to_vec(),
            )
        };
        let learned = |batches: &[Tensor], axis: &[isize]| {
            let layer = Normalization::new().axis(axis);
            layer.adapt(batches).unwrap();
            layer.get_weights()[..2]
                .iter()
                .map(|w| w.to_vec::<f32>().unwrap())
                .collect::<Vec<_>>()
        };
        for axis in [vec![], vec![-1], vec![1, 2]] {
            let whole = learned(&[batch(0..6)], &axis);
            let parts = learned(&[batch(0..1), batch(1..4), batch(4..6)], &axis);
            assert_eq!(whole, parts, "{axis:?}");
        }
    }

    #[test]
    fn adapting_again_forgets_what_was_learned() {
        let layer = Normalization::new();
        layer.adapt(Tensor::from([[5.0f32], [7.0]])).unwrap();
        layer.adapt(Tensor::from([[1.0f32], [3.0]])).unwrap();
        assert_eq!(layer.get_weights()[0].to_vec::<f32>().unwrap(), [2.0]);
    }

    #[test]
    fn constant_data_is_divided_by_epsilon_and_not_by_zero() {
        let layer = Normalization::new();
        layer.adapt(Tensor::from([[4.0f32], [4.0]])).unwrap();
        let y = layer.call(Tensor::from([[4.0f32]])).unwrap();
        assert_eq!(y.to_vec::<f32>().unwrap(), [0.0]);
    }

    #[test]
    fn arguments_that_do_not_go_together_are_told() {
        let x = Tensor::ones([2, 3], DType::F32);
        let told = |layer: Normalization| layer.call(&x).unwrap_err().to_string();
        assert!(told(Normalization::new().mean(1.0)).contains("both mean and variance"));
        let unequal = Normalization::new().mean([1.0, 2.0, 3.0]).variance(1.0);
        assert!(told(unequal).contains("one shape"));
        let wide = Normalization::new().mean([1.0; 2]).variance([1.0; 2]);
        assert!(wide.call(&x).is_err());
        let given = Normalization::new().mean(1.0).variance(1.0);
        assert!(
            given
                .adapt(&x)
                .unwrap_err()
                .to_string()
                .contains("were given")
        );
    }
}
