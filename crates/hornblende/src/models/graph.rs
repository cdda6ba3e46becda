//! The calls that lead from a model's inputs to its outputs.

use std::sync::Arc;

use hornblende_core::tensor::{CallRecord, Origin};
use hornblende_core::{DType, Error, Result, Tensor};

use super::graph_walk::{Walk, key};
use crate::layers::{Call, Input, Layer, LayerHandle};

/// The calls that lead from symbolic inputs to symbolic outputs, in an order in which they can be made.
pub(super) struct Graph {
    inputs: Vec<Tensor>,
    input_layers: Vec<Input>,
    outputs: Vec<Tensor>,
    calls: Vec<Arc<CallRecord>>,
    /// Where the inputs of each call come from, and last the outputs.
    sources: Vec<Vec<Source>>,
    layers: Vec<Arc<dyn Layer>>,
    /// False where a call has several inputs, two calls run side by side or a layer is called twice.
    is_chain: bool,
}

/// Where a tensor comes from when the calls are made again.
#[derive(Clone, Copy)]
enum Source {
    /// The input of this number.
    Input(usize),
    /// The call of this number, and which of its results.
    Call(usize, usize),
    /// A value in the middle of plain arithmetic stands for itself.
    Itself,
}

impl Graph {
    /// Finds everything between inputs and outputs.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] naming the tensor if one of them is not symbolic, if an input is named
    /// twice or leads to no output, if an output needs an input that is not named, or if two layers have
    /// one name.
    pub(super) fn new(inputs: Vec<Tensor>, outputs: Vec<Tensor>) -> Result<Self> {
        check_symbolic("input", &inputs)?;
        check_symbolic("output", &outputs)?;
        let walk = Walk::new(&inputs, &outputs)?;
        for (k, input) in inputs.iter().enumerate() {
            if inputs[..k].iter().any(|i| key(i) == key(input)) {
                return Err(wrong("inputs named once each", &named(input), "twice", ""));
            }
            if !walk.reaches(input) {
                let fix = "Leave it out, or use it";
                return Err(wrong(
                    "inputs that lead to an output",
                    &named(input),
                    "which leads to none",
                    fix,
                ));
            }
        }
        let input_layers: Vec<Input> = inputs.iter().map(Input::of_tensor).collect();
        let layers = walk.layers(&inputs, &input_layers);
        check_names(&layers)?;
        let is_chain = walk.is_chain();
        let calls = walk.into_calls();
        let lists = calls.iter().map(|call| &call.inputs).chain([&outputs]);
        let sources = lists
            .map(|list| list.iter().map(|t| source(t, &inputs, &calls)).collect())
            .collect();
        Ok(Self {
            calls,
            sources,
            inputs,
            input_layers,
            outputs,
            layers,
            is_chain,
        })
    }

    pub(super) fn inputs(&self) -> &[Tensor] {
        &self.inputs
    }

    pub(super) fn outputs(&self) -> &[Tensor] {
        &self.outputs
    }

    /// The layers, input layers among them: those farthest from the outputs first, as Keras lists them.
    pub(super) fn layers(&self) -> &[Arc<dyn Layer>] {
        &self.layers
    }

    /// The calls of layers, each with the layer.
    pub(super) fn layer_calls(&self) -> impl Iterator<Item = (&Arc<CallRecord>, Arc<dyn Layer>)> {
        self.calls
            .iter()
            .filter_map(|record| Some((record, layer_of(record)?)))
    }

    /// All calls, each after those that it needs.
    pub(super) fn calls(&self) -> &[Arc<CallRecord>] {
        &self.calls
    }

    pub(super) fn is_chain(&self) -> bool {
        self.is_chain
    }

    pub(super) fn input_names(&self) -> Vec<String> {
        let name = |input: &Input| input.base().name(input.class_name());
        self.input_layers.iter().map(name).collect()
    }

    /// The name of the input that this tensor is, if it is one.
    pub(super) fn input_name(&self, tensor: &Tensor) -> Option<String> {
        let place = self.inputs.iter().position(|i| key(i) == key(tensor))?;
        let input = &self.input_layers[place];
        Some(input.base().name(input.class_name()))
    }

    /// The name of each output: that of its layer, with a number behind where it is taken.
    pub(super) fn output_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for output in &self.outputs {
            let stem = source_name(output);
            let taken = |name: &String| names.contains(name);
            let numbered = (1..).map(|n| format!("{stem}_{n}"));
            let name = [stem.clone()].into_iter().chain(numbered);
            names.extend(name.into_iter().find(|n| !taken(n)));
        }
        names
    }

    /// Makes all calls again with these tensors in the place of the inputs.
    pub(super) fn run(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        let inputs = self.fitted(inputs)?;
        let mut results: Vec<Vec<Tensor>> = Vec::with_capacity(self.calls.len());
        let found = |tensors: &[Tensor], sources: &[Source], results: &[Vec<Tensor>]| {
            let find = |(tensor, source): (&Tensor, &Source)| match *source {
                Source::Input(k) => inputs[k].clone(),
                Source::Call(call, k) => results[call][k].clone(),
                Source::Itself => tensor.clone(),
            };
            tensors.iter().zip(sources).map(find).collect::<Vec<_>>()
        };
        for (record, sources) in self.calls.iter().zip(&self.sources) {
            let operands = found(&record.inputs, sources, &results);
            results.push(match handle_of(record) {
                Some(handle) => handle.replay(&operands, call)?,
                None => (record.call)(&operands)?,
            });
        }
        let outputs = self.sources.last().map_or(&[][..], Vec::as_slice);
        Ok(found(&self.outputs, outputs, &results))
    }

    /// The tensors as the inputs want them: an axis of size 1 at the end added or dropped, as Keras does,
    /// and numbers of the input's type.
    fn fitted(&self, tensors: &[Tensor]) -> Result<Vec<Tensor>> {
        let names = || self.input_names();
        if tensors.len() != self.inputs.len() {
            let names = names();
            return Err(Error::invalid_argument(
                "model",
                format!("{} inputs ({})", self.inputs.len(), names.join(", ")),
                tensors.len().to_string(),
                "",
            ));
        }
        let pairs = self.inputs.iter().zip(tensors).enumerate();
        pairs
            .map(|(k, (wanted, got))| fit(|| names().swap_remove(k), wanted, got))
            .collect()
    }
}

/// What a record calls, if it is a layer.
pub(super) fn layer_of(record: &CallRecord) -> Option<Arc<dyn Layer>> {
    Some(Arc::clone(&handle_of(record)?.layer))
}

/// The layer that a record calls and the arguments of the call, if it is one.
pub(super) fn handle_of(record: &CallRecord) -> Option<&LayerHandle> {
    record.owner.as_ref()?.downcast_ref()
}

/// The name of the layer or input that a symbolic tensor comes from.
fn source_name(tensor: &Tensor) -> String {
    match tensor.origin() {
        Some(Origin::Input { name }) => name.clone(),
        Some(Origin::Call(record, _)) => match layer_of(record) {
            Some(layer) => layer.name(),
            None => "output".to_owned(),
        },
        None => "value".to_owned(),
    }
}

fn source(tensor: &Tensor, inputs: &[Tensor], calls: &[Arc<CallRecord>]) -> Source {
    if let Some(input) = inputs.iter().position(|input| key(input) == key(tensor)) {
        return Source::Input(input);
    }
    let Some(Origin::Call(record, index)) = tensor.origin() else {
        return Source::Itself;
    };
    // The walk put every call before those that need it.
    let call = calls.iter().position(|call| Arc::ptr_eq(call, record));
    call.map_or(Source::Itself, |call| Source::Call(call, *index))
}

fn fit(name: impl Fn() -> String, wanted: &Tensor, got: &Tensor) -> Result<Tensor> {
    let rank = wanted.rank();
    let last = got.shape().dims().last();
    let got = match got.rank() {
        r if r == rank + 1 && last == Some(&1) => got.squeeze(-1),
        r if r + 1 == rank && wanted.shape()[rank - 1] == 1 => got.expand_dims(-1),
        _ => got.clone(),
    };
    let fits = |(w, g): (&usize, &usize)| *w == hornblende_core::Shape::UNKNOWN || w == g;
    let mut sizes = wanted.shape().dims().iter().zip(got.shape().dims());
    if got.rank() != rank || !sizes.all(fits) {
        return Err(Error::shape_mismatch(
            format!("input \"{}\" of the model", name()),
            format!("shape {}", wanted.shape()),
            got.shape().to_string(),
            "None stands for any size; the first axis counts samples",
        ));
    }
    Ok(with_dtype(&got, wanted.dtype()))
}

/// The tensor converted, its mask kept.
fn with_dtype(tensor: &Tensor, dtype: DType) -> Tensor {
    let converted = tensor.cast(dtype);
    match tensor.remark("mask") {
        Some(mask) if !converted.is_same(tensor) => converted.with_remark("mask", mask),
        _ => converted,
    }
}

fn check_symbolic(role: &str, tensors: &[Tensor]) -> Result<()> {
    if tensors.is_empty() {
        return Err(wrong(&format!("at least one {role}"), "none", "", ""));
    }
    for (k, tensor) in tensors.iter().enumerate() {
        tensor.check()?;
        if !tensor.is_symbolic() {
            let found = format!("{role} {k}: {tensor:?}, a tensor with a value");
            let expected = "symbolic tensors: an Input and what layers make of it";
            let fix = "To compute on values, call the model or predict";
            return Err(wrong(expected, &found, "", fix));
        }
    }
    Ok(())
}

fn check_names(layers: &[Arc<dyn Layer>]) -> Result<()> {
    for (k, layer) in layers.iter().enumerate() {
        let name = layer.name();
        if layers[..k].iter().any(|l| l.name() == name) {
            let found = format!("two layers named \"{name}\"");
            return Err(wrong("layers with names of their own", &found, "", ""));
        }
    }
    Ok(())
}

fn named(tensor: &Tensor) -> String {
    format!("\"{}\" of shape {}", source_name(tensor), tensor.shape())
}

fn wrong(expected: &str, found: &str, why: &str, fix: &str) -> Error {
    let got = match why {
        "" => found.to_owned(),
        _ => format!("{found}, {why}"),
    };
    Error::invalid_argument("Model", expected, got, fix)
}

/// The error for an output that needs an input which the model does not name.
pub(super) fn disconnected(tensor: &Tensor) -> Error {
    wrong(
        "outputs that follow from the inputs",
        &named(tensor),
        "an Input that the outputs need and the model does not name",
        "Add it to the model's inputs",
    )
}
