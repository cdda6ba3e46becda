//! What becomes of each node: a leaf, a view, part of a fused kernel, or a unit of its own.
//!
//! Elementwise nodes of one shape are fused as long as no unit must run between them. That is told by
//! levels: a node's level is the largest of its operands', plus one for an operand that must be in
//! memory first. Nodes of one level and one shape cannot depend on each other through memory, so any
//! set of them may be one kernel.

use std::collections::HashMap;

use hornblende_core::graph::op::{Binary, Op, Unary};
use hornblende_core::graph::{Graph, NodeId};

use super::epilogue::{Contraction, contraction, users};
use super::view::View;

/// What a node is to the lowering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Parameter, state or constant: in memory before the run.
    Leaf,
    /// The same memory under another shape.
    Alias,
    /// Computed in the registers of a fused kernel.
    Elementwise,
    /// Cheap enough to be computed again by each kernel that needs it.
    Repeated,
    /// Closes a fused kernel.
    Reduce,
    /// A unit of its own.
    Heavy,
    /// Part of a contraction's epilogue: has no value of its own.
    Absorbed,
}

/// The classes, views and fused groups of a graph.
pub(crate) struct Analysis<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) users: Vec<Vec<NodeId>>,
    pub(crate) class: Vec<Class>,
    /// For contractions: by the node whose value they leave, the product and its epilogue.
    pub(crate) contractions: HashMap<NodeId, (NodeId, Contraction)>,
    /// Where the elements of leaves, aliases and everything in memory are; `value` is a node.
    pub(crate) views: Vec<Option<View>>,
    /// The group of each elementwise or reduce node: the smallest member's number.
    pub(crate) group: Vec<NodeId>,
}

impl<'g> Analysis<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Self {
        let n = graph.nodes.len();
        let users = users(graph);
        let mut analysis = Self {
            graph,
            class: graph.nodes.iter().map(|node| class_of(&node.op)).collect(),
            users,
            contractions: HashMap::new(),
            views: vec![None; n],
            group: (0..n).collect(),
        };
        analysis.find_contractions();
        let mut level = analysis.find_levels();
        analysis.find_repeated(&level);
        analysis.raise(&mut level);
        analysis.find_groups(&level);
        analysis
    }

    fn find_contractions(&mut self) {
        for id in 0..self.graph.nodes.len() {
            if matches!(
                self.graph.nodes[id].op,
                Op::DotGeneral(_) | Op::Convolution(_)
            ) {
                let found = contraction(self.graph, &self.users, id);
                let y = found.result;
                if found.relu {
                    let mask = self.graph.nodes[y].inputs[0];
                    let argument = self.graph.nodes[y].inputs[2];
                    self.class[mask] = Class::Absorbed;
                    self.class[argument] = Class::Absorbed;
                }
                self.class[id] = Class::Absorbed;
                self.class[y] = Class::Heavy;
                self.contractions.insert(y, (id, found));
            }
        }
    }

    /// Sets the views and finds for each elementwise or reduce node the level of its kernel.
    fn find_levels(&mut self) -> Vec<usize> {
        let n = self.graph.nodes.len();
        let mut level = vec![0; n];
        // The level from which on a node's value may be read from memory.
        let mut available = vec![0; n];
        for id in 0..n {
            let node = &self.graph.nodes[id];
            let dims = node.shape.dims();
            if self.class[id] == Class::Alias {
                let input = node.inputs[0];
                let from = self.graph.nodes[input].shape.dims();
                let view = self.views[input]
                    .as_ref()
                    .and_then(|v| v.after(&node.op, from, dims));
                match view {
                    Some(view) => self.views[id] = Some(view),
                    None => self.class[id] = Class::Heavy,
                }
                available[id] = available[input];
            }
            match self.class[id] {
                Class::Alias => {}
                Class::Leaf => self.views[id] = Some(View::whole(id, dims)),
                Class::Absorbed => {}
                Class::Heavy => {
                    let needs = self.unit_operands(id);
                    available[id] = needs.iter().map(|i| available[*i]).max().unwrap_or(0) + 1;
                    self.views[id] = Some(View::whole(id, dims));
                }
                Class::Elementwise | Class::Repeated | Class::Reduce => {
                    let at = |i: &NodeId| {
                        if self.joins(id, *i) {
                            level[*i]
                        } else {
                            available[*i]
                        }
                    };
                    level[id] = node.inputs.iter().map(at).max().unwrap_or(0);
                    available[id] = level[id] + 1;
                    self.views[id] = Some(View::whole(id, dims));
                }
            }
        }
        level
    }

    /// True if `user` can read `operand` from a register: both are in kernels over the same elements.
    pub(super) fn joins(&self, user: NodeId, operand: NodeId) -> bool {
        let same_elements = self.class[user] == Class::Reduce
            || self.graph.nodes[user].shape == self.graph.nodes[operand].shape;
        same_elements && matches!(self.class[operand], Class::Elementwise | Class::Repeated)
    }

    /// The nodes whose values a unit of its own reads: its operands, behind its epilogue if it has one.
    pub(crate) fn unit_operands(&self, id: NodeId) -> Vec<NodeId> {
        match self.contractions.get(&id) {
            Some((product, epilogue)) => {
                let mut operands = self.graph.nodes[*product].inputs.clone();
                operands.extend(epilogue.bias);
                operands
            }
            None => self.graph.nodes[id].inputs.clone(),
        }
    }

    /// The nodes whose values a unit of its own leaves: itself, or the results of a loop that are used.
    pub(crate) fn results(&self, id: NodeId) -> Vec<NodeId> {
        match self.graph.nodes[id].op {
            Op::Scan(_) | Op::While(_) => self.users[id]
                .iter()
                .copied()
                .filter(|u| *u != usize::MAX)
                .collect(),
            _ => vec![id],
        }
    }

    /// Nodes that later kernels compute again: cheap, of at most one operand in memory that is there
    /// anyway, and used in no kernel that could have them in a register.
    fn find_repeated(&mut self, level: &[usize]) {
        for id in 0..self.graph.nodes.len() {
            if self.class[id] != Class::Elementwise || !is_cheap(&self.graph.nodes[id].op) {
                continue;
            }
            let operands = self.memory_operands(id);
            let there_anyway = |i: &NodeId| {
                !matches!(self.class[*i], Class::Elementwise) || self.is_needed_in_memory(*i)
            };
            let later = |u: &NodeId| {
                let in_kernel = self.graph.nodes.get(*u).is_some_and(|node| {
                    matches!(
                        self.class[*u],
                        Class::Elementwise | Class::Repeated | Class::Reduce
                    ) && (self.class[*u] == Class::Reduce
                        || node.shape == self.graph.nodes[id].shape)
                });
                in_kernel && level[*u] > level[id]
            };
            let all_later = self.users[id].iter().all(later);
            if operands.len() <= 1 && operands.iter().all(there_anyway) && all_later {
                self.class[id] = Class::Repeated;
            }
        }
    }

    /// True if something other than a kernel over the same elements reads this elementwise node.
    fn is_needed_in_memory(&self, id: NodeId) -> bool {
        let outside = |u: &NodeId| {
            *u == usize::MAX
                || matches!(
                    self.class[*u],
                    Class::Alias | Class::Heavy | Class::Absorbed
                )
        };
        self.users[id].iter().any(outside)
    }

    /// What computing a node anew reads from memory; constants and positions are free.
    fn memory_operands(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut stack = self.graph.nodes[id].inputs.clone();
        while let Some(next) = stack.pop() {
            if self.constant_scalar(next).is_some() {
                continue;
            }
            match self.class[next] {
                Class::Repeated => stack.extend(&self.graph.nodes[next].inputs),
                _ if found.contains(&next) => {}
                _ => found.push(next),
            }
        }
        found
    }

    /// The number that every element is, as the constant node that holds it.
    pub(crate) fn constant_scalar(&self, id: NodeId) -> Option<NodeId> {
        match &self.graph.nodes[id].op {
            Op::Constant(value) if value.len() == 1 => Some(id),
            Op::BroadcastInDim { .. } | Op::Reshape(_) | Op::StopGradient => {
                self.constant_scalar(self.graph.nodes[id].inputs[0])
            }
            _ => None,
        }
    }

    /// Joins nodes of one level and shape that are connected, directly or by a value that both read.
    fn find_groups(&mut self, level: &[usize]) {
        let mut readers: HashMap<(usize, &[usize], NodeId), NodeId> = HashMap::new();
        for id in 0..self.graph.nodes.len() {
            if !matches!(self.class[id], Class::Elementwise | Class::Reduce) {
                continue;
            }
            let node = &self.graph.nodes[id];
            for input in &node.inputs {
                if self.class[*input] == Class::Elementwise
                    && self.joins(id, *input)
                    && level[*input] == level[id]
                {
                    union(&mut self.group, id, *input);
                    continue;
                }
                let Some(view) = &self.views[*input] else {
                    continue;
                };
                let root = view.value;
                if self.graph.nodes[root].shape.len() > 1 {
                    let domain = domain(self.graph, id);
                    match readers.entry((level[id], domain, root)) {
                        std::collections::hash_map::Entry::Occupied(other) => {
                            union(&mut self.group, id, *other.get());
                        }
                        std::collections::hash_map::Entry::Vacant(place) => {
                            place.insert(id);
                        }
                    }
                }
            }
        }
        for id in 0..self.group.len() {
            self.group[id] = find(&self.group, id);
        }
    }
}

/// The shape over which the kernel of an elementwise or reduce node runs.
pub(crate) fn domain(graph: &Graph, id: NodeId) -> &[usize] {
    let node = &graph.nodes[id];
    match node.op {
        Op::Reduce { .. } => graph.nodes[node.inputs[0]].shape.dims(),
        _ => node.shape.dims(),
    }
}

fn class_of(op: &Op) -> Class {
    match op {
        Op::Parameter(_) | Op::State(_) | Op::Constant(_) => Class::Leaf,
        Op::StopGradient
        | Op::Reshape(_)
        | Op::BroadcastInDim { .. }
        | Op::Transpose(_)
        | Op::Slice { .. }
        | Op::Reverse(_) => Class::Alias,
        Op::Iota { .. } => Class::Repeated,
        Op::Unary(_) | Op::Binary(_) | Op::Compare(_) | Op::Select | Op::Convert(_) => {
            Class::Elementwise
        }
        Op::Reduce { .. } => Class::Reduce,
        _ => Class::Heavy,
    }
}

/// Operations that cost about as much as reading their operand.
fn is_cheap(op: &Op) -> bool {
    match op {
        Op::Compare(_) | Op::Select | Op::Convert(_) | Op::Iota { .. } => true,
        Op::Unary(u) => matches!(
            u,
            Unary::Abs | Unary::Negate | Unary::Sign | Unary::Not | Unary::IsFinite
        ),
        Op::Binary(b) => matches!(
            b,
            Binary::Add
                | Binary::Subtract
                | Binary::Multiply
                | Binary::Maximum
                | Binary::Minimum
                | Binary::And
                | Binary::Or
                | Binary::Xor
        ),
        _ => false,
    }
}

fn find(parent: &[NodeId], mut id: NodeId) -> NodeId {
    while parent[id] != id {
        id = parent[id];
    }
    id
}

fn union(parent: &mut [NodeId], a: NodeId, b: NodeId) {
    let (a, b) = (find(parent, a), find(parent, b));
    parent[a.max(b)] = a.min(b);
}
