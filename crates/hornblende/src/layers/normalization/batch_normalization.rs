//! Normalization of each channel over the batch.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Axes, Error, Result, Shape, Tensor};

use super::renorm::Renorm;
use super::scale_and_center::{ScaleAndCenter, ScaleAndCenterOptions, along};
use crate::config::{Config, Json};
use crate::initializers::{Ones, Zeros};
use crate::layers::{
    Call, Entry, Example, InputSpec, Layer, LayerBase, WeightOptions, initializer_option,
};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "BatchNormalization",
    aliases: &[],
    arguments: &[
        &[
            "axis",
            "momentum",
            "moving_mean_initializer",
            "moving_variance_initializer",
            "synchronized",
        ],
        ScaleAndCenter::ARGUMENTS,
        Renorm::ARGUMENTS,
    ],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(BatchNormalization::from_config(config)?)),
    examples: || {
        let config = Config::new;
        let clipping = serde_json::json!({"rmax": 1.5, "rmin": 0.75, "dmax": 0.5});
        vec![
            Example::new(config(), [[4, 3]]),
            Example::new(config().with("axis", 1).with("scale", false), [[3, 4, 2]]),
            Example::new(
                config().with("momentum", 0.5).with("center", false),
                [[2, 3, 2, 2]],
            ),
            Example::new(
                config()
                    .with("renorm", true)
                    .with("renorm_clipping", clipping),
                [[4, 3]],
            ),
        ]
    },
};

/// Brings each channel to mean 0 and variance 1, then scales and shifts it:
/// `(x - mean) / sqrt(variance + epsilon) * gamma + beta`.
///
/// In training mean and variance (of the population) are those of the batch, over all axes but `axis`, and the
/// moving ones follow: `moving * momentum + batch * (1 - momentum)`. Out of training, and in a layer that is
/// not trainable, the moving ones are used and stay as they are.
///
/// # Arguments
/// Methods: `axis` of the channels (default -1), `momentum` (default 0.99), the options of
/// [`ScaleAndCenterOptions`], `moving_mean_initializer` (`"zeros"`), `moving_variance_initializer` (`"ones"`);
/// [`BatchNormalization::renorm`]; `synchronized` (default false: it joins the batches of several devices, and
/// here there is one).
///
/// A mask (remark `mask`, of one axis less than the input) leaves entries out of mean and variance, which are then
/// sums divided by the number of entries + 1e-7.
///
/// # Shapes
/// Any shape gives the same. Weights: gamma, beta, then moving_mean, moving_variance, each `[channels]`.
///
/// # At the edges
/// A channel of equal entries gives beta. NaN or infinity in a channel makes all of it NaN in training, and its
/// moving statistics as well. A batch of nothing trains the moving statistics to NaN, as in Keras.
///
/// # Errors
/// `InvalidArgument` for an axis that the input does not have, `ShapeMismatch` for another number of channels
/// than the first call's.
///
/// # Source
/// Ioffe and Szegedy 2015, arXiv:1502.03167; `keras.layers.BatchNormalization`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = BatchNormalization::new().epsilon(0.0).momentum(0.5);
/// let x = Tensor::from([[1.0f32], [3.0]]);
/// assert_eq!(layer.call_with(&x, &Call::new(true))?[0].to_vec::<f32>()?, [-1.0, 1.0]);
/// assert_eq!(layer.get_weights()[2].to_vec::<f32>()?, [1.0]);
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct BatchNormalization {
    base: LayerBase,
    axis: isize,
    momentum: f64,
    synchronized: bool,
    options: ScaleAndCenter,
    moving_mean: WeightOptions,
    moving_variance: WeightOptions,
    renorm: Option<Renorm>,
}

impl BatchNormalization {
    /// Normalization of the channels, which stand last.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            axis: -1,
            momentum: 0.99,
            synchronized: false,
            options: ScaleAndCenter::default(),
            moving_mean: WeightOptions::new(Zeros::new()),
            moving_variance: WeightOptions::new(Ones::new()),
            renorm: None,
        }
    }

    /// The axis of the channels. Default: -1.
    #[must_use]
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    /// The part of the moving statistics that a training step keeps. Default: 0.99.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Whether the batches of several devices count as one; there is one device. Default: false.
    #[must_use]
    pub fn synchronized(mut self, synchronized: bool) -> Self {
        self.synchronized = synchronized;
        self
    }

    initializer_option!(pub, "moving mean", "zeros", self => self.moving_mean;
        moving_mean_initializer);

    initializer_option!(pub, "moving variance", "ones", self => self.moving_variance;
        moving_variance_initializer);

    /// Normalizes by moving statistics in training too, without a gradient through them. Default: no.
    #[must_use]
    pub fn renorm(mut self, renorm: Renorm) -> Self {
        self.renorm = Some(renorm);
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let mut layer = Self::new();
        layer.axis = config
            .whole("axis")?
            .map_or(layer.axis, |axis| axis as isize);
        layer.momentum = config.number("momentum")?.unwrap_or(layer.momentum);
        layer.synchronized = config.flag("synchronized")?.unwrap_or(false);
        layer.options = ScaleAndCenter::from_config(config)?;
        layer.moving_mean.read(config, "moving_mean")?;
        layer.moving_variance.read(config, "moving_variance")?;
        layer.renorm = Renorm::from_config(config)?;
        Ok(layer)
    }

    /// Mean and variance of each channel of the batch.
    fn moments_of_batch(&self, x: &Tensor, axis: usize) -> Result<(Tensor, Tensor)> {
        let axes: Vec<usize> = (0..x.rank()).filter(|k| *k != axis).collect();
        let Some(mask) = x.remark("mask") else {
            let (mean, variance) = ops::moments(x, axes);
            return Ok((mean.reshape([-1]), variance.reshape([-1])));
        };
        if mask.rank() + 1 != x.rank() {
            return Err(Error::shape_mismatch(
                "BatchNormalization: mask",
                format!(
                    "one axis less than the input, which has shape {}",
                    x.shape()
                ),
                format!("shape {}", mask.shape()),
                "",
            ));
        }
        let counts = mask
            .cast(hornblende_core::DType::Bool)
            .expand_dims(-1)
            .broadcast_to(x.shape());
        let axes = Axes::from(axes);
        let number = counts.cast(x.dtype()).sum_keepdims(axes.clone()) + ops::EPSILON;
        let mean = counts.select(x, 0.0).sum_keepdims(axes.clone()) / &number;
        let distance = counts.select(x - &mean, 0.0);
        let variance = distance.square().sum_keepdims(axes) / number;
        Ok((mean.reshape([-1]), variance.reshape([-1])))
    }

    fn follow(&self, name: &str, batch: &Tensor) -> Result<()> {
        let moving = self.base.built_variable(name)?;
        moving.assign(&(moving.read() * self.momentum + batch * (1.0 - self.momentum)))
    }
}

impl Default for BatchNormalization {
    fn default() -> Self {
        Self::new()
    }
}

impl ScaleAndCenterOptions for BatchNormalization {
    fn scale_and_center_mut(&mut self) -> &mut ScaleAndCenter {
        &mut self.options
    }
}

impl Layer for BatchNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        let axis = inputs[0].axis("BatchNormalization: axis", self.axis)?;
        let channels = inputs[0][axis];
        if channels == Shape::UNKNOWN {
            let got = format!("shape {}", inputs[0]);
            let expected = "channels of known number";
            return Err(Error::shape_mismatch(
                "BatchNormalization: axis",
                expected,
                got,
                "",
            ));
        }
        self.options.build(&self.base, [channels])?;
        self.moving_mean
            .add_state(&self.base, "moving_mean", [channels])?;
        self.moving_variance
            .add_state(&self.base, "moving_variance", [channels])?;
        match &self.renorm {
            Some(renorm) => renorm.build(&self.base, &self.moving_mean, &self.moving_variance),
            None => Ok(()),
        }
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let axis = x.shape().axis("BatchNormalization: axis", self.axis)?;
        let [moving_mean, moving_variance] =
            ["moving_mean", "moving_variance"].map(|name| self.base.built_variable(name));
        let (moving_mean, moving_variance) = (moving_mean?, moving_variance?);
        let spec = InputSpec::least_rank(1).axis(axis as isize, moving_mean.shape()[0]);
        spec.check("BatchNormalization", x.shape())?;
        let shape = along(x.shape(), &[axis]);
        let in_shape = |moment: &Tensor| moment.reshape_to(&shape);
        if !(call.training && self.base.trainable()) {
            let moments = [moving_mean, moving_variance].map(|moment| in_shape(&moment.read()));
            return self
                .options
                .normalize(&self.base, x, (&moments[0], &moments[1]), &shape);
        }
        let (mean, variance) = self.moments_of_batch(x, axis)?;
        let moments = (&in_shape(&mean), &in_shape(&variance));
        let Some(renorm) = &self.renorm else {
            self.follow("moving_mean", &mean)?;
            self.follow("moving_variance", &variance)?;
            return self.options.normalize(&self.base, x, moments, &shape);
        };
        let stddev = (&variance + self.options.epsilon).sqrt();
        let (r, d) = renorm.corrections(&self.base, (&mean, &stddev), self.options.epsilon)?;
        let y = (x - moments.0) * in_shape(&(r / &stddev)) + in_shape(&d);
        self.follow("moving_mean", &mean)?;
        self.follow("moving_stddev", &stddev)?;
        renorm.follow(&self.base, (&mean, &stddev), self.options.epsilon)?;
        self.options.scale_and_center(&self.base, y, &shape)
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        let config = self
            .base
            .get_config(self.class_name())
            .with("axis", Json::from(self.axis))
            .with("momentum", self.momentum)
            .with("synchronized", self.synchronized);
        let config = self.moving_mean.add_initializer_to(config, "moving_mean");
        let config = self
            .moving_variance
            .add_initializer_to(config, "moving_variance");
        Renorm::add_to(self.renorm.as_ref(), self.options.add_to(config))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn train(layer: &BatchNormalization, x: &Tensor) -> Vec<f32> {
        layer.call_with(x, &Call::new(true)).unwrap()[0]
            .to_vec()
            .unwrap()
    }

    #[test]
    fn a_frozen_layer_uses_and_keeps_its_moving_statistics_in_training() {
        let layer = BatchNormalization::new().trainable(false).epsilon(0.0);
        let x = Tensor::from([[2.0f32], [4.0]]);
        assert_eq!(train(&layer, &x), [2.0, 4.0]);
        let weights = layer.get_weights();
        let moving = [&weights[2], &weights[3]].map(|w| w.to_vec::<f32>().unwrap()[0]);
        assert_eq!(moving, [0.0, 1.0]);
    }

    #[test]
    fn entries_that_a_mask_leaves_out_do_not_count() {
        let mask = Tensor::from([[1.0f32, 1.0, 0.0]]).cast(DType::Bool);
        let with = |last: f32| {
            let x = Tensor::from([[[1.0f32], [3.0], [last]]]).with_remark("mask", &mask);
            train(&BatchNormalization::new(), &x)[..2].to_vec()
        };
        assert_eq!(with(5.0), with(-70.0));
    }

    #[test]
    fn moving_statistics_are_weights_that_no_optimizer_changes() {
        let layer = BatchNormalization::new();
        layer.call(Tensor::ones([2, 3], DType::F32)).unwrap();
        let names: Vec<String> = layer
            .weights()
            .iter()
            .map(|w| w.name().rsplit('/').next().unwrap().into())
            .collect();
        assert_eq!(names, ["gamma", "beta", "moving_mean", "moving_variance"]);
        assert_eq!(layer.trainable_variables().len(), 2);
    }

    #[test]
    fn a_mask_of_another_rank_is_told() {
        let mask = Tensor::from([1.0f32, 1.0]).cast(DType::Bool);
        let x = Tensor::ones([2, 3, 1], DType::F32).with_remark("mask", &mask);
        let error = BatchNormalization::new()
            .call_with(&x, &Call::new(true))
            .unwrap_err();
        assert!(
            error.to_string().contains("one axis less than the input"),
            "{error}"
        );
    }
}
