//! What a legal graph is, as code: debug builds run it after each pass.

use crate::error::{Error, Result};
use crate::graph::infer::{infer_node, spec_of};
use crate::graph::op::Op;
use crate::graph::{Graph, NodeId, Spec};

/// Checks that the graph is legal:
///
/// 1. operands stand before their users;
/// 2. every node's shape and type are what inference says, or what the list of parameters or states says;
/// 3. outputs and updates name existing nodes, and an update has the shape and type of its state;
/// 4. no state is updated twice;
/// 5. only a [`Op::TupleElement`] uses a loop, and no loop is an output;
/// 6. the bodies of loops are legal.
///
/// # Errors
/// [`Error::Engine`] naming the first node that breaks a rule.
pub fn verify(graph: &Graph) -> Result<()> {
    for (id, node) in graph.nodes.iter().enumerate() {
        let fail = |expected: &str, got: String| {
            let error = Error::engine(
                format!("graph node %{id} ({})", node.op.name()),
                expected,
                got,
                "",
            );
            Err(match node.location {
                Some(at) => error.at(at),
                None => error,
            })
        };
        if let Some(late) = node.inputs.iter().find(|i| **i >= id) {
            return fail("operands that stand before it", format!("%{late}"));
        }
        let is_loop = |i: NodeId| matches!(graph.nodes[i].op, Op::Scan(_) | Op::While(_));
        let picks = matches!(node.op, Op::TupleElement(_));
        if node.inputs.iter().any(|i| is_loop(*i) != picks) {
            return fail(
                "loops to be used by tuple_element alone",
                format!("{:?}", node.inputs),
            );
        }
        let wanted = match &node.op {
            Op::Parameter(k) => graph.parameters.get(*k).cloned().ok_or("parameters"),
            Op::State(k) => graph.states.get(*k).cloned().ok_or("states"),
            op => Ok(infer_node(&graph.nodes, op, &node.inputs)?),
        };
        match wanted {
            Ok(spec) if spec == spec_of(node) => {}
            Ok(Spec { shape, dtype }) => {
                return fail(
                    &format!("{dtype} {shape}"),
                    format!("{} {}", node.dtype, node.shape),
                );
            }
            Err(list) => return fail(&format!("an entry in the list of {list}"), "none".into()),
        }
        match &node.op {
            Op::Scan(scan) => verify(&scan.body)?,
            Op::While(op) => verify(&op.condition).and_then(|()| verify(&op.body))?,
            _ => {}
        }
    }
    verify_ends(graph)
}

fn verify_ends(graph: &Graph) -> Result<()> {
    let fail = |expected: &str, got: String| Err(Error::engine("graph", expected, got, ""));
    for id in graph
        .outputs
        .iter()
        .chain(graph.updates.iter().map(|(_, id)| id))
    {
        match graph.nodes.get(*id) {
            None => return fail("outputs that are nodes", format!("%{id}")),
            Some(node) if matches!(node.op, Op::Scan(_) | Op::While(_)) => {
                return fail("outputs that are values", format!("the loop %{id}"));
            }
            Some(_) => {}
        }
    }
    for (k, (state, id)) in graph.updates.iter().enumerate() {
        if graph.updates[..k].iter().any(|(other, _)| other == state) {
            return fail("one update a state", format!("two of state {state}"));
        }
        if graph.states.get(*state) != Some(&spec_of(&graph.nodes[*id])) {
            return fail(
                "updates of their state's shape and type",
                format!("%{id} for {state}"),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::DType;
    use crate::graph::Node;
    use crate::graph::op::Unary;

    fn graph() -> Graph {
        let spec = Spec {
            shape: [2].into(),
            dtype: DType::F32,
        };
        let node = |op, inputs| Node {
            op,
            inputs,
            shape: [2].into(),
            dtype: DType::F32,
            location: None,
        };
        Graph {
            nodes: vec![
                node(Op::Parameter(0), vec![]),
                node(Op::Unary(Unary::Abs), vec![0]),
            ],
            parameters: vec![spec.clone()],
            states: vec![spec],
            outputs: vec![1],
            updates: vec![(0, 1)],
        }
    }

    #[test]
    fn a_legal_graph_passes() {
        assert_eq!(verify(&graph()), Ok(()));
    }

    #[test]
    fn each_broken_rule_is_named() {
        type Breakage = (fn(&mut Graph), &'static str);
        let breakages: [Breakage; 5] = [
            (|g| g.nodes[1].inputs = vec![1], "stand before"),
            (|g| g.nodes[1].shape = [3].into(), "float32 (2,)"),
            (|g| g.outputs = vec![7], "outputs that are nodes"),
            (|g| g.updates = vec![(0, 1), (0, 0)], "one update a state"),
            (|g| g.nodes[0].op = Op::Parameter(1), "list of parameters"),
        ];
        for (break_it, says) in breakages {
            let mut graph = graph();
            break_it(&mut graph);
            let error = verify(&graph).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
