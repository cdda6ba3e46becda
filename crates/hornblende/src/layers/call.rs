// tidy: not an item
//! Calling layers: at once on known tensors, recorded for a model on symbolic ones.

use std::any::Any;
use std::cell::RefCell;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor, scope};

use crate::layers::{Layer, LayerInputs};

/// What a layer is told about the call it is in: Keras's call arguments beside the inputs.
///
/// Tensors that Keras takes as call arguments of their own (`initial_state`, `key`, `value`) are further
/// inputs; `mask` and `attention_mask` travel as remarks of those names on the inputs. So a layer reads
/// `inputs[0].remark("mask")`, whether a layer before it made the mask or the call did.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[1.0f32, 2.0, 3.0]]);
/// let mask = Tensor::from([[1.0f32, 1.0, 0.0]]).cast(DType::Bool);
/// let y = Softmax::new().call_with(&x, &Call::new(false).mask(&mask))?;
/// assert_eq!(y[0].to_vec::<f32>()?[2], 0.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// Whether the model is being trained: dropout drops, batch normalization uses the batch.
    pub training: bool,
    /// Whether an attention layer hides later positions from earlier ones.
    pub use_causal_mask: bool,
    /// Whether an attention layer gives its scores as a further result.
    pub return_attention_scores: bool,
    /// Whether an embedding goes from vectors back to scores of the whole numbers.
    pub reverse: bool,
    /// Whether somebody said `training`.
    is_training_known: bool,
    masks: Vec<Option<Tensor>>,
    attention_mask: Option<Tensor>,
    /// Shared by all calls that are made for one, so that what inner layers add arrives outside.
    losses: Rc<RefCell<Vec<Tensor>>>,
    metrics: Rc<RefCell<Vec<(String, Tensor)>>>,
}

impl Call {
    /// A call of this kind.
    #[must_use]
    pub fn new(training: bool) -> Self {
        Self {
            training,
            is_training_known: true,
            ..Self::default()
        }
    }

    /// Says whether to train, for a call that has other arguments already.
    #[must_use]
    pub fn training(mut self, training: bool) -> Self {
        self.training = training;
        self.is_training_known = true;
        self
    }

    /// Whether to train, for a layer that does so by `default` where nobody said whether to, as in a call by hand.
    /// Keras's image layers train then, and its others do not.
    ///
    /// # Example
    /// ```
    /// use hornblende::layers::Call;
    /// assert!(Call::default().training_or(true) && !Call::default().training_or(false));
    /// assert!(!Call::new(false).training_or(true) && Call::new(true).training_or(false));
    /// ```
    #[must_use]
    pub fn training_or(&self, default: bool) -> bool {
        self.training || (default && !self.is_training_known)
    }

    /// Which entries of the first input count, as truth values. Default: as the layers before it say.
    #[must_use]
    pub fn mask(self, mask: &Tensor) -> Self {
        self.masks([Some(mask)])
    }

    /// The mask of each input, for a layer of several inputs; `None` leaves an input as it is.
    #[must_use]
    pub fn masks<'t>(mut self, masks: impl IntoIterator<Item = Option<&'t Tensor>>) -> Self {
        self.masks = masks.into_iter().map(Option::<&Tensor>::cloned).collect();
        self
    }

    /// Which positions may attend to which, as truth values that broadcast to `[batch, queries, keys]`.
    #[must_use]
    pub fn attention_mask(mut self, mask: &Tensor) -> Self {
        self.attention_mask = Some(mask.clone());
        self
    }

    /// Whether an attention layer hides later positions from earlier ones. Default: false.
    #[must_use]
    pub fn use_causal_mask(mut self, use_causal_mask: bool) -> Self {
        self.use_causal_mask = use_causal_mask;
        self
    }

    /// Whether an attention layer gives its scores as a further result. Default: false.
    #[must_use]
    pub fn return_attention_scores(mut self, return_attention_scores: bool) -> Self {
        self.return_attention_scores = return_attention_scores;
        self
    }

    /// Whether [`ReversibleEmbedding`](crate::layers::ReversibleEmbedding) goes from vectors back to scores of the
    /// whole numbers. Default: false.
    #[must_use]
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.reverse = reverse;
        self
    }

    /// The call of a layer inside the one that is called: it trains if this does, and what it adds to the
    /// loss is added here. The other arguments are not passed on.
    #[must_use]
    pub fn inner(&self) -> Self {
        Self {
            training: self.training,
            is_training_known: self.is_training_known,
            losses: Rc::clone(&self.losses),
            metrics: Rc::clone(&self.metrics),
            ..Self::default()
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

    /// Logs the mean of these values under a name of its own, as the mean over the batches.
    ///
    /// A name that a loss, a metric or another layer has already is numbered, as those of metrics are.
    pub fn add_metric(&self, name: &str, values: &Tensor) {
        self.metrics
            .borrow_mut()
            .push((name.to_owned(), values.clone()));
    }

    /// What was to be logged so far.
    #[must_use]
    pub fn metrics(&self) -> Vec<(String, Tensor)> {
        self.metrics.borrow().clone()
    }

    /// The inputs with the masks of this call attached.
    fn attach(&self, inputs: &[Tensor]) -> Vec<Tensor> {
        let mut inputs = inputs.to_vec();
        for (input, mask) in inputs.iter_mut().zip(&self.masks) {
            if let Some(mask) = mask {
                *input = input.with_remark("mask", mask);
            }
        }
        if let (Some(mask), Some(first)) = (&self.attention_mask, inputs.first_mut()) {
            *first = first.with_remark("attention_mask", mask);
        }
        inputs
    }
}

/// Calling a layer on tensors: `Dense::new(64).call(&x)?`.
pub trait CallLayer {
    /// Calls the layer: builds it on the first call, then computes. On symbolic tensors the call is
    /// recorded for the model.
    ///
    /// Nobody says here whether to train. As in Keras, image layers such as
    /// [`RandomFlip`](crate::layers::RandomFlip) do then, so that they can be called on the data in front of a model,
    /// and all others, such as [`Dropout`](crate::layers::Dropout), do not; [`CallLayer::call_with`] says it.
    ///
    /// # Errors
    /// If the layer cannot take such inputs, or has several results; see [`CallLayer::call_all`].
    #[track_caller]
    fn call(&self, inputs: impl LayerInputs) -> Result<Tensor>
    where
        Self: Sized,
    {
        self.call_in(inputs, &Call::default())
    }

    /// As [`CallLayer::call`], inside the call of a layer around it: this layer trains if that one does, and what it
    /// adds to the loss or logs is added there.
    ///
    /// # Errors
    /// As [`CallLayer::call`].
    #[track_caller]
    fn call_in(&self, inputs: impl LayerInputs, call: &Call) -> Result<Tensor>
    where
        Self: Sized,
    {
        let outputs = call_layer(&self.handle(), &inputs.tensors(), &call.inner())?;
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

/// The layer that a symbolic tensor came from, as kept in its record, with the arguments of the call.
#[derive(Clone)]
pub struct LayerHandle {
    /// The layer.
    pub layer: Arc<dyn Layer>,
    pub(crate) use_causal_mask: bool,
    pub(crate) return_attention_scores: bool,
    pub(crate) reverse: bool,
    /// Whether the call was one of training, if somebody said so.
    pub(crate) training: Option<bool>,
}

impl LayerHandle {
    /// Makes the recorded call with these inputs, as part of `call`.
    ///
    /// # Errors
    /// As [`call_layer`].
    #[track_caller]
    pub fn replay(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        let inner = Call {
            use_causal_mask: self.use_causal_mask,
            return_attention_scores: self.return_attention_scores,
            reverse: self.reverse,
            ..call.inner()
        };
        let inner = match self.training {
            // Whoever runs the model is asked first, and then who connected the layers.
            Some(training) if !call.is_training_known => Call {
                training,
                is_training_known: true,
                ..inner
            },
            _ => inner,
        };
        call_layer(&self.layer, inputs, &inner)
    }
}

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
    let inputs = &call.attach(inputs);
    scope::with_layer(&name, location, || {
        ensure_built(layer, inputs).map_err(blame)?;
        if inputs.iter().any(Tensor::is_symbolic) {
            // A model replays this call; losses added while probing shapes do not count.
            let handle = LayerHandle {
                layer: Arc::clone(layer),
                use_causal_mask: call.use_causal_mask,
                return_attention_scores: call.return_attention_scores,
                reverse: call.reverse,
                training: call.is_training_known.then_some(call.training),
            };
            let owner: Arc<dyn Any + Send + Sync> = Arc::new(handle.clone());
            let replay = move |tensors: &[Tensor]| handle.replay(tensors, &Call::default());
            return Tensor::symbolic_call(inputs, Arc::new(replay), Some(owner)).map_err(blame);
        }
        let converted = converted(&**layer, inputs);
        let mut outputs = layer.forward_all(&converted, call).map_err(blame)?;
        for output in &outputs {
            output.check().map_err(blame)?;
        }
        add_activity_losses(&**layer, &outputs, call);
        if layer.supports_masking() {
            pass_mask_on(&inputs[0], &mut outputs);
        }
        Ok(outputs)
    })
}

/// Adds the loss of the activity regularizer: of each result its value divided by the batch size, so that the
/// strength does not depend on the size of batches.
fn add_activity_losses(layer: &dyn Layer, outputs: &[Tensor], call: &Call) {
    let Some(regularizer) = layer.base().activity_regularizer() else {
        return;
    };
    for output in outputs {
        let loss = regularizer.call(output);
        call.add_loss(match output.shape().dims() {
            [] => loss,
            [0, ..] => loss * 0.0,
            [batch, ..] => loss / *batch as f64,
        });
    }
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
        let kept = ["mask", "attention_mask"].map(|name| (name, input.remark(name)));
        let keep = |x: Tensor, (name, about): (&'static str, Option<&Tensor>)| match about {
            Some(about) => x.with_remark(name, about),
            None => x,
        };
        kept.into_iter().fold(input.cast(dtype), keep)
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
