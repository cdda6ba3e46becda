//! A model as a layer: what can be nested in another model.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hornblende_core::{DType, Result, Shape, Spec, Tensor};

use super::chain::Chain;
use super::graph::Graph;
use super::to_config::model_config;
use crate::config::Config;
use crate::layers::{Call, Input, Layer, LayerBase, call_layer};

/// A model as a layer. Clones are handles on the same.
#[derive(Clone)]
pub(super) struct Network(Arc<Inner>);

struct Inner {
    base: LayerBase,
    kind: Kind,
    /// Known from the start, or made when the shapes of the inputs are known.
    graph: Mutex<Option<Arc<Graph>>>,
}

/// How the model was described.
enum Kind {
    /// By its graph.
    Functional,
    /// By a list of layers.
    Sequential(Mutex<Chain>),
    /// By one layer that is the whole model.
    Custom(Arc<dyn Layer>),
}

impl Network {
    pub(super) fn functional(graph: Graph) -> Self {
        let network = Self::of_kind(Kind::Functional);
        *lock(&network.0.graph) = Some(Arc::new(graph));
        network
    }

    pub(super) fn sequential() -> Self {
        Self::of_kind(Kind::Sequential(Mutex::default()))
    }

    pub(super) fn custom(layer: Arc<dyn Layer>) -> Self {
        let name = layer.name();
        let network = Self::of_kind(Kind::Custom(layer));
        network.0.base.set_name(name);
        network
    }

    fn of_kind(kind: Kind) -> Self {
        Self(Arc::new(Inner {
            base: LayerBase::default(),
            kind,
            graph: Mutex::new(None),
        }))
    }

    /// The graph, if the shapes of the inputs are known.
    pub(super) fn graph(&self) -> Option<Arc<Graph>> {
        let mut graph = lock(&self.0.graph);
        if let (None, Kind::Sequential(chain)) = (&*graph, &self.0.kind) {
            let chain = lock(chain);
            // What is wrong with the chain is told by whoever needs the graph; see `build_with`.
            *graph = chain
                .is_connected()
                .then(|| chain.graph().ok())
                .flatten()
                .map(Arc::new);
        }
        graph.clone()
    }

    /// Changes the list of layers of a sequential model.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Chain) -> R) -> Option<R> {
        let Kind::Sequential(chain) = &self.0.kind else {
            return None;
        };
        let mut graph = lock(&self.0.graph);
        *graph = None;
        Some(change(&mut lock(chain)))
    }

    /// The graph, made with inputs of these shapes and types if it is not known yet.
    ///
    /// # Errors
    /// If the model cannot take such inputs, or something went wrong when it was described.
    pub(super) fn build_with(&self, specs: &[Spec]) -> Result<Arc<Graph>> {
        if let Some(graph) = self.graph() {
            return Ok(graph);
        }
        let made = match &self.0.kind {
            // A functional model has its graph from the start.
            Kind::Functional => Graph::new(Vec::new(), Vec::new())?,
            Kind::Sequential(chain) => lock(chain).build(specs)?,
            Kind::Custom(layer) => {
                let inputs: Vec<Tensor> = specs
                    .iter()
                    .map(|s| Input::like(s).tensor().clone())
                    .collect();
                let outputs = call_layer(layer, &inputs, &Call::default())?;
                Graph::new(inputs, outputs)?
            }
        };
        Ok(Arc::clone(
            lock(&self.0.graph).get_or_insert(Arc::new(made)),
        ))
    }

    /// The layers as Keras's `model.layers` has them: without the input layer of a sequential model.
    pub(super) fn layers(&self) -> Vec<Arc<dyn Layer>> {
        match &self.0.kind {
            Kind::Functional => self.graph().map_or_else(Vec::new, |g| g.layers().to_vec()),
            Kind::Sequential(chain) => lock(chain).layers.clone(),
            Kind::Custom(layer) => layer.sublayers(),
        }
    }

    /// The symbolic input of a sequential model that is connected.
    pub(super) fn chain_input(&self) -> Option<Tensor> {
        match &self.0.kind {
            Kind::Sequential(chain) => lock(chain).input(),
            _ => None,
        }
    }

    /// Whether the model was described by a list of layers.
    pub(super) fn is_sequential(&self) -> bool {
        matches!(self.0.kind, Kind::Sequential(_))
    }

    /// The layer that is the whole model, if there is one.
    pub(super) fn custom_layer(&self) -> Option<Arc<dyn Layer>> {
        match &self.0.kind {
            Kind::Custom(layer) => Some(Arc::clone(layer)),
            _ => None,
        }
    }

    /// Whether the model was described by its graph.
    pub(super) fn is_functional(&self) -> bool {
        matches!(self.0.kind, Kind::Functional)
    }
}

impl Layer for Network {
    fn base(&self) -> &LayerBase {
        &self.0.base
    }

    fn class_name(&self) -> &'static str {
        match &self.0.kind {
            Kind::Functional => "Functional",
            Kind::Sequential(_) => "Sequential",
            Kind::Custom(layer) => layer.class_name(),
        }
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        let spec = |shape: &Shape| Spec {
            shape: shape.clone(),
            dtype: DType::F32,
        };
        let specs: Vec<Spec> = inputs.iter().map(spec).collect();
        self.build_with(&specs).map(|_| ())
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        let specs: Vec<Spec> = inputs.iter().map(|i| i.spec().clone()).collect();
        self.build_with(&specs)?.run(inputs, call)
    }

    fn autocast(&self) -> bool {
        // Each input of the model has a type of its own.
        false
    }

    fn get_config(&self) -> Config {
        // What cannot be described is told by `Model::get_config`.
        model_config(self).unwrap_or_else(|_| self.base().get_config(self.class_name()))
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        match &self.0.kind {
            Kind::Custom(layer) => vec![Arc::clone(layer)],
            _ => self.layers(),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The lock, also after another thread panicked while it held it: what it guards is whole either way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
