//! Traced code without results: it only assigns.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::deferred::{Item, defer};
use crate::error::{Error, Result};
use crate::function::{is_tracing, trace};
use crate::graph::op::Op;
use crate::graph::{Graph, NodeId, Spec};
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Code that assigns to variables, traced once for inputs of certain shapes and types. A call outside a trace takes
/// effect at once as far as anyone can see; it is computed together with what its inputs are computed from, as one
/// program, when somebody looks at one of the variables.
///
/// # Example
/// ```
/// use hornblende_core::{Procedure, Tensor, Variable};
/// let total = Variable::new("total", Tensor::from(0.0f32))?;
/// let x = Tensor::from([1.0f32, 2.0]);
/// let add = Procedure::trace(&[x.spec().clone()], |x| total.assign_add(&x[0].sum(..)))?;
/// add.call(&[x.clone()])?;
/// add.call(&[x * 2.0])?;
/// assert_eq!(total.read().item::<f32>()?, 9.0);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
pub struct Procedure {
    id: u64,
    /// The parameters are the inputs and then the variables that are only read; the states are those that change.
    graph: Graph,
    read: Vec<Variable>,
    updated: Vec<Variable>,
}

impl Procedure {
    /// Traces the code.
    ///
    /// # Errors
    /// What `f` returns; see [`function::trace`](crate::function::trace).
    pub fn trace(inputs: &[Spec], f: impl FnOnce(&[Tensor]) -> Result<()>) -> Result<Arc<Self>> {
        let (graph, variables) = trace(inputs, |inputs| f(inputs).map(|()| Vec::new()))?;
        Ok(Arc::new(Self::new(graph, &variables)))
    }

    /// States that do not change become parameters: their values are those of the moment of the call.
    fn new(mut graph: Graph, variables: &[Variable]) -> Self {
        let is_updated = |state: usize| graph.updates.iter().any(|(updated, _)| *updated == state);
        let (mut read, mut updated) = (Vec::new(), Vec::new());
        let mut states = Vec::new();
        let becomes: Vec<Op> = (variables.iter().zip(&graph.states).enumerate())
            .map(|(state, (variable, spec))| {
                if is_updated(state) {
                    updated.push(variable.clone());
                    states.push(spec.clone());
                    return Op::State(updated.len() - 1);
                }
                read.push((variable.clone(), spec.clone()));
                Op::Parameter(graph.parameters.len() + read.len() - 1)
            })
            .collect();
        for node in &mut graph.nodes {
            if let Op::State(state) = node.op {
                node.op = becomes[state].clone();
            }
        }
        for (state, _) in &mut graph.updates {
            if let Op::State(renumbered) = becomes[*state] {
                *state = renumbered;
            }
        }
        let (read, specs): (Vec<Variable>, Vec<Spec>) = read.into_iter().unzip();
        graph.parameters.extend(specs);
        graph.states = states;
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            graph,
            read,
            updated,
        }
    }

    /// Calls the procedure, which must have been traced for inputs of these shapes and types.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] for other inputs; [`Error::InvalidArgument`] inside a trace, where the code itself is
    /// to be called; what an input carries.
    pub fn call(self: &Arc<Self>, inputs: &[Tensor]) -> Result<()> {
        if is_tracing() {
            return Err(Error::invalid_argument(
                "Procedure::call",
                "a call outside of a trace",
                "one inside",
                "Call the code itself, which then becomes part of that trace",
            ));
        }
        let wanted = &self.graph.parameters[..self.graph.parameters.len() - self.read.len()];
        let fits = inputs.iter().map(Tensor::spec).eq(wanted);
        if !fits {
            let list = |specs: Vec<&Spec>| {
                let specs: Vec<String> = specs.into_iter().map(ToString::to_string).collect();
                specs.join(", ")
            };
            let (wanted, got) = (wanted.iter(), inputs.iter().map(Tensor::spec));
            let (wanted, got) = (list(wanted.collect()), list(got.collect()));
            return Err(Error::shape_mismatch("Procedure::call", wanted, got, ""));
        }
        let mut operands = Vec::with_capacity(self.graph.parameters.len());
        for input in inputs {
            operands.push(input.check()?.clone());
        }
        for variable in &self.read {
            operands.push(Tensor::from(variable.value()));
        }
        defer(Item::Call(Arc::clone(self), operands))
    }

    /// A number, from 1, that no other procedure of this process has.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// The variables that a call changes.
    pub(crate) fn updated(&self) -> &[Variable] {
        &self.updated
    }

    /// Adds the code to a graph in which its parameters and states have these places and numbers.
    pub(crate) fn splice(&self, graph: &mut Graph, parameters: &[NodeId], states: &[usize]) {
        let mut places: Vec<NodeId> = Vec::with_capacity(self.graph.nodes.len());
        for node in &self.graph.nodes {
            let place = match node.op {
                Op::Parameter(number) => parameters[number],
                _ => {
                    let mut node = node.clone();
                    node.inputs
                        .iter_mut()
                        .for_each(|input| *input = places[*input]);
                    if let Op::State(state) = &mut node.op {
                        *state = states[*state];
                    }
                    graph.push(node)
                }
            };
            places.push(place);
        }
        for (state, id) in &self.graph.updates {
            graph.updates.push((states[*state], places[*id]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_sees_the_variables_of_its_moment_and_is_computed_when_somebody_looks() {
        let rate = Variable::new("rate", Tensor::from(0.5f32)).unwrap();
        let w = Variable::new("w", Tensor::from([1.0f32, 2.0])).unwrap();
        let step = Procedure::trace(&[w.spec().clone()], |g| {
            w.assign(&(w.read() - &g[0] * rate.read()))
        })
        .unwrap();
        let gradient = w.read() * 2.0;
        step.call(std::slice::from_ref(&gradient)).unwrap();
        rate.assign(&Tensor::from(100.0f32)).unwrap();
        assert!(gradient.0.value().is_none());
        assert_eq!(w.read().to_vec::<f32>().unwrap(), [0.0, 0.0]);
        assert_eq!(gradient.to_vec::<f32>().unwrap(), [2.0, 4.0]);
    }

    #[test]
    fn other_inputs_and_calls_in_a_trace_are_refused() {
        let w = Variable::new("w", Tensor::from([1.0f32])).unwrap();
        let step = Procedure::trace(&[w.spec().clone()], |x| w.assign(&x[0])).unwrap();
        let error = step.call(&[Tensor::from([1.0f32, 2.0])]).unwrap_err();
        let wanted = "Procedure::call: expected float32 (1,); got float32 (2,).";
        assert_eq!(error.to_string(), wanted);
        let traced = trace(&[w.spec().clone()], |x| step.call(x).map(|()| Vec::new()));
        assert!(traced.is_err());
    }
}
