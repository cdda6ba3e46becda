//! The graph: a list of primitive operations in an order that can be run.

pub mod infer;
pub mod op;
pub mod verify;

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::Location;

use crate::dtype::DType;
use crate::elements::Elements;
use crate::error::Result;
use crate::shape::Shape;
use op::Op;

/// The place of a node in [`Graph::nodes`].
pub type NodeId = usize;

/// One operation of a graph with its operands and what it gives.
#[derive(Debug, Clone)]
pub struct Node {
    /// What is done.
    pub op: Op,
    /// The operands: nodes that stand before this one.
    pub inputs: Vec<NodeId>,
    /// The shape of the result.
    pub shape: Shape,
    /// The element type of the result.
    pub dtype: DType,
    /// The user's line that asked for it.
    pub location: Option<&'static Location<'static>>,
}

impl Node {
    /// Whether both do the same with the same operands; the user's line does not count.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.op == other.op
            && self.inputs == other.inputs
            && self.shape == other.shape
            && self.dtype == other.dtype
    }
}

/// The shape and element type of an input, an output or a state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spec {
    /// The sizes.
    pub shape: Shape,
    /// The element type.
    pub dtype: DType,
}

/// As `float32 (2, 3)`.
impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.dtype, self.shape)
    }
}

/// A program without control flow: nodes in an order that can be run, operands before users.
///
/// A run reads parameters and states, gives the outputs, and then sets each state in `updates` to
/// the value of its node. What a legal graph is, [`verify::verify`] says.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// The operations.
    pub nodes: Vec<Node>,
    /// What [`Op::Parameter`] counts.
    pub parameters: Vec<Spec>,
    /// What [`Op::State`] counts.
    pub states: Vec<Spec>,
    /// The results of a run.
    pub outputs: Vec<NodeId>,
    /// The states that a run changes, each at most once, with the node of its next value.
    pub updates: Vec<(usize, NodeId)>,
}

impl Graph {
    /// Appends a node and returns its place.
    pub fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Appends an operation on nodes of this graph, with the shape and type that inference says.
    ///
    /// # Errors
    /// As [`infer::infer`]. Parameters and states are not inferred and are refused.
    pub fn apply(&mut self, op: Op, inputs: &[NodeId]) -> Result<NodeId> {
        let spec = infer::infer_node(&self.nodes, &op, inputs)?;
        Ok(self.push(Node {
            op,
            inputs: inputs.to_vec(),
            shape: spec.shape,
            dtype: spec.dtype,
            location: None,
        }))
    }

    /// The number that all elements of a node are known to be: looks through broadcasts and reshapes of
    /// constants. `None` for a constant without elements and for an `I64` that `f64` cannot hold.
    #[must_use]
    pub fn constant_scalar(&self, id: NodeId) -> Option<f64> {
        let node = &self.nodes[id];
        match &node.op {
            Op::BroadcastInDim { .. } | Op::Reshape(_) => self.constant_scalar(node.inputs[0]),
            Op::Constant(value) if !value.is_empty() => {
                let first = value.get_f64(0);
                let same = |k: usize| value.get_f64(k).to_bits() == first.to_bits();
                let is_exact = match value.elements() {
                    Elements::I64(_) => first.abs() < 9_007_199_254_740_992.0,
                    _ => true,
                };
                (is_exact && (1..value.len()).all(same)).then_some(first)
            }
            _ => None,
        }
    }

    /// How often each node is used, by other nodes, as an output and as an update.
    #[must_use]
    pub fn use_counts(&self) -> Vec<usize> {
        let mut uses = vec![0; self.nodes.len()];
        let operands = self.nodes.iter().flat_map(|n| n.inputs.iter());
        for id in operands
            .chain(&self.outputs)
            .chain(self.updates.iter().map(|(_, id)| id))
        {
            uses[*id] += 1;
        }
        uses
    }

    /// Rebuilds the graph: `keep` says which nodes stay, `map` which node stands for another one
    /// (chains are followed). Operands, outputs and updates are renumbered.
    #[must_use]
    pub fn renumber(&self, keep: &[bool], stands_for: &HashMap<NodeId, NodeId>) -> Self {
        let resolve = |mut id: NodeId| {
            while let Some(next) = stands_for.get(&id) {
                id = *next;
            }
            id
        };
        let mut place = vec![usize::MAX; self.nodes.len()];
        let mut graph = Self {
            nodes: Vec::with_capacity(self.nodes.len()),
            parameters: self.parameters.clone(),
            states: self.states.clone(),
            outputs: Vec::new(),
            updates: Vec::new(),
        };
        for (id, node) in self.nodes.iter().enumerate() {
            if keep[id] && !stands_for.contains_key(&id) {
                let inputs = node.inputs.iter().map(|i| place[resolve(*i)]).collect();
                place[id] = graph.push(Node {
                    inputs,
                    ..node.clone()
                });
            }
        }
        graph.outputs = self.outputs.iter().map(|id| place[resolve(*id)]).collect();
        graph.updates = self
            .updates
            .iter()
            .map(|(s, id)| (*s, place[resolve(*id)]))
            .collect();
        graph
    }
}

/// Two graphs are equal if they compute the same in the same way; source locations do not count.
impl PartialEq for Graph {
    fn eq(&self, other: &Self) -> bool {
        self.parameters == other.parameters
            && self.states == other.states
            && self.outputs == other.outputs
            && self.updates == other.updates
            && self.nodes.len() == other.nodes.len()
            && (self.nodes.iter().zip(&other.nodes)).all(|(a, b)| a.is_same(b))
    }
}

impl Eq for Graph {}

impl Hash for Graph {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parameters.hash(state);
        self.states.hash(state);
        self.outputs.hash(state);
        self.updates.hash(state);
        for node in &self.nodes {
            node.op.hash(state);
            node.inputs.hash(state);
            node.shape.hash(state);
            node.dtype.hash(state);
        }
    }
}

/// One line a node: `%3 = dot_general(%1, %2) : float32 (64, 10)`.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, node) in self.nodes.iter().enumerate() {
            write!(f, "%{id} = {}", node.op.name())?;
            match &node.op {
                Op::Parameter(k) | Op::State(k) | Op::TupleElement(k) => write!(f, "[{k}]")?,
                Op::Constant(value) => write!(f, " {value:?}")?,
                Op::Reduce { kind, axes } => write!(f, "[{kind:?} {axes:?}]")?,
                Op::Transpose(permutation) => write!(f, "{permutation:?}")?,
                Op::BroadcastInDim { axes, .. } => write!(f, "{axes:?}")?,
                Op::Compare(comparison) => write!(f, "[{comparison:?}]")?,
                _ => {}
            }
            let inputs: Vec<String> = node.inputs.iter().map(|i| format!("%{i}")).collect();
            writeln!(f, "({}) : {} {}", inputs.join(", "), node.dtype, node.shape)?;
        }
        let ids = |ids: &[NodeId]| {
            ids.iter()
                .map(|id| format!("%{id}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        writeln!(f, "return {}", ids(&self.outputs))?;
        for (state, id) in &self.updates {
            writeln!(f, "state[{state}] = %{id}")?;
        }
        Ok(())
    }
}
