//! Common subexpressions.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::graph::op::Op;
use crate::graph::{Graph, Node, NodeId};
use crate::passes::rebuild::rebuild;

/// How many elements of a constant go into its hash. Equal hashes are checked element by element.
const HASHED_ELEMENTS: usize = 8;

/// Computes equal operations on equal operands once.
///
/// Constants are equal if their bits are: 0.0 and -0.0 stay apart. Random bits are a function of their
/// key like any other, and states are read when a run begins, so both can be shared.
#[must_use]
pub fn common_subexpressions(graph: &Graph) -> Graph {
    let mut seen: HashMap<u64, Vec<NodeId>> = HashMap::new();
    rebuild(graph, |new, node| {
        let alike = seen.entry(hash(&node)).or_default();
        if let Some(id) = alike.iter().find(|id| new.nodes[**id].is_same(&node)) {
            return *id;
        }
        let id = new.push(node);
        alike.push(id);
        id
    })
}

fn hash(node: &Node) -> u64 {
    let mut hasher = DefaultHasher::new();
    node.op.name().hash(&mut hasher);
    node.inputs.hash(&mut hasher);
    node.shape.hash(&mut hasher);
    node.dtype.hash(&mut hasher);
    if let Op::Constant(value) = &node.op {
        for k in 0..value.len().min(HASHED_ELEMENTS) {
            value.get_f64(k).to_bits().hash(&mut hasher);
        }
    }
    hasher.finish()
}
