//! The walk from a model's outputs back to its inputs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use hornblende_core::tensor::{CallRecord, Origin};
use hornblende_core::{Result, Tensor};

use super::graph::{disconnected, layer_of};
use crate::layers::{Input, Layer};

/// What a walk from the outputs back to the inputs found.
pub(super) struct Walk {
    /// Inputs and calls, each after what it needs.
    steps: Vec<Step>,
    /// When each operation (input, layer, or call of none) was met first.
    met: HashMap<usize, usize>,
    /// How many calls lie between an operation and the outputs.
    depths: HashMap<usize, usize>,
    /// The same for each step.
    step_depths: Vec<usize>,
}

/// One stop of the walk.
enum Step {
    Input(Tensor),
    Call(Arc<CallRecord>),
}

/// What tells symbolic tensors apart: clones of one have one origin.
pub(super) fn key(tensor: &Tensor) -> usize {
    tensor
        .origin()
        .map_or(0, |origin| std::ptr::from_ref(origin) as usize)
}

impl Step {
    fn of(tensor: &Tensor, inputs: &[Tensor]) -> Result<Option<Self>> {
        if inputs.iter().any(|i| key(i) == key(tensor)) {
            return Ok(Some(Self::Input(tensor.clone())));
        }
        match tensor.origin() {
            Some(Origin::Call(record, _)) => Ok(Some(Self::Call(Arc::clone(record)))),
            Some(Origin::Input { .. }) => Err(disconnected(tensor)),
            None => Ok(None),
        }
    }

    /// A number that no other step has.
    fn key(&self) -> usize {
        match self {
            Self::Input(tensor) => key(tensor),
            Self::Call(record) => Arc::as_ptr(record) as usize,
        }
    }

    /// The layer's number, the same for all calls of it.
    fn operation(&self) -> usize {
        match self {
            Self::Call(record) => match layer_of(record) {
                Some(layer) => layer.base().identity(),
                None => self.key(),
            },
            Self::Input(_) => self.key(),
        }
    }

    fn needs(&self) -> &[Tensor] {
        match self {
            Self::Input(_) => &[],
            Self::Call(record) => &record.inputs,
        }
    }
}

impl Walk {
    /// Walks depth first, without recursion: a model may be deeper than the stack.
    pub(super) fn new(inputs: &[Tensor], outputs: &[Tensor]) -> Result<Self> {
        let mut walk = Self {
            steps: Vec::new(),
            met: HashMap::new(),
            depths: HashMap::new(),
            step_depths: Vec::new(),
        };
        let mut done: HashSet<usize> = HashSet::new();
        for output in outputs {
            let Some(first) = Step::of(output, inputs)? else {
                continue;
            };
            // Each entry: a step, and how many of its needs were looked at.
            let mut open = vec![(first, 0)];
            while let Some((step, looked_at)) = open.last_mut() {
                let number = walk.met.len();
                walk.met.entry(step.operation()).or_insert(number);
                let next = if done.contains(&step.key()) {
                    None
                } else {
                    step.needs().get(*looked_at).cloned()
                };
                match next {
                    Some(tensor) => {
                        *looked_at += 1;
                        open.extend(Step::of(&tensor, inputs)?.map(|step| (step, 0)));
                    }
                    None => {
                        if let Some((step, _)) = open.pop()
                            && done.insert(step.key())
                        {
                            walk.steps.push(step);
                        }
                    }
                }
            }
        }
        walk.measure(inputs)?;
        Ok(walk)
    }

    /// Finds the depths as Keras does: a layer that is called twice is as deep as its deepest call.
    fn measure(&mut self, inputs: &[Tensor]) -> Result<()> {
        let mut depths: HashMap<usize, usize> = HashMap::new();
        self.step_depths = vec![0; self.steps.len()];
        for (k, step) in self.steps.iter().enumerate().rev() {
            let own = depths.get(&step.key()).copied().unwrap_or(0);
            let of_operation = self.depths.entry(step.operation()).or_insert(0);
            let depth = own.max(*of_operation);
            *of_operation = depth;
            self.step_depths[k] = depth;
            for tensor in step.needs() {
                if let Some(needed) = Step::of(tensor, inputs)? {
                    let slot = depths.entry(needed.key()).or_insert(0);
                    *slot = (depth + 1).max(*slot);
                }
            }
        }
        Ok(())
    }

    /// Whether the outputs need this input.
    pub(super) fn reaches(&self, input: &Tensor) -> bool {
        self.met.contains_key(&key(input))
    }

    /// The layers, deepest first; of equal depth, in the order in which they were met.
    pub(super) fn layers(&self, inputs: &[Tensor], own: &[Input]) -> Vec<Arc<dyn Layer>> {
        let mut found: Vec<(usize, usize, Arc<dyn Layer>)> = Vec::new();
        let mut seen: HashSet<usize> = HashSet::new();
        for step in &self.steps {
            let operation = step.operation();
            let layer = match step {
                Step::Input(tensor) => {
                    let place = inputs.iter().position(|i| key(i) == key(tensor));
                    place.map(|k| Arc::new(own[k].clone()) as Arc<dyn Layer>)
                }
                Step::Call(record) => layer_of(record),
            };
            if let (Some(layer), true) = (layer, seen.insert(operation)) {
                found.push((self.depths[&operation], self.met[&operation], layer));
            }
        }
        found.sort_by_key(|(depth, met, _)| (usize::MAX - depth, *met));
        found.into_iter().map(|(_, _, layer)| layer).collect()
    }

    /// Whether each step has one need at most, no two are equally deep, and no layer is called twice.
    pub(super) fn is_chain(&self) -> bool {
        let distinct: HashSet<usize> = self.step_depths.iter().copied().collect();
        let operations: HashSet<usize> = self.steps.iter().map(Step::operation).collect();
        distinct.len() == self.steps.len()
            && operations.len() == self.steps.len()
            && self.steps.iter().all(|step| step.needs().len() <= 1)
    }

    pub(super) fn into_calls(self) -> Vec<Arc<CallRecord>> {
        let call = |step: Step| match step {
            Step::Call(record) => Some(record),
            Step::Input(_) => None,
        };
        self.steps.into_iter().filter_map(call).collect()
    }
}
