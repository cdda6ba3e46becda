// tidy: not an item
//! What layers of the form `activation(kernel applied to x + bias)` have in common.

use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::activations::{self, Activation, IntoActivation};
use crate::config::{Config, class_object, class_of};
use crate::initializers::{self, GlorotUniform, Initializer, IntoInitializer, Zeros};
use crate::layers::LayerBase;

/// Kernel, bias and activation as the user chose them. A name that nothing has is told when the layer is
/// built.
#[derive(Clone)]
pub struct Affine {
    activation: Result<Activation>,
    use_bias: bool,
    kernel_initializer: Result<Arc<dyn Initializer>>,
    bias_initializer: Result<Arc<dyn Initializer>>,
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
        let location = Location::caller();
        let activation = activation.into_activation();
        self.affine_mut().activation = activation.map_err(|error| error.at(location));
        self
    }

    /// Whether a bias is added. Default: true.
    #[must_use]
    fn use_bias(mut self, use_bias: bool) -> Self {
        self.affine_mut().use_bias = use_bias;
        self
    }

    /// The first value of the kernel: a name, an initializer or a closure. Default: `"glorot_uniform"`.
    #[track_caller]
    #[must_use]
    fn kernel_initializer(mut self, initializer: impl IntoInitializer) -> Self {
        let location = Location::caller();
        let initializer = initializer.into_initializer();
        self.affine_mut().kernel_initializer = initializer.map_err(|error| error.at(location));
        self
    }

    /// The first value of the bias. Default: `"zeros"`.
    #[track_caller]
    #[must_use]
    fn bias_initializer(mut self, initializer: impl IntoInitializer) -> Self {
        let location = Location::caller();
        let initializer = initializer.into_initializer();
        self.affine_mut().bias_initializer = initializer.map_err(|error| error.at(location));
        self
    }
}

impl Affine {
    pub(in crate::layers) const ARGUMENTS: &[&str] = &[
        "activation",
        "use_bias",
        "kernel_initializer",
        "bias_initializer",
    ];

    /// What Keras has beside them.
    pub(in crate::layers) const UNSUPPORTED: &[&str] = &[
        "kernel_regularizer",
        "bias_regularizer",
        "activity_regularizer",
        "kernel_constraint",
        "bias_constraint",
        "lora_rank",
        "lora_alpha",
        "quantization_config",
    ];

    pub(in crate::layers) fn from_config(config: &Config) -> Result<Self> {
        let mut affine = Self::default();
        if let Some(activation) = config.text("activation")? {
            affine.activation = Ok(activations::get(&activation)?);
        }
        if let Some(use_bias) = config.flag("use_bias")? {
            affine.use_bias = use_bias;
        }
        if let Some(initializer) = initializer_of(config, "kernel_initializer")? {
            affine.kernel_initializer = Ok(initializer);
        }
        if let Some(initializer) = initializer_of(config, "bias_initializer")? {
            affine.bias_initializer = Ok(initializer);
        }
        Ok(affine)
    }

    pub(in crate::layers) fn add_to(&self, config: Config) -> Config {
        let name = self.activation.as_ref().map_or("unknown", Activation::name);
        with_initializer(
            with_initializer(
                config
                    .with("activation", name)
                    .with("use_bias", self.use_bias),
                "kernel_initializer",
                &self.kernel_initializer,
            ),
            "bias_initializer",
            &self.bias_initializer,
        )
    }

    /// Makes kernel and bias.
    pub(in crate::layers) fn build(
        &self,
        base: &LayerBase,
        kernel: impl Into<Shape>,
        bias: usize,
    ) -> Result<()> {
        self.activation.as_ref().map_err(Error::clone)?;
        let kernel_initializer = self.kernel_initializer.as_ref().map_err(Error::clone)?;
        let bias_initializer = self.bias_initializer.as_ref().map_err(Error::clone)?;
        base.add_weight("kernel", kernel, &**kernel_initializer, true)?;
        if self.use_bias {
            base.add_weight("bias", [bias], &**bias_initializer, true)?;
        }
        Ok(())
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
            kernel_initializer: Ok(Arc::new(GlorotUniform::new())),
            bias_initializer: Ok(Arc::new(Zeros::new())),
        }
    }
}

fn initializer_of(config: &Config, key: &str) -> Result<Option<Arc<dyn Initializer>>> {
    let Some(value) = config.get(key) else {
        return Ok(None);
    };
    let (class_name, arguments) = class_of(key, value)?;
    initializers::from_config(&class_name, &arguments).map(Some)
}

fn with_initializer(config: Config, key: &str, of: &Result<Arc<dyn Initializer>>) -> Config {
    match of {
        Ok(initializer) => config.with(
            key,
            class_object(
                "keras.initializers",
                initializer.class_name(),
                initializer.get_config(),
            ),
        ),
        Err(_) => config,
    }
}
