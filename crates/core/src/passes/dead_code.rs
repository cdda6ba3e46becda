//! Dead code.

use std::collections::HashMap;

use crate::graph::Graph;

/// Drops the nodes that no output and no update needs.
///
/// The lists of parameters and states stay as they are, since callers count along them.
#[must_use]
pub fn dead_code(graph: &Graph) -> Graph {
    let mut needed = vec![false; graph.nodes.len()];
    let ends = graph
        .outputs
        .iter()
        .chain(graph.updates.iter().map(|(_, id)| id));
    ends.for_each(|id| needed[*id] = true);
    // Operands stand before their users, so that one walk from the end sees every user first.
    for (id, node) in graph.nodes.iter().enumerate().rev() {
        if needed[id] {
            node.inputs.iter().for_each(|input| needed[*input] = true);
        }
    }
    graph.renumber(&needed, &HashMap::new())
}
