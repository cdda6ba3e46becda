//! A model that is a list of layers.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::Model;
use super::network::Network;
use crate::layers::{CallLayer, Layer};

/// A model that is a list of layers, each with one input and one output.
///
/// It is built as soon as the shape of the input is known: from an [`Input`](crate::layers::Input) in front,
/// from the `input_shape` of the first layer, or from the first data. An error of [`Sequential::add`] is kept
/// and returned by whatever uses the model.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let model = Sequential::new()
///     .add(Input::new([8, 8, 1]))
///     .add(Flatten::new())
///     .add(Dense::new(10).activation("softmax"));
/// assert_eq!(model.count_params(), 64 * 10 + 10);
/// ```
pub struct Sequential {
    model: Model,
    network: Network,
}

impl Sequential {
    /// A model without layers.
    #[must_use]
    pub fn new() -> Self {
        let network = Network::sequential();
        Self {
            model: Model::of(network.clone()),
            network,
        }
    }

    /// Names the model. Default: `sequential`, `sequential_1`, ... A name that it has already stays.
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        self.network.base().set_name(name);
        self
    }

    /// The model with one more layer, or with an [`Input`](crate::layers::Input) in front.
    #[allow(
        clippy::should_implement_trait,
        reason = "Keras's name; nobody adds models with +"
    )]
    #[track_caller]
    #[must_use]
    pub fn add(mut self, layer: impl CallLayer) -> Self {
        self.push(layer);
        self
    }

    /// Adds a layer; see [`Sequential::add`]. What was compiled before is compiled no more.
    #[track_caller]
    pub fn push(&mut self, layer: impl CallLayer) {
        self.push_layer(layer.handle());
    }

    #[track_caller]
    fn push_layer(&mut self, layer: Arc<dyn Layer>) {
        let location = std::panic::Location::caller();
        self.network.change(|chain| chain.add(layer, location));
        self.forget_compilation();
    }

    /// Takes the last layer away; `None` if there is none.
    pub fn pop(&mut self) -> Option<Arc<dyn Layer>> {
        let last = self.network.change(|chain| chain.pop()).flatten();
        self.forget_compilation();
        last
    }

    fn forget_compilation(&mut self) {
        self.model.compiled = None;
        self.model.optimizer_variables.clear();
    }
}

impl Default for Sequential {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Sequential {
    type Target = Model;
    fn deref(&self) -> &Model {
        &self.model
    }
}

impl DerefMut for Sequential {
    fn deref_mut(&mut self) -> &mut Model {
        &mut self.model
    }
}

impl From<Sequential> for Model {
    fn from(sequential: Sequential) -> Self {
        sequential.model
    }
}

impl CallLayer for Sequential {
    fn handle(&self) -> Arc<dyn Layer> {
        self.model.handle()
    }
}

impl std::fmt::Debug for Sequential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.model.fmt(f)
    }
}
