//! From the lazy graph of tensors to a [`Graph`].

use crate::hash::QuickMap;

use crate::error::{Error, Result};
use crate::graph::op::Op;
use crate::graph::{Graph, Node, NodeId};
use crate::tensor::{Kind, Tensor};
use crate::value::Value;
use crate::variable::Variable;

/// What a leaf tensor that is no placeholder becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// Known values, read variables among them, become parameters: programs of one structure are one
    /// program, whatever the numbers. Computed tensors whose value is known count as leaves.
    Parameters,
    /// Values become constants of the program, variables its states.
    Constants,
}

/// A graph with what its parameters and states stand for.
pub(crate) struct Lowered {
    pub(crate) graph: Graph,
    /// Values of the parameters after the placeholders ([`Leaves::Parameters`] only).
    pub(crate) captured: Vec<Value>,
    /// What [`Op::State`] counts.
    pub(crate) variables: Vec<Variable>,
}

/// The graph that computes `outputs` and `updates` from `placeholders`.
pub(crate) fn lower(
    placeholders: &[Tensor],
    outputs: &[Tensor],
    updates: &[(Variable, Tensor)],
    leaves: Leaves,
) -> Result<Lowered> {
    let mut lowering = Lowering {
        graph: Graph::default(),
        captured: Vec::new(),
        variables: Vec::new(),
        places: QuickMap::default(),
        leaves,
    };
    for placeholder in placeholders {
        let id = lowering.parameter(placeholder);
        lowering.places.insert(placeholder.address(), id);
    }
    for output in outputs {
        let id = lowering.place(output)?;
        lowering.graph.outputs.push(id);
    }
    for (variable, value) in updates {
        let id = lowering.place(value)?;
        let state = lowering.state(variable);
        lowering.graph.updates.push((state, id));
    }
    let Lowering {
        graph,
        captured,
        variables,
        ..
    } = lowering;
    Ok(Lowered {
        graph,
        captured,
        variables,
    })
}

struct Lowering {
    graph: Graph,
    captured: Vec<Value>,
    variables: Vec<Variable>,
    places: QuickMap<usize, NodeId>,
    leaves: Leaves,
}

impl Lowering {
    /// The node of a tensor, after those of everything it needs; without recursion, since graphs may be
    /// deeper than the stack.
    fn place(&mut self, tensor: &Tensor) -> Result<NodeId> {
        let mut stack = vec![tensor];
        while let Some(top) = stack.last().copied() {
            if self.places.contains_key(&top.address()) {
                stack.pop();
                continue;
            }
            let known = self.leaves == Leaves::Parameters && top.0.value().is_some();
            let operands = if known { &[] } else { top.0.inputs() };
            let before = stack.len();
            let missing = |i: &&Tensor| !self.places.contains_key(&i.address());
            stack.extend(operands.iter().filter(missing));
            if stack.len() == before {
                let id = self.node(top)?;
                self.places.insert(top.address(), id);
                stack.pop();
            }
        }
        Ok(self.places[&tensor.address()])
    }

    fn node(&mut self, tensor: &Tensor) -> Result<NodeId> {
        let node = &*tensor.0;
        let captures = self.leaves == Leaves::Parameters && !matches!(node.kind, Kind::Constant(_));
        if let (true, Some(value)) = (captures, node.value()) {
            self.captured.push(value.clone());
            return Ok(self.parameter(tensor));
        }
        match &node.kind {
            Kind::Op { op, inputs } => {
                let inputs = inputs.iter().map(|i| self.places[&i.address()]).collect();
                Ok(self.push(op.clone(), inputs, tensor))
            }
            Kind::Constant(value) => Ok(self.push(Op::Constant(value.clone()), Vec::new(), tensor)),
            Kind::Value => match node.value() {
                Some(value) => Ok(self.push(Op::Constant(value.clone()), Vec::new(), tensor)),
                None => Err(Error::engine("a tensor", "a value", "none", "")),
            },
            Kind::Read(variable) if self.leaves == Leaves::Parameters => {
                Err(Error::invalid_argument(
                    "eval",
                    "a tensor whose value can be computed",
                    format!(
                        "a read of variable \"{}\" that is being traced",
                        variable.name()
                    ),
                    "Values are known only when the program runs; return the tensor instead",
                ))
            }
            Kind::Read(variable) => {
                let state = self.state(variable);
                Ok(self.push(Op::State(state), Vec::new(), tensor))
            }
            Kind::Invalid(error) => Err((**error).clone()),
            Kind::Placeholder => Err(Error::invalid_argument(
                "eval",
                "a tensor whose value can be computed",
                "an input of a function or layer that is being traced",
                "Values are known only when the program runs; return the tensor instead",
            )),
            Kind::Symbolic(_) => Err(Error::invalid_argument(
                "eval",
                "a tensor whose value can be computed",
                format!("a symbolic tensor of shape {}", tensor.shape()),
                "Build a Model from it and call predict",
            )),
        }
    }

    fn parameter(&mut self, tensor: &Tensor) -> NodeId {
        self.graph.parameters.push(tensor.spec().clone());
        let number = self.graph.parameters.len() - 1;
        self.push(Op::Parameter(number), Vec::new(), tensor)
    }

    fn state(&mut self, variable: &Variable) -> usize {
        if let Some(known) = self.variables.iter().position(|v| v == variable) {
            return known;
        }
        self.graph.states.push(variable.spec().clone());
        self.variables.push(variable.clone());
        self.variables.len() - 1
    }

    fn push(&mut self, op: Op, inputs: Vec<NodeId>, tensor: &Tensor) -> NodeId {
        let spec = tensor.spec().clone();
        let location = tensor.0.location;
        self.graph.push(Node {
            op,
            inputs,
            shape: spec.shape,
            dtype: spec.dtype,
            location,
        })
    }
}
