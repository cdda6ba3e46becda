//! Rewriting a graph node by node.

use crate::graph::{Graph, Node, NodeId};

/// Builds the graph anew. `rule` gets the new graph so far and each node in turn, its operands already
/// renumbered; it returns the node of the new graph that stands for it, which it may have to push.
pub(super) fn rebuild(graph: &Graph, mut rule: impl FnMut(&mut Graph, Node) -> NodeId) -> Graph {
    let mut new = Graph {
        nodes: Vec::with_capacity(graph.nodes.len()),
        parameters: graph.parameters.clone(),
        states: graph.states.clone(),
        outputs: Vec::new(),
        updates: Vec::new(),
    };
    let mut place: Vec<NodeId> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let inputs = node.inputs.iter().map(|id| place[*id]).collect();
        let node = Node {
            inputs,
            ..node.clone()
        };
        place.push(rule(&mut new, node));
    }
    new.outputs = graph.outputs.iter().map(|id| place[*id]).collect();
    let update = |(state, id): &(usize, NodeId)| (*state, place[*id]);
    new.updates = graph.updates.iter().map(update).collect();
    new
}
