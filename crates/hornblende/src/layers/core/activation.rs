//! An activation as a layer.

use std::any::Any;
use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::activations::{self, IntoActivation};
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Activation",
    aliases: &[],
    arguments: &[&["activation"]],
    unsupported: &[],
    from_config: |config| {
        let name = config.text("activation")?.ok_or_else(|| {
            Error::format("Activation", "the argument \"activation\"", "none", "")
        })?;
        Ok(Arc::new(Activation::new(name)))
    },
    examples: || {
        let config = Config::new().with("activation", "tanh");
        vec![Example::new(config, [[2, 3]])]
    },
};

/// An activation as a layer: a name, a function of [`crate::activations`] or a closure.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = Activation::new("relu").call(&Tensor::from([[-1.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Activation {
    base: LayerBase,
    activation: Result<activations::Activation>,
}

impl Activation {
    /// A layer that applies this function. A name that nothing has is told at the first call.
    #[track_caller]
    #[must_use]
    pub fn new(activation: impl IntoActivation) -> Self {
        let location = Location::caller();
        let activation = activation.into_activation();
        Self {
            base: LayerBase::default(),
            activation: activation.map_err(|error| error.at(location)),
        }
    }
}

impl Layer for Activation {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.activation.as_ref().map(|_| ()).map_err(Error::clone)
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let activation = self.activation.as_ref().map_err(Error::clone)?;
        Ok(activation.call(&inputs[0]))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        match &self.activation {
            Ok(activation) => config.with("activation", activation.name()),
            Err(_) => config,
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
