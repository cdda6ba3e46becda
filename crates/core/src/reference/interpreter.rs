//! The walk over a graph, and the one match that gives each primitive its meaning.

use crate::error::{Error, Result};
use crate::graph::op::Op;
use crate::graph::{Graph, Node};
use crate::reference::{
    convolution, elementwise, indexing, loops, movement, product, reduction, sources, windows,
};
use crate::value::Value;

/// The values of the outputs and of the updates.
pub(super) fn evaluate(
    graph: &Graph,
    parameters: &[Value],
    states: &[Value],
) -> Result<(Vec<Value>, Vec<Value>)> {
    let mut uses_left = graph.use_counts();
    // A loop has several results, every other node has one.
    let mut results: Vec<Vec<Value>> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let values = match &node.op {
            Op::Parameter(k) => vec![parameters[*k].clone()],
            Op::State(k) => vec![states[*k].clone()],
            Op::TupleElement(k) => vec![results[node.inputs[0]][*k].clone()],
            _ => {
                let operands: Vec<&Value> = node.inputs.iter().map(|i| &results[*i][0]).collect();
                evaluate_node(node, &operands).map_err(|error| match node.location {
                    Some(at) => error.at(at),
                    None => error,
                })?
            }
        };
        results.push(values);
        for input in &node.inputs {
            uses_left[*input] -= 1;
            if uses_left[*input] == 0 {
                results[*input].clear();
            }
        }
    }
    let value = |id: &usize| results[*id][0].clone();
    let outputs = graph.outputs.iter().map(value).collect();
    Ok((
        outputs,
        graph.updates.iter().map(|(_, id)| value(id)).collect(),
    ))
}

/// The results of one node: one value, or those of a loop.
///
/// # Errors
/// [`Error::Engine`] if the operation has no meaning by itself (parameters, states, results of loops)
/// or none for the type of its operands.
pub(crate) fn evaluate_node(node: &Node, operands: &[&Value]) -> Result<Vec<Value>> {
    match &node.op {
        Op::Scan(scan) => loops::scan(scan, operands),
        Op::While(op) => loops::while_loop(op, operands),
        op => {
            let value = evaluate_op(op, node, operands)?;
            // The 16-bit types are computed as f32 and rounded here.
            Ok(vec![value.convert(node.dtype)])
        }
    }
}

fn evaluate_op(op: &Op, node: &Node, operands: &[&Value]) -> Result<Value> {
    let shape = &node.shape;
    let x = || operands[0];
    let y = || operands[1];
    match op {
        Op::Parameter(_) | Op::State(_) | Op::TupleElement(_) | Op::Scan(_) | Op::While(_) => Err(
            Error::engine(op.name(), "an operation that computes one value", "", ""),
        ),
        Op::Constant(value) => Ok(value.clone()),
        Op::Iota { shape, dtype, axis } => sources::iota(shape, *dtype, *axis),
        Op::RandomBits { shape } => sources::random_bits(x(), shape),
        Op::Unary(unary) => elementwise::unary(*unary, x()),
        Op::Binary(binary) => elementwise::binary(*binary, x(), y()),
        Op::Compare(comparison) => elementwise::compare(*comparison, x(), y()),
        Op::Select => elementwise::select(x(), y(), operands[2]),
        Op::Convert(dtype) => Ok(x().convert(*dtype)),
        Op::StopGradient => Ok(x().clone()),
        Op::BroadcastInDim { shape, axes } => movement::broadcast_in_dim(x(), shape, axes),
        Op::Reshape(shape) => x().reshape(shape),
        Op::Transpose(permutation) => movement::transpose(x(), shape, permutation),
        Op::Slice { start, strides, .. } => movement::slice(x(), shape, start, strides),
        Op::DynamicSlice { .. } => movement::dynamic_slice(x(), &operands[1..], shape),
        Op::DynamicUpdateSlice => movement::dynamic_update_slice(x(), y(), &operands[2..]),
        Op::Pad { low, interior, .. } => movement::pad(x(), y(), shape, low, interior),
        Op::Concatenate(axis) => movement::concatenate(operands, shape, *axis),
        Op::Reverse(axes) => movement::reverse(x(), axes),
        Op::Gather { axis, batch } => indexing::gather(x(), y(), shape, *axis, *batch),
        Op::ScatterAdd { axis, batch } => {
            indexing::scatter_add(x(), y(), operands[2], *axis, *batch)
        }
        Op::DotGeneral(dims) => product::dot_general(x(), y(), shape, dims),
        Op::Convolution(conv) => convolution::convolution(x(), y(), shape, conv),
        Op::ConvolutionInputGradient { conv, input } => {
            convolution::input_gradient(x(), y(), input, conv)
        }
        Op::ConvolutionFilterGradient(conv) => convolution::filter_gradient(x(), y(), shape, conv),
        Op::Reduce { kind, axes } => reduction::reduce(x(), shape, *kind, axes),
        Op::ReduceWindow { kind, window } => windows::reduce_window(x(), shape, *kind, window),
        Op::SelectAndScatter(window) => windows::select_and_scatter(x(), y(), window),
        Op::WindowSelect(window) => windows::window_select(x(), y(), shape, window),
        Op::ArgMax(axis) => reduction::argmax(x(), shape, *axis),
        Op::ArgMin(axis) => reduction::argmin(x(), shape, *axis),
        Op::ArgSort { axis, descending } => reduction::argsort(x(), *axis, *descending),
        Op::CumSum { axis, reverse } => reduction::cumsum(x(), *axis, *reverse),
    }
}
