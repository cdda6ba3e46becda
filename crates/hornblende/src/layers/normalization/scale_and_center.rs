// tidy: not an item
//! What normalizations have in common: `x_normalized * gamma + beta`.

use hornblende_core::{Result, Shape, Tensor};

use crate::config::Config;
use crate::initializers::{Ones, Zeros};
use crate::layers::{LayerBase, WeightOptions, weight_options};

/// What a normalization does with what it has normalized: scales it by a weight gamma, adds a weight beta.
#[derive(Clone)]
pub struct ScaleAndCenter {
    pub(in crate::layers) epsilon: f64,
    center: bool,
    scale: bool,
    beta: WeightOptions,
    gamma: WeightOptions,
}

/// The options of normalizations that scale and center, as methods that hand the layer on.
pub trait ScaleAndCenterOptions: Sized {
    /// Where the options are kept.
    fn scale_and_center_mut(&mut self) -> &mut ScaleAndCenter;

    /// What is added to the variance before its root is divided by; at least 0. Default: 1e-3.
    #[must_use]
    fn epsilon(mut self, epsilon: f64) -> Self {
        self.scale_and_center_mut().epsilon = epsilon;
        self
    }

    /// Whether a weight beta is added. Default: true.
    #[must_use]
    fn center(mut self, center: bool) -> Self {
        self.scale_and_center_mut().center = center;
        self
    }

    /// Whether the result is multiplied by a weight gamma. Default: true.
    #[must_use]
    fn scale(mut self, scale: bool) -> Self {
        self.scale_and_center_mut().scale = scale;
        self
    }

    weight_options!(, "weight beta", "zeros", self => self.scale_and_center_mut().beta;
        beta_initializer, beta_regularizer, beta_constraint);

    weight_options!(, "weight gamma", "ones", self => self.scale_and_center_mut().gamma;
        gamma_initializer, gamma_regularizer, gamma_constraint);
}

impl ScaleAndCenter {
    /// The arguments, for the `arguments` of an entry.
    pub(in crate::layers) const ARGUMENTS: &[&str] = &[
        "epsilon",
        "center",
        "scale",
        "beta_initializer",
        "beta_regularizer",
        "beta_constraint",
        "gamma_initializer",
        "gamma_regularizer",
        "gamma_constraint",
    ];

    pub(in crate::layers) fn from_config(config: &Config) -> Result<Self> {
        let mut options = Self::default();
        options.epsilon = config.number("epsilon")?.unwrap_or(options.epsilon);
        options.center = config.flag("center")?.unwrap_or(options.center);
        options.scale = config.flag("scale")?.unwrap_or(options.scale);
        options.beta.read(config, "beta")?;
        options.gamma.read(config, "gamma")?;
        Ok(options)
    }

    pub(in crate::layers) fn add_to(&self, config: Config) -> Config {
        let config = config
            .with("epsilon", self.epsilon)
            .with("center", self.center)
            .with("scale", self.scale);
        self.gamma.add_to(self.beta.add_to(config, "beta"), "gamma")
    }

    /// Makes gamma and beta, those that are wanted.
    pub(in crate::layers) fn build(&self, base: &LayerBase, shape: impl Into<Shape>) -> Result<()> {
        let shape = shape.into();
        self.beta.check()?;
        self.gamma.check()?;
        if self.scale {
            self.gamma.add_weight(base, "gamma", shape.clone())?;
        }
        if self.center {
            self.beta.add_weight(base, "beta", shape)?;
        }
        Ok(())
    }

    /// As [`ScaleAndCenter::build`], gamma alone and whatever the options say.
    pub(in crate::layers) fn build_gamma(&self, base: &LayerBase, shape: &Shape) -> Result<()> {
        self.gamma.add_weight(base, "gamma", shape.clone())?;
        Ok(())
    }

    /// `(x - mean) / sqrt(variance + epsilon) * gamma + beta`, the weights in this shape.
    pub(in crate::layers) fn normalize(
        &self,
        base: &LayerBase,
        x: &Tensor,
        (mean, variance): (&Tensor, &Tensor),
        shape: &Shape,
    ) -> Result<Tensor> {
        let factor = (variance + self.epsilon).rsqrt();
        self.scale_and_center(base, (x - mean) * factor, shape)
    }

    /// `x * gamma + beta`, the weights in this shape.
    pub(in crate::layers) fn scale_and_center(
        &self,
        base: &LayerBase,
        x: Tensor,
        shape: &Shape,
    ) -> Result<Tensor> {
        let weight = |name: &str| -> Result<Tensor> {
            Ok(base.built_variable(name)?.read().reshape_to(shape))
        };
        let scaled = if self.scale { x * weight("gamma")? } else { x };
        Ok(if self.center {
            scaled + weight("beta")?
        } else {
            scaled
        })
    }
}

impl Default for ScaleAndCenter {
    fn default() -> Self {
        Self {
            epsilon: 1e-3,
            center: true,
            scale: true,
            beta: WeightOptions::new(Zeros::new()),
            gamma: WeightOptions::new(Ones::new()),
        }
    }
}

/// A shape of this rank whose sizes are 1 but along these axes.
pub(in crate::layers) fn along(shape: &Shape, axes: &[usize]) -> Shape {
    let size = |axis: usize| if axes.contains(&axis) { shape[axis] } else { 1 };
    (0..shape.rank()).map(size).collect::<Vec<usize>>().into()
}
