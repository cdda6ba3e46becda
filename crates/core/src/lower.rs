//! From the lazy graph of tensors to a [`Graph`].

use crate::deferred::Item;
use crate::error::{Error, Result};
use crate::graph::op::Op;
use crate::graph::{Graph, Node, NodeId};
use crate::hash::QuickMap;
use crate::order::Order;
use crate::signature::{replaced_state, replaced_states};
use crate::tensor::{Kind, Tensor};
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

impl Leaves {
    /// The operands of a tensor, of which a leaf has none.
    pub(crate) fn operands(self, tensor: &Tensor) -> &[Tensor] {
        match self {
            Self::Parameters if tensor.0.value().is_some() => &[],
            _ => tensor.0.inputs(),
        }
    }
}

/// A graph with what its states stand for.
pub(crate) struct Lowered {
    pub(crate) graph: Graph,
    /// What [`Op::State`] counts.
    pub(crate) variables: Vec<Variable>,
}

/// What computes `outputs` and `items`, behind which these nodes are. The variables that the items change are states, so
/// that they are changed in place, in the order of the items; everything else that is known is a parameter, in the order
/// of the nodes.
///
/// # Errors
/// If a node cannot be computed.
pub(crate) fn lower_evaluation(
    order: &Order<'_>,
    outputs: &[Tensor],
    items: &[Item],
) -> Result<Graph> {
    let mut lowering = Lowering::new(Leaves::Parameters);
    lowering.replaced = replaced_states(items);
    for variable in items.iter().flat_map(Item::updated) {
        lowering.state(variable);
    }
    lowering.all(order)?;
    for output in outputs {
        let id = lowering.place(output)?;
        lowering.graph.outputs.push(id);
    }
    for item in items {
        let operands = item.operands().iter().map(|tensor| lowering.place(tensor));
        let operands = operands.collect::<Result<Vec<NodeId>>>()?;
        let states = item.updated().iter().map(|v| lowering.replaced[&v.id()]);
        match item {
            Item::Assign(..) => lowering.graph.updates.extend(states.zip(operands)),
            Item::Call(procedure, _) => {
                let states: Vec<usize> = states.collect();
                procedure.splice(&mut lowering.graph, &operands, &states);
            }
        }
    }
    Ok(lowering.graph)
}

/// The graph that computes `outputs` and `updates` from `placeholders`.
pub(crate) fn lower(
    placeholders: &[Tensor],
    outputs: &[Tensor],
    updates: &[(Variable, Tensor)],
) -> Result<Lowered> {
    let mut lowering = Lowering::new(Leaves::Constants);
    for placeholder in placeholders {
        let id = lowering.parameter(placeholder);
        lowering.places.insert(placeholder.address(), id);
    }
    let values = updates.iter().map(|(_, value)| value);
    // What stands for a parameter may be computed from something: that is not part of this graph.
    let is_placed = |tensor: &Tensor| lowering.places.contains_key(&tensor.address());
    let order = Order::new(outputs.iter().chain(values), |tensor| {
        match is_placed(tensor) {
            true => &[],
            false => tensor.0.inputs(),
        }
    });
    lowering.all(&order)?;
    for output in outputs {
        let id = lowering.place(output)?;
        lowering.graph.outputs.push(id);
    }
    for (variable, value) in updates {
        let id = lowering.place(value)?;
        let state = lowering.state(variable);
        lowering.graph.updates.push((state, id));
    }
    Ok(Lowered {
        graph: lowering.graph,
        variables: lowering.variables,
    })
}

struct Lowering {
    graph: Graph,
    variables: Vec<Variable>,
    places: QuickMap<usize, NodeId>,
    /// The variables that what is lowered changes, with their states' numbers ([`Leaves::Parameters`] only).
    replaced: QuickMap<u64, usize>,
    leaves: Leaves,
}

impl Lowering {
    fn new(leaves: Leaves) -> Self {
        Self {
            graph: Graph::default(),
            variables: Vec::new(),
            places: QuickMap::default(),
            replaced: QuickMap::default(),
            leaves,
        }
    }

    /// Places all nodes, but for the placeholders that have their places.
    fn all(&mut self, order: &Order<'_>) -> Result<()> {
        for node in order.nodes() {
            let tensor = node.tensor;
            if !self.places.contains_key(&tensor.address()) {
                let id = self.node(tensor)?;
                self.places.insert(tensor.address(), id);
            }
        }
        Ok(())
    }

    fn place(&self, tensor: &Tensor) -> Result<NodeId> {
        let place = self.places.get(&tensor.address()).copied();
        place.ok_or_else(|| Error::engine("a tensor", "a place in the graph", "none", ""))
    }

    fn node(&mut self, tensor: &Tensor) -> Result<NodeId> {
        let node = &*tensor.0;
        let captures = self.leaves == Leaves::Parameters && !matches!(node.kind, Kind::Constant(_));
        if let (true, Some(value)) = (captures, node.value()) {
            if let Some(state) = replaced_state(&node.kind, value, &self.replaced) {
                return Ok(self.push(Op::State(state), Vec::new(), tensor));
            }
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
