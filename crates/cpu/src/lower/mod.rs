//! Lowering: from a graph to a program.

mod analysis;
mod assembly;
mod contract;
mod depthwise;
mod epilogue;
mod kernels;
mod loops;
mod native;
mod raise;
mod relu;
mod rows;
mod single;
mod units;
mod view;

use hornblende_core::Result;
use hornblende_core::graph::op::Op;
use hornblende_core::graph::{Graph, Node};

use crate::Pool;
use crate::program::{Code, Program};

/// Compiles a graph for this pool.
///
/// # Errors
/// [`hornblende_core::Error::Engine`] for what the engine cannot compute.
pub(crate) fn compile(graph: &Graph, pool: &'static Pool) -> Result<Program> {
    Ok(Program::new(graph, code(graph, pool)?))
}

/// The code of a graph, which may be the body of a loop.
///
/// # Errors
/// As [`compile`].
pub(crate) fn code(graph: &Graph, pool: &'static Pool) -> Result<Code> {
    let graph = depthwise::repeat_channels(relu::share_relu_masks(graph))?;
    let graph = give_updates_values(&graph);
    debug_assert_eq!(hornblende_core::graph::verify::verify(&graph), Ok(()));
    let analysis = analysis::Analysis::new(&graph);
    let schedule = units::schedule(&analysis);
    assembly::assemble(&analysis, &schedule, pool)
}

/// Gives each state that becomes a copy of something that is in memory before the run a value of its own.
///
/// Two states that are exchanged could otherwise not be ordered.
fn give_updates_values(graph: &Graph) -> Graph {
    let mut graph = graph.clone();
    for k in 0..graph.updates.len() {
        let (state, id) = graph.updates[k];
        let node = &graph.nodes[id];
        let is_its_own = node.op == Op::State(state);
        if !is_its_own && !is_fresh(&graph, id) && node.shape.rank() > 0 {
            let copy = Node {
                op: Op::Concatenate(0),
                inputs: vec![id],
                ..node.clone()
            };
            graph.updates[k].1 = graph.push(copy);
        } else if !is_its_own && !is_fresh(&graph, id) {
            // A scalar has no axis to join along; selecting it unconditionally copies it.
            let always = graph.push(Node {
                op: Op::Constant(hornblende_core::Value::scalar(true)),
                inputs: Vec::new(),
                shape: hornblende_core::Shape::scalar(),
                dtype: hornblende_core::DType::Bool,
                location: None,
            });
            let node = graph.nodes[id].clone();
            let copy = Node {
                op: Op::Select,
                inputs: vec![always, id, id],
                ..node
            };
            graph.updates[k].1 = graph.push(copy);
        }
    }
    graph
}

/// True if the node's value is computed by the run.
fn is_fresh(graph: &Graph, id: usize) -> bool {
    match &graph.nodes[id].op {
        Op::Parameter(_) | Op::State(_) | Op::Constant(_) => false,
        Op::StopGradient
        | Op::Reshape(_)
        | Op::BroadcastInDim { .. }
        | Op::Transpose(_)
        | Op::Slice { .. }
        | Op::Reverse(_) => is_fresh(graph, graph.nodes[id].inputs[0]),
        _ => true,
    }
}
