//! Loops that differ in their outputs only.

use std::collections::HashMap;

use crate::graph::op::{Op, Scan};
use crate::graph::{Graph, Node, NodeId};
use crate::passes::rebuild::rebuild;

/// Runs scans over the same operands once that differ only in that one has further outputs: the gradient of a scan
/// makes such a one, which hands out what the backward loop needs.
///
/// To be run before the bodies are optimised, which may make them differ.
#[must_use]
pub fn merge_loops(graph: &Graph) -> Graph {
    let longest = longest_loops(graph);
    if longest.iter().all(|(id, longest)| id == longest) {
        return graph.clone();
    }
    let scan = |id: NodeId| match &graph.nodes[id].op {
        Op::Scan(scan) => Some(scan),
        _ => None,
    };
    // Where the loop is that all of a kind have become.
    let mut places: HashMap<NodeId, NodeId> = HashMap::new();
    let mut ids = 0..graph.nodes.len();
    rebuild(graph, |new, mut node| {
        let id = ids.next().unwrap_or_default();
        if let (Some(longest), Op::Scan(_)) = (longest.get(&id), &node.op) {
            if let Some(place) = places.get(longest) {
                return *place;
            }
            node.op = graph.nodes[*longest].op.clone();
            places.insert(*longest, new.nodes.len());
        }
        if let Op::TupleElement(number) = &mut node.op {
            let own = graph.nodes[id].inputs[0];
            let longest = longest.get(&own).and_then(|id| scan(*id));
            if let (Some(own), Some(longest)) = (scan(own), longest) {
                // The stacked carries stand behind the outputs.
                let outputs = own.body.outputs.len();
                if *number >= outputs {
                    *number += longest.body.outputs.len() - outputs;
                }
            }
        }
        new.push(node)
    })
}

/// For each scan, the one with the most outputs that it can be merged into; mostly itself.
fn longest_loops(graph: &Graph) -> HashMap<NodeId, NodeId> {
    let scans: Vec<(NodeId, &Node, &Scan)> = (graph.nodes.iter().enumerate())
        .filter_map(|(id, node)| match &node.op {
            Op::Scan(scan) => Some((id, node, scan)),
            _ => None,
        })
        .collect();
    let longest = |(id, node, scan): &(NodeId, &Node, &Scan)| {
        let longer = scans
            .iter()
            .filter(|(_, other, longer)| node.inputs == other.inputs && extends(scan, longer));
        let longest = longer.max_by_key(|(_, _, longer)| longer.body.outputs.len());
        (*id, longest.map_or(*id, |(id, ..)| *id))
    };
    scans.iter().map(longest).collect()
}

/// Whether the longer loop does the same and has at least the outputs of this one.
fn extends(scan: &Scan, longer: &Scan) -> bool {
    let (body, longer_body) = (&scan.body, &longer.body);
    let without_outputs = |scan: &Scan| (scan.length, scan.carries, scan.slices, scan.reverse);
    without_outputs(scan) == without_outputs(longer)
        && longer_body.outputs.starts_with(&body.outputs)
        && body.nodes.len() == longer_body.nodes.len()
        && (body.nodes.iter().zip(&longer_body.nodes)).all(|(a, b)| a.is_same(b))
}

#[cfg(test)]
mod tests {
    use crate::control_flow::ScanOptions;
    use crate::function::trace;
    use crate::passes::{dead_code, optimize};
    use crate::tensor::Tensor;
    use crate::{DType, Spec, gradient, scan};

    use super::*;

    /// A recurrent net's loss and its gradient with regard to the recurrent weights.
    fn recurrent() -> Graph {
        let spec = |dims: &[usize]| Spec {
            shape: dims.into(),
            dtype: DType::F32,
        };
        let specs = [spec(&[3, 3]), spec(&[5, 2, 3])];
        let (graph, _) = trace(&specs, |inputs| {
            let (weights, x) = (&inputs[0], &inputs[1]);
            let options = ScanOptions {
                length: 5,
                reverse: false,
            };
            let start = Tensor::zeros([2, 3], DType::F32);
            let (last, _) = scan(&[start], std::slice::from_ref(x), options, |h, x| {
                let next = (h[0].matmul(weights) + &x[0]).tanh();
                Ok((vec![next], Vec::new()))
            })?;
            let loss = last[0].square().sum(..);
            let mut results = gradient(&loss, std::slice::from_ref(weights));
            results.push(Some(loss));
            Ok(results.into_iter().flatten().collect())
        })
        .unwrap();
        graph
    }

    fn scans(graph: &Graph) -> Vec<&Scan> {
        (graph.nodes.iter())
            .filter_map(|node| match &node.op {
                Op::Scan(scan) => Some(scan),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_loop_and_the_one_that_its_gradient_made_of_it_become_one() {
        let graph = recurrent();
        assert_eq!(scans(&graph).len(), 3);
        assert_eq!(scans(&dead_code(&merge_loops(&graph))).len(), 2);
    }

    #[test]
    fn the_backward_loop_computes_no_forward_product_again() {
        let graph = optimize(&recurrent());
        let products = |scan: &&Scan| {
            let is_product = |node: &&Node| matches!(node.op, Op::DotGeneral(_));
            scan.body.nodes.iter().filter(is_product).count()
        };
        // One product a turn each way; the gradient of the weights is one product behind the loop.
        let products: Vec<usize> = scans(&graph).iter().map(products).collect();
        assert_eq!(products, [1, 1]);
    }
}
