//! Convolutions in which each channel has several kernels become ones in which each has one.
//!
//! The kernel for one result a channel runs along the channels in vectors. With `m` results a channel they would have
//! to be spread first; so each channel is written `m` times in a row instead, which costs little beside the taps, and
//! the gradient by the input is added up over the copies.

use std::collections::HashMap;

use hornblende_core::graph::op::{ConvDims, Op, Reduction};
use hornblende_core::graph::{Graph, Node, NodeId};
use hornblende_core::{Result, Shape};

/// The graph with such convolutions and their gradients replaced.
///
/// # Errors
/// What inference says of the new nodes; there is no graph for which it says anything.
pub(crate) fn repeat_channels(graph: Graph) -> Result<Graph> {
    let found: Vec<Option<usize>> = (0..graph.nodes.len())
        .map(|id| multiplier(&graph, id))
        .collect();
    if found.iter().all(Option::is_none) {
        return Ok(graph);
    }
    let mut rewriting = Rewriting {
        graph: Graph {
            nodes: Vec::with_capacity(graph.nodes.len()),
            outputs: Vec::new(),
            updates: Vec::new(),
            parameters: graph.parameters.clone(),
            states: graph.states.clone(),
        },
        repeated: HashMap::new(),
    };
    let mut place: Vec<NodeId> = Vec::with_capacity(graph.nodes.len());
    for (node, multiplier) in graph.nodes.iter().zip(found) {
        let inputs: Vec<NodeId> = node.inputs.iter().map(|i| place[*i]).collect();
        place.push(match multiplier {
            Some(times) => rewriting.replace(node, &inputs, times)?,
            None => rewriting.graph.push(Node {
                inputs,
                ..node.clone()
            }),
        });
    }
    let mut result = rewriting.graph;
    result.outputs = graph.outputs.iter().map(|id| place[*id]).collect();
    let update = |(state, id): &(usize, NodeId)| (*state, place[*id]);
    result.updates = graph.updates.iter().map(update).collect();
    Ok(result)
}

/// How many results each channel has, where that is more than one and channels do not mix.
fn multiplier(graph: &Graph, id: NodeId) -> Option<usize> {
    let node = &graph.nodes[id];
    let last = |shape: &Shape| shape.dims().last().copied();
    let operand = |k: usize| last(&graph.nodes[node.inputs[k]].shape);
    let (conv, channels, filters) = match &node.op {
        Op::Convolution(conv) => (conv, operand(0)?, last(&node.shape)?),
        Op::ConvolutionInputGradient { conv, input } => (conv, last(input)?, operand(0)?),
        Op::ConvolutionFilterGradient(conv) => (conv, operand(0)?, operand(1)?),
        _ => return None,
    };
    let separate = conv.groups > 1 && conv.groups == channels && filters > channels;
    (separate && node.dtype.is_float()).then(|| filters / channels)
}

struct Rewriting {
    graph: Graph,
    /// Inputs whose channels have been repeated: they serve the convolution and its gradient.
    repeated: HashMap<(NodeId, usize), NodeId>,
}

impl Rewriting {
    fn replace(&mut self, node: &Node, inputs: &[NodeId], times: usize) -> Result<NodeId> {
        let widened = |conv: &ConvDims| ConvDims {
            groups: conv.groups * times,
            ..conv.clone()
        };
        match &node.op {
            Op::ConvolutionInputGradient { conv, input } => {
                let rank = input.rank();
                let wide = input.with(rank - 1, input[rank - 1] * times);
                let op = Op::ConvolutionInputGradient {
                    conv: widened(conv),
                    input: wide,
                };
                let copies = self.graph.apply(op, inputs)?;
                let apart = Shape::from([input.dims(), &[times]].concat());
                let copies = self.graph.apply(Op::Reshape(apart), &[copies])?;
                let sum = Op::Reduce {
                    kind: Reduction::Sum,
                    axes: vec![rank],
                };
                self.graph.apply(sum, &[copies])
            }
            Op::ConvolutionFilterGradient(conv) => {
                let x = self.repeat(inputs[0], times)?;
                let op = Op::ConvolutionFilterGradient(widened(conv));
                self.graph.apply(op, &[x, inputs[1]])
            }
            Op::Convolution(conv) => {
                let x = self.repeat(inputs[0], times)?;
                let op = Op::Convolution(widened(conv));
                self.graph.apply(op, &[x, inputs[1]])
            }
            _ => Ok(self.graph.push(Node {
                inputs: inputs.to_vec(),
                ..node.clone()
            })),
        }
    }

    /// The node with each channel so many times in a row.
    fn repeat(&mut self, id: NodeId, times: usize) -> Result<NodeId> {
        if let Some(known) = self.repeated.get(&(id, times)) {
            return Ok(*known);
        }
        let shape = self.graph.nodes[id].shape.clone();
        let rank = shape.rank();
        let copies = Op::BroadcastInDim {
            shape: Shape::from([shape.dims(), &[times]].concat()),
            axes: (0..rank).collect(),
        };
        let copies = self.graph.apply(copies, &[id])?;
        let wide = shape.with(rank - 1, shape[rank - 1] * times);
        let wide = self.graph.apply(Op::Reshape(wide), &[copies])?;
        self.repeated.insert((id, times), wide);
        Ok(wide)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hornblende_core::graph::op::Window;
    use hornblende_core::{DType, Spec, function, gradient};

    #[test]
    fn several_kernels_a_channel_become_one_each() {
        let conv = ConvDims {
            window: Window {
                size: vec![2],
                strides: vec![1],
                padding: vec![(0, 0)],
                dilation: vec![1],
            },
            groups: 3,
        };
        let spec = |dims: [usize; 3]| Spec {
            shape: dims.into(),
            dtype: DType::F32,
        };
        let (graph, _) = function::trace(&[spec([1, 4, 3]), spec([2, 1, 6])], |x| {
            let y = x[0].convolution(&x[1], conv).square().sum(..);
            Ok(gradient(&y, x).into_iter().flatten().collect())
        })
        .unwrap();
        let rewritten = repeat_channels(graph).unwrap();
        assert_eq!(hornblende_core::graph::verify::verify(&rewritten), Ok(()));
        let groups = rewritten.nodes.iter().filter_map(|node| match &node.op {
            Op::Convolution(conv)
            | Op::ConvolutionFilterGradient(conv)
            | Op::ConvolutionInputGradient { conv, .. } => Some(conv.groups),
            _ => None,
        });
        assert_eq!(groups.collect::<Vec<_>>(), [6, 6, 6]);
    }
}
