// tidy: not an item
//! What layers of the form `activation(kernel applied to x + bias)` have in common.

use std::panic::Location;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::activations::{self, Activation, IntoActivation};
use crate::config::{Config, Json};
use crate::initializers::{GlorotUniform, Zeros};
use crate::layers::{LayerBase, WeightOptions, weight_options};

/// Kernel, bias and activation as the user chose them. A name that nothing has is told when the layer is
/// built.
#[derive(Clone)]
pub struct Affine {
    activation: Result<Activation>,
    use_bias: bool,
    pub(in crate::layers) kernel: WeightOptions,
    pub(in crate::layers) bias: WeightOptions,
}

/// The options of layers of the form `activation(kernel applied to x + bias)`, as methods that hand the
/// layer on.
pub trait AffineOptions: Sized {
    /// Where the options are kept.
    fn affine_mut(&mut self) -> &mut Affine;

    /// The function behind the bias: a name, a function of [`crate::activations`] or a closure. Default: none.
    ///
    /// ```
    /// # use hornblende::prelude::*;
    /// let by_name = Dense::new(2).activation("relu");
    /// let by_closure = Dense::new(2).activation(|x: &Tensor| x.tanh() * 0.5);
    /// ```
    #[track_caller]
    #[must_use]
    fn activation(mut self, activation: impl IntoActivation) -> Self {
        self.affine_mut().set_activation(activation);
        self
    }

    /// Whether a bias is added. Default: true.
    #[must_use]
    fn use_bias(mut self, use_bias: bool) -> Self {
        self.affine_mut().use_bias = use_bias;
        self
    }

    weight_options!(, "kernel", "glorot_uniform", self => self.affine_mut().kernel;
        kernel_initializer, kernel_regularizer, kernel_constraint);

    weight_options!(, "bias", "zeros", self => self.affine_mut().bias;
        bias_initializer, bias_regularizer, bias_constraint);
}

impl Affine {
    /// The arguments, for the `arguments` of an entry.
    pub(in crate::layers) const ARGUMENTS: &[&str] = &[
        "activation",
        "use_bias",
        WeightOptions::KERNEL[0],
        WeightOptions::KERNEL[1],
        WeightOptions::KERNEL[2],
        WeightOptions::BIAS[0],
        WeightOptions::BIAS[1],
        WeightOptions::BIAS[2],
    ];

    /// What Keras has beside them.
    pub(in crate::layers) const UNSUPPORTED: &[&str] =
        &["lora_rank", "lora_alpha", "quantization_config"];

    pub(in crate::layers) fn from_config(config: &Config) -> Result<Self> {
        Self::from_config_with_kernel(config, "kernel")
    }

    /// As `from_config`, for a layer whose arguments call the kernel something else.
    pub(in crate::layers) fn from_config_with_kernel(
        config: &Config,
        kernel: &str,
    ) -> Result<Self> {
        let mut affine = Self::default();
        if let Some(activation) = config.text("activation")? {
            affine.activation = Ok(activations::get(&activation)?);
        }
        if let Some(use_bias) = config.flag("use_bias")? {
            affine.use_bias = use_bias;
        }
        affine.kernel.read(config, kernel)?;
        affine.bias.read(config, "bias")?;
        Ok(affine)
    }

    pub(in crate::layers) fn add_to(&self, config: Config) -> Config {
        self.add_to_with_kernel(config, "kernel")
    }

    /// As `add_to`, for a layer whose arguments call the kernel something else.
    pub(in crate::layers) fn add_to_with_kernel(&self, config: Config, kernel: &str) -> Config {
        let name = self.activation.as_ref().map_or("unknown", Activation::name);
        let config = config
            .with("activation", name)
            .with("use_bias", self.use_bias);
        let config = self.bias.add_to(self.kernel.add_to(config, kernel), "bias");
        // Keras writes the key of these layers also where there is none.
        match config.get("activity_regularizer") {
            Some(_) => config,
            None => config.with("activity_regularizer", Json::Null),
        }
    }

    /// Makes kernel and bias.
    pub(in crate::layers) fn build(
        &self,
        base: &LayerBase,
        kernel: impl Into<Shape>,
        bias: usize,
    ) -> Result<()> {
        self.check()?;
        self.kernel.add_weight(base, "kernel", kernel)?;
        self.build_bias(base, bias)
    }

    /// Makes the bias, if there is to be one.
    pub(in crate::layers) fn build_bias(&self, base: &LayerBase, bias: usize) -> Result<()> {
        if self.use_bias {
            self.bias.add_weight(base, "bias", [bias])?;
        }
        Ok(())
    }

    /// Fails for a name that nothing has.
    pub(in crate::layers) fn check(&self) -> Result<()> {
        self.activation.as_ref().map_err(Error::clone)?;
        self.kernel.check()?;
        self.bias.check()
    }

    /// Sets the function behind the bias.
    #[track_caller]
    pub(in crate::layers) fn set_activation(&mut self, activation: impl IntoActivation) {
        let location = Location::caller();
        let activation = activation.into_activation();
        self.activation = activation.map_err(|error| error.at(location));
    }

    /// Sets whether a bias is added.
    pub(in crate::layers) fn set_use_bias(&mut self, use_bias: bool) {
        self.use_bias = use_bias;
    }

    /// Adds the bias, if there is one, along the last axis.
    pub(in crate::layers) fn add_bias(&self, base: &LayerBase, x: Tensor) -> Result<Tensor> {
        if self.use_bias {
            return Ok(x + base.built_variable("bias")?.read());
        }
        Ok(x)
    }

    pub(in crate::layers) fn activate(&self, x: &Tensor) -> Result<Tensor> {
        let activation = self.activation.as_ref().map_err(Error::clone)?;
        Ok(activation.call(x))
    }
}

impl Default for Affine {
    fn default() -> Self {
        Self {
            activation: Ok(Activation::default()),
            use_bias: true,
            kernel: WeightOptions::new(GlorotUniform::new()),
            bias: WeightOptions::new(Zeros::new()),
        }
    }
}
