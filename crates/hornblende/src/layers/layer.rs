//! What a layer is: variables made when the input shapes are known, and a computation on tensors.
// tidy: not an item

use std::any::Any;
use std::cell::RefCell;
use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor, Variable, scope};

use crate::config::Config;
use crate::layers::LayerBase;

/// What a layer is told about the call it is in.
#[derive(Debug, Default)]
pub struct Call {
    /// Whether the model is being trained: dropout drops, batch normalization uses the batch.
    pub training: bool,
    losses: RefCell<Vec<Tensor>>,
}

impl Call {
    /// A call of this kind.
    #[must_use]
    pub fn new(training: bool) -> Self {
        Self {
            training,
            losses: RefCell::default(),
        }
    }

    /// Adds a scalar to the loss that is being minimised.
    pub fn add_loss(&self, loss: Tensor) {
        self.losses.borrow_mut().push(loss);
    }

    /// What was added so far.
    #[must_use]
    pub fn losses(&self) -> Vec<Tensor> {
        self.losses.borrow().clone()
    }
}

/// A layer. Implement [`Layer::build`] and [`Layer::forward`]; users call it with [`CallLayer::call`].
///
/// A layer is a cheap handle: clones share name, variables and state through their [`LayerBase`].
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

    /// The layers inside this one, in the order in which Keras lists them.
    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        Vec::new()
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        Config::new()
    }

    /// The layer as `Any`, for code that looks for a particular type.
    fn as_any(&self) -> &dyn Any;
}

/// What can be a layer's input: one tensor or several.
pub trait LayerInputs {
    /// The tensors in order.
    fn tensors(&self) -> Vec<Tensor>;
}

impl LayerInputs for &Tensor {
    fn tensors(&self) -> Vec<Tensor> {
        vec![(*self).clone()]
    }
}

impl LayerInputs for Tensor {
    fn tensors(&self) -> Vec<Tensor> {
        vec![self.clone()]
    }
}

impl<const N: usize> LayerInputs for [&Tensor; N] {
    fn tensors(&self) -> Vec<Tensor> {
        self.iter().map(|t| (*t).clone()).collect()
    }
}

impl<const N: usize> LayerInputs for [Tensor; N] {
    fn tensors(&self) -> Vec<Tensor> {
        self.to_vec()
    }
}

impl LayerInputs for &[Tensor] {
    fn tensors(&self) -> Vec<Tensor> {
        self.to_vec()
    }
}

impl LayerInputs for &Vec<Tensor> {
    fn tensors(&self) -> Vec<Tensor> {
        self.to_vec()
    }
}

/// Calling a layer on tensors: `Dense::new(64).call(&x)?`.
pub trait CallLayer {
    /// Calls the layer: builds it on the first call, then computes. On symbolic tensors the call is
    /// recorded for the model.
    ///
    /// # Errors
    /// If the layer cannot take such inputs.
    fn call(&self, inputs: impl LayerInputs) -> Result<Tensor>;
}

impl<L: Layer + Clone> CallLayer for L {
    #[track_caller]
    fn call(&self, inputs: impl LayerInputs) -> Result<Tensor> {
        let layer: Arc<dyn Layer> = Arc::new(self.clone());
        let mut outputs = call_layer(&layer, &inputs.tensors(), &Call::default())?;
        Ok(outputs.remove(0))
    }
}

/// Calls a layer behind a shared pointer; see [`CallLayer::call`].
///
/// # Errors
/// If the layer cannot take such inputs; the error names the layer and the caller's line.
#[track_caller]
pub fn call_layer(layer: &Arc<dyn Layer>, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
    let location = scope::location(Location::caller());
    let name = layer.base().name(layer.class_name());
    let blame = |error: Error| error.in_layer(&name).at(location);
    for input in inputs {
        input.check()?;
    }
    scope::with_layer(&name, location, || {
        ensure_built(layer, inputs).map_err(blame)?;
        if inputs.iter().any(Tensor::is_symbolic) {
            // A model replays this call; losses added while probing shapes do not count.
            let owner: Arc<dyn Any + Send + Sync> = Arc::new(LayerHandle(Arc::clone(layer)));
            let replayed = Arc::clone(layer);
            let replay = move |tensors: &[Tensor]| call_layer(&replayed, tensors, &Call::default());
            return Tensor::symbolic_call(inputs, Arc::new(replay), Some(owner)).map_err(blame);
        }
        let outputs = layer.forward_all(inputs, call).map_err(blame)?;
        for output in &outputs {
            output.check().map_err(blame)?;
        }
        Ok(outputs)
    })
}

/// The layer that a symbolic tensor came from, as kept in its record.
#[derive(Clone)]
pub struct LayerHandle(pub Arc<dyn Layer>);

fn ensure_built(layer: &Arc<dyn Layer>, inputs: &[Tensor]) -> Result<()> {
    let shapes: Vec<Shape> = inputs.iter().map(|i| i.shape().clone()).collect();
    layer
        .base()
        .build_once(layer.class_name(), || layer.build(&shapes))
}

/// All variables of a layer and of those inside it: its own first, then its sublayers' in order.
#[must_use]
pub fn variables_of(layer: &dyn Layer) -> Vec<Variable> {
    let mut variables = layer.base().variables();
    for sublayer in layer.sublayers() {
        for variable in variables_of(&*sublayer) {
            if !variables.contains(&variable) {
                variables.push(variable);
            }
        }
    }
    variables
}

/// The variables that an optimizer may change: trainable ones of layers that are trainable, as are all
/// layers around them.
#[must_use]
pub fn trainable_variables_of(layer: &dyn Layer) -> Vec<Variable> {
    if !layer.base().trainable() {
        return Vec::new();
    }
    let mut variables = layer.base().variables();
    variables.retain(Variable::trainable);
    for sublayer in layer.sublayers() {
        for variable in trainable_variables_of(&*sublayer) {
            if !variables.contains(&variable) {
                variables.push(variable);
            }
        }
    }
    variables
}
