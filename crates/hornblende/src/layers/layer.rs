// tidy: not an item
//! What a layer is: variables made when the input shapes are known, and a computation on tensors.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor, Variable};

use crate::config::Config;
use crate::layers::weights::{assign_all, push_new};
use crate::layers::{Call, LayerBase};

/// A layer. Implement [`Layer::build`] and [`Layer::forward`]; users call it with
/// [`CallLayer::call`](crate::layers::CallLayer::call).
///
/// A layer is a cheap handle: clones share name, variables and state through their [`LayerBase`].
///
/// # Example
/// ```
/// use std::any::Any;
/// use hornblende::prelude::*;
///
/// /// Multiplies by a number that is learned.
/// #[derive(Clone, Default)]
/// struct Scale(LayerBase);
///
/// impl Layer for Scale {
///     fn base(&self) -> &LayerBase {
///         &self.0
///     }
///     fn class_name(&self) -> &'static str {
///         "Scale"
///     }
///     fn build(&self, _inputs: &[Shape]) -> Result<()> {
///         self.0.track("factor", Variable::new("factor", 3.0f32)?);
///         Ok(())
///     }
///     fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
///         Ok(&inputs[0] * self.0.built_variable("factor")?.read())
///     }
///     fn as_any(&self) -> &dyn Any {
///         self
///     }
/// }
///
/// let y = Scale::default().name("triple").call(&Tensor::from([1.0f32, 2.0]))?;
/// assert_eq!(y.to_vec::<f32>()?, [3.0, 6.0]);
/// # Ok::<(), Error>(())
/// ```
pub trait Layer: Send + Sync + 'static {
    /// Name, variables and flags, shared by all clones.
    fn base(&self) -> &LayerBase;

    /// Keras's class name, such as `Dense`.
    fn class_name(&self) -> &'static str;

    /// Makes the variables for inputs of these shapes, with [`LayerBase::add_weight`]. Sizes that are not
    /// known yet (the batch size) are [`Shape::UNKNOWN`]. Called once.
    ///
    /// # Errors
    /// If the layer cannot take such inputs.
    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        Ok(())
    }

    /// The computation: what a Keras layer's `call` is.
    ///
    /// # Errors
    /// If it cannot be computed; an error carried by the result counts too.
    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor>;

    /// The computation of a layer of several results; [`Layer::forward`] by default.
    ///
    /// # Errors
    /// As [`Layer::forward`].
    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        Ok(vec![self.forward(inputs, call)?])
    }

    /// Learns state from batches of data: what [`AdaptLayer::adapt`](crate::layers::AdaptLayer::adapt) does.
    ///
    /// # Errors
    /// By default, since most layers learn from gradients.
    fn adapt_to(&self, _batches: &[Tensor]) -> Result<()> {
        let fix = "Only layers such as Normalization learn their state before training";
        Err(Error::invalid_argument(
            "adapt",
            "a layer that adapts",
            self.class_name(),
            fix,
        ))
    }

    /// Whether a mask on the first input (remark `mask`) holds for the results too.
    fn supports_masking(&self) -> bool {
        false
    }

    /// Whether floating-point inputs are converted to the layer's own type before the call.
    fn autocast(&self) -> bool {
        true
    }

    /// The layers inside this one, in the order in which Keras lists them.
    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        Vec::new()
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        self.base().get_config(self.class_name())
    }

    /// The layer as `Any`, for code that looks for a particular type.
    fn as_any(&self) -> &dyn Any;

    /// All variables of the layer and of those inside it, state that is no weight included: its own
    /// first, then its sublayers' in order, each once.
    fn variables(&self) -> Vec<Variable> {
        let mut variables = self.base().variables();
        for sublayer in self.sublayers() {
            push_new(&mut variables, sublayer.variables());
        }
        variables
    }

    /// The weights of the layer and of those inside it: what [`Layer::get_weights`] copies.
    fn weights(&self) -> Vec<Variable> {
        let mut weights = self.base().weights();
        for sublayer in self.sublayers() {
            push_new(&mut weights, sublayer.weights());
        }
        weights
    }

    /// The variables that an optimizer may change: trainable ones of layers that are trainable, as are
    /// all layers around them.
    fn trainable_variables(&self) -> Vec<Variable> {
        if !self.base().trainable() {
            return Vec::new();
        }
        let mut variables = self.base().weights();
        variables.retain(Variable::trainable);
        for sublayer in self.sublayers() {
            push_new(&mut variables, sublayer.trainable_variables());
        }
        variables
    }

    /// Copies of all weights, in the order of [`Layer::weights`].
    fn get_weights(&self) -> Vec<Tensor> {
        let copy = |v: &Variable| Tensor::from(v.value());
        self.weights().iter().map(copy).collect()
    }

    /// Sets all weights, in the order of [`Layer::weights`]; the types are converted.
    ///
    /// # Errors
    /// If their number or a shape differs; no weight is changed then.
    fn set_weights(&self, weights: &[Tensor]) -> Result<()> {
        assign_all(
            &self.base().name(self.class_name()),
            &self.weights(),
            weights,
        )
    }

    /// The number of numbers in all weights.
    fn count_params(&self) -> usize {
        self.weights().iter().map(|w| w.shape().len()).sum()
    }
}

impl dyn Layer {
    /// The layer's name: as set, else made from its class name.
    #[must_use]
    pub fn name(&self) -> String {
        self.base().name(self.class_name())
    }
}

impl std::fmt::Debug for dyn Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(\"{}\")", self.class_name(), self.name())
    }
}
