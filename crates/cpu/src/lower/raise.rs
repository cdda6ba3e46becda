//! Nodes that could be computed early and are needed late move to where they are needed.
//!
//! Levels as they are found are the earliest. A node that only kernels of a later level read, such as the decay
//! of a weight, which waits for nothing, beside its update, which waits for the gradient, would be a kernel of
//! its own whose value waits in memory.

use hornblende_core::graph::NodeId;

use super::analysis::{Analysis, Class};

impl Analysis<'_> {
    /// Raises the level of each node that only later kernels over the same elements read to the lowest level of
    /// those, unless more would have to be kept in memory until then.
    ///
    /// Every user's level stays at least that of its operand, so what is true of the earliest levels stays true.
    pub(super) fn raise(&self, level: &mut [usize]) {
        // Users come before operands: a chain moves as a whole.
        for id in (0..self.graph.nodes.len()).rev() {
            if self.class[id] != Class::Elementwise || !self.is_read_from_registers(id) {
                continue;
            }
            let lowest = self.users[id].iter().map(|u| level[*u]).min();
            if let Some(lowest) = lowest.filter(|l| *l > level[id])
                && self.bytes_kept_for(id) <= self.bytes(id)
            {
                level[id] = lowest;
            }
        }
    }

    /// True if all users are kernels over the same elements.
    fn is_read_from_registers(&self, id: NodeId) -> bool {
        self.users[id].iter().all(|u| {
            let in_kernel = |u: NodeId| {
                matches!(
                    self.class[u],
                    Class::Elementwise | Class::Repeated | Class::Reduce
                )
            };
            *u != usize::MAX && in_kernel(*u) && self.joins(*u, id)
        })
    }

    /// The size of the values that must stay in memory for a node to be computed later; what is there before the
    /// run stays anyway.
    fn bytes_kept_for(&self, id: NodeId) -> usize {
        let mut values: Vec<NodeId> = self.graph.nodes[id]
            .inputs
            .iter()
            .map(|input| self.views[*input].as_ref().map_or(*input, |v| v.value))
            .filter(|value| self.class[*value] != Class::Leaf)
            .collect();
        values.sort_unstable();
        values.dedup();
        values.into_iter().map(|value| self.bytes(value)).sum()
    }

    fn bytes(&self, id: NodeId) -> usize {
        let node = &self.graph.nodes[id];
        node.shape.len() * node.dtype.size()
    }
}
