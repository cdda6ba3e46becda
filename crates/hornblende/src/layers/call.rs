// tidy: not an item
//! Calling layers: at once on known tensors, recorded for a model on symbolic ones.

use std::any::Any;
use std::cell::RefCell;
use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor, scope};

use crate::layers::{Layer, LayerInputs};

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

/// Calling a layer on tensors: `Dense::new(64).call(&x)?`.
pub trait CallLayer {
    /// Calls the layer: builds it on the first call, then computes. On symbolic tensors the call is
    /// recorded for the model.
    ///
    /// # Errors
    /// If the layer cannot take such inputs, or has several results; see [`CallLayer::call_all`].
    #[track_caller]
    fn call(&self, inputs: impl LayerInputs) -> Result<Tensor>
    where
        Self: Sized,
    {
        let outputs = call_layer(&self.handle(), &inputs.tensors(), &Call::default())?;
        match <[Tensor; 1]>::try_from(outputs) {
            Ok([output]) => Ok(output),
            Err(outputs) => Err(Error::invalid_argument(
                "call",
                "a layer of one result",
                format!("{} results", outputs.len()),
                "Use call_all",
            )
            .in_layer(&self.handle().name())
            .at(Location::caller())),
        }
    }

    /// As [`CallLayer::call`], for a layer of several results.
    ///
    /// # Errors
    /// If the layer cannot take such inputs.
    #[track_caller]
    fn call_all(&self, inputs: impl LayerInputs) -> Result<Vec<Tensor>>
    where
        Self: Sized,
    {
        call_layer(&self.handle(), &inputs.tensors(), &Call::default())
    }

    /// As [`CallLayer::call_all`], saying whether the call is part of training, and collecting the losses
    /// that layers add. Symbolic inputs do not need it: their model says so when it runs.
    ///
    /// # Errors
    /// If the layer cannot take such inputs.
    #[track_caller]
    fn call_with(&self, inputs: impl LayerInputs, call: &Call) -> Result<Vec<Tensor>>
    where
        Self: Sized,
    {
        call_layer(&self.handle(), &inputs.tensors(), call)
    }

    /// The layer behind a shared pointer.
    fn handle(&self) -> Arc<dyn Layer>;
}

impl<L: Layer + Clone> CallLayer for L {
    fn handle(&self) -> Arc<dyn Layer> {
        Arc::new(self.clone())
    }
}

impl CallLayer for Arc<dyn Layer> {
    fn handle(&self) -> Arc<dyn Layer> {
        Self::clone(self)
    }
}

/// The layer that a symbolic tensor came from, as kept in its record.
#[derive(Clone)]
pub struct LayerHandle(pub Arc<dyn Layer>);

/// Calls a layer behind a shared pointer; see [`CallLayer::call`].
///
/// # Errors
/// If the layer cannot take such inputs; the error names the layer and the caller's line.
#[track_caller]
pub fn call_layer(layer: &Arc<dyn Layer>, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
    let location = scope::location(Location::caller());
    let name = layer.name();
    let blame = |error: Error| error.in_layer(&name).at(location);
    for input in inputs {
        input.check()?;
    }
    if inputs.is_empty() {
        return Err(blame(Error::invalid_argument(
            layer.class_name(),
            "at least one input",
            "none",
            "",
        )));
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
        let converted = converted(&**layer, inputs);
        let mut outputs = layer.forward_all(&converted, call).map_err(blame)?;
        for output in &outputs {
            output.check().map_err(blame)?;
        }
        if layer.supports_masking() {
            pass_mask_on(&inputs[0], &mut outputs);
        }
        Ok(outputs)
    })
}

fn ensure_built(layer: &Arc<dyn Layer>, inputs: &[Tensor]) -> Result<()> {
    let shapes: Vec<Shape> = inputs.iter().map(|i| i.shape().clone()).collect();
    layer
        .base()
        .build_once(layer.class_name(), || layer.build(&shapes))
}

/// The inputs, floating-point ones as the layer's own type.
fn converted(layer: &dyn Layer, inputs: &[Tensor]) -> Vec<Tensor> {
    let dtype = layer.base().dtype();
    let convert = |input: &Tensor| {
        if !layer.autocast() || !input.dtype().is_float() || input.dtype() == dtype {
            return input.clone();
        }
        let converted = input.cast(dtype);
        match input.remark("mask") {
            Some(mask) => converted.with_remark("mask", mask),
            None => converted,
        }
    };
    inputs.iter().map(convert).collect()
}

fn pass_mask_on(input: &Tensor, outputs: &mut [Tensor]) {
    let Some(mask) = input.remark("mask") else {
        return;
    };
    for output in outputs {
        if output.remark("mask").is_none() {
            *output = output.with_remark("mask", mask);
        }
    }
}
