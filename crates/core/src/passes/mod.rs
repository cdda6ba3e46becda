//! Passes: each takes a legal graph and gives a smaller or cheaper one that computes the same bits.
//!
//! "The same" holds for infinities, NaN (up to its payload), signed zeros and integers that wrap: a rule
//! that is right only for ordinary numbers has no place here.

mod common_subexpressions;
mod dead_code;
mod fold_constants;
mod merge_loops;
mod rebuild;
mod simplify;

use std::sync::Arc;

pub use common_subexpressions::common_subexpressions;
pub use dead_code::dead_code;
pub use fold_constants::fold_constants;
pub use merge_loops::merge_loops;
pub use simplify::simplify;

use crate::graph::Graph;
use crate::graph::op::{Op, Scan, While};
use crate::graph::verify::verify;

/// The passes of a round, in order. Dead code goes first, so that nothing is spent on it, and last, to
/// sweep up after the others.
const PASSES: [fn(&Graph) -> Graph; 5] = [
    dead_code,
    simplify,
    fold_constants,
    common_subexpressions,
    dead_code,
];

/// Rounds after which the result is taken as it is. Two or three are enough for ordinary graphs; each
/// further one follows a chain in which one rule makes way for the next.
const MOST_ROUNDS: usize = 16;

/// All passes, again and again until nothing changes, in the graph and in the bodies of its loops.
///
/// Gradients are taken before: a stop of gradients has done its work by now and vanishes. A graph that is
/// not legal comes back as it is, for the engine to refuse.
#[must_use]
pub fn optimize(graph: &Graph) -> Graph {
    if verify(graph).is_err() {
        return graph.clone();
    }
    let mut current = with_optimized_bodies(merge_loops(graph));
    for _ in 0..MOST_ROUNDS {
        let next = PASSES.iter().fold(current.clone(), |graph, pass| {
            let graph = pass(&graph);
            debug_assert_eq!(verify(&graph), Ok(()), "a pass broke the graph\n{graph}");
            graph
        });
        if next == current {
            break;
        }
        current = next;
    }
    current
}

fn with_optimized_bodies(mut graph: Graph) -> Graph {
    for node in &mut graph.nodes {
        match &mut node.op {
            Op::Scan(Scan { body, .. }) => *body = Arc::new(optimize(body)),
            Op::While(While { condition, body }) => {
                *condition = Arc::new(optimize(condition));
                *body = Arc::new(optimize(body));
            }
            _ => {}
        }
    }
    graph
}

#[cfg(test)]
mod tests;
