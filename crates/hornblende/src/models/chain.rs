//! The layers of a sequential model, connected as far as the shape of the input is known.

use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result, Spec, Tensor, scope};

use super::graph::Graph;
use super::network::Network;
use crate::layers::{Call, Input, Layer, call_layer};

/// The layers of a sequential model, connected as far as the shape of the input is known.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) layers: Vec<Arc<dyn Layer>>,
    /// The symbolic input and the output of the last layer.
    ends: Option<(Tensor, Tensor)>,
    /// What went wrong first; whoever uses the model gets it.
    error: Option<Error>,
}

impl Chain {
    /// Adds a layer; what goes wrong is kept for whoever uses the model.
    pub(super) fn add(&mut self, layer: Arc<dyn Layer>, location: &'static Location<'static>) {
        if self.error.is_none() {
            let added = scope::at(location, || self.try_add(layer));
            self.error = added.err().map(|error| error.at(location));
        }
    }

    fn try_add(&mut self, layer: Arc<dyn Layer>) -> Result<()> {
        if let Some(input) = layer.as_any().downcast_ref::<Input>() {
            if self.ends.is_some() || !self.layers.is_empty() {
                return Err(wrong(
                    "an Input as the first layer only",
                    "one behind other layers",
                ));
            }
            self.begin(input.tensor().clone());
            return Ok(());
        }
        if self.layers.is_empty() && self.ends.is_none() {
            self.ends = known_input(&*layer).map(|input| (input.clone(), input));
        }
        if let Some((_, end)) = &mut self.ends {
            *end = next(&layer, end)?;
        }
        self.layers.push(layer);
        Ok(())
    }

    /// Takes the last layer away.
    pub(super) fn pop(&mut self) -> Option<Arc<dyn Layer>> {
        let last = self.layers.pop();
        if let Some((input, _)) = self.ends.take()
            && let Err(error) = self.connect(input)
        {
            self.error.get_or_insert(error);
        }
        last
    }

    /// Connects the layers, beginning with an input like `spec` if none is known.
    pub(super) fn build(&mut self, specs: &[Spec]) -> Result<Graph> {
        self.check()?;
        if self.ends.is_none() {
            let [spec] = specs else {
                return Err(wrong("one input", &specs.len().to_string()));
            };
            self.connect(Input::like(spec).tensor().clone())?;
        }
        self.graph()
    }

    /// The graph, if the layers are connected.
    ///
    /// # Errors
    /// What went wrong when a layer was added; if there is no layer, or the shape of the input is not
    /// known.
    pub(super) fn graph(&self) -> Result<Graph> {
        self.check()?;
        match &self.ends {
            Some((input, output)) => Graph::new(vec![input.clone()], vec![output.clone()]),
            None => Err(Error::not_built(
                "Sequential",
                "a model whose input shape is known",
                "one whose layers wait for data",
                "Add an Input first, give the first layer its input_shape, or call the model",
            )),
        }
    }

    /// The symbolic input, if the layers are connected.
    pub(super) fn input(&self) -> Option<Tensor> {
        self.ends.as_ref().map(|(input, _)| input.clone())
    }

    /// Whether the layers are connected.
    pub(super) fn is_connected(&self) -> bool {
        self.ends.is_some() && self.error.is_none()
    }

    /// What went wrong when a layer was added, if anything did.
    pub(super) fn check_added(&self) -> Result<()> {
        match &self.error {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    fn check(&self) -> Result<()> {
        match &self.error {
            Some(error) => Err(error.clone()),
            None if self.layers.is_empty() => Err(wrong("at least one layer", "none")),
            None => Ok(()),
        }
    }

    fn begin(&mut self, input: Tensor) {
        self.ends = Some((input.clone(), input));
    }

    fn connect(&mut self, input: Tensor) -> Result<()> {
        let mut end = input.clone();
        for layer in &self.layers {
            end = next(layer, &end)?;
        }
        self.ends = Some((input, end));
        Ok(())
    }
}

/// The result of one more layer.
fn next(layer: &Arc<dyn Layer>, x: &Tensor) -> Result<Tensor> {
    let outputs = call_layer(layer, std::slice::from_ref(x), &Call::default())?;
    match <[Tensor; 1]>::try_from(outputs) {
        Ok([output]) => Ok(output),
        Err(outputs) => Err(wrong(
            "layers of one result each",
            &format!("{} results", outputs.len()),
        )
        .in_layer(&layer.name())),
    }
}

/// The input that the first layer asks for: as it was told, or as the model that it is wants it.
fn known_input(layer: &dyn Layer) -> Option<Tensor> {
    if let Some(sample) = layer.base().input_shape() {
        return Some(Input::new(sample).tensor().clone());
    }
    let graph = layer.as_any().downcast_ref::<Network>()?.graph()?;
    match graph.inputs() {
        [input] => Some(Input::like(input.spec()).tensor().clone()),
        _ => None,
    }
}

fn wrong(expected: &str, got: &str) -> Error {
    Error::invalid_argument("Sequential", expected, got, "")
}
