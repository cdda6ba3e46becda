//! Loops inside a program: `scan` over slices and `while_loop` with a condition.

mod hoisted;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use hoisted::Hoisted;

use crate::autodiff::vector_jacobian;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::op::{Op, Scan, While};
use crate::graph::{Graph, Spec};
use crate::lower::lower;
use crate::tensor::{Kind, Tensor};

/// How a [`scan`] runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanOptions {
    /// The number of turns: the leading size of every slice operand.
    pub length: usize,
    /// Whether the turns run from the last slice to the first.
    pub reverse: bool,
}

/// Carries state along the leading axis of `slices`: JAX's `lax.scan`.
///
/// `body(carry, slice)` gives the next carry and any outputs, which come back stacked. It may use other
/// tensors, which stay the same in every turn.
///
/// # Errors
/// What the body returns or its tensors carry; [`Error::ShapeMismatch`] if a carry changes its shape or
/// type, or a slice operand has another leading size.
///
/// # Example
/// ```
/// use hornblende_core::{Tensor, control_flow::ScanOptions, scan};
/// let xs = Tensor::from([1.0f32, 2.0, 3.0]);
/// let options = ScanOptions { length: 3, reverse: false };
/// let (last, sums) = scan(&[Tensor::from(0.0f32)], &[xs], options, |carry, x| {
///     let next = &carry[0] + &x[0];
///     Ok((vec![next.clone()], vec![next]))
/// })?;
/// assert_eq!(last[0].item::<f32>()?, 6.0);
/// assert_eq!(sums[0].to_vec::<f32>()?, [1.0, 3.0, 6.0]);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[track_caller]
pub fn scan(
    carry: &[Tensor],
    slices: &[Tensor],
    options: ScanOptions,
    body: impl FnOnce(&[Tensor], &[Tensor]) -> Result<(Vec<Tensor>, Vec<Tensor>)>,
) -> Result<(Vec<Tensor>, Vec<Tensor>)> {
    for tensor in carry.iter().chain(slices) {
        tensor.check()?;
    }
    let carry_in: Vec<Tensor> = carry
        .iter()
        .map(|c| Tensor::placeholder(c.spec().clone()))
        .collect();
    let slice_in: Vec<Tensor> = slices
        .iter()
        .map(slice_placeholder)
        .collect::<Result<_>>()?;
    let (next, outputs) = body(&carry_in, &slice_in)?;
    if next.len() != carry.len() {
        return Err(Error::invalid_argument(
            "scan",
            format!("a body that gives {} carries", carry.len()),
            next.len().to_string(),
            "",
        ));
    }
    let ends: Vec<Tensor> = next.iter().chain(&outputs).cloned().collect();
    let parameters: Vec<Tensor> = carry_in.into_iter().chain(slice_in).collect();
    let (graph, captured) = close(&parameters, &ends)?;
    let scan = Scan {
        body: Arc::new(graph),
        length: options.length,
        carries: carry.len(),
        slices: slices.len(),
        reverse: options.reverse,
    };
    let operands: Vec<Tensor> = carry
        .iter()
        .chain(slices)
        .cloned()
        .chain(captured)
        .collect();
    let node = Tensor::apply(Op::Scan(scan), &operands);
    node.check()?;
    let element = |k: usize| Tensor::apply(Op::TupleElement(k), std::slice::from_ref(&node));
    let last = (0..carry.len()).map(element).collect();
    let stacked = (carry.len()..carry.len() + outputs.len())
        .map(element)
        .collect();
    Ok((last, stacked))
}

fn slice_placeholder(stacked: &Tensor) -> Result<Tensor> {
    let Some((_, rest)) = stacked.shape().dims().split_first() else {
        return Err(Error::shape_mismatch(
            "scan",
            "slice operands with a leading axis to run along",
            "a scalar",
            "Hand it in as a carry or use it in the body directly",
        ));
    };
    Ok(Tensor::placeholder(Spec {
        shape: rest.into(),
        dtype: stacked.dtype(),
    }))
}

/// Repeats `body` while `condition` gives true: JAX's `lax.while_loop`. It has no reverse-mode gradient.
///
/// # Errors
/// What the closures return or their tensors carry; [`Error::ShapeMismatch`] if the state changes its
/// shape or type.
///
/// # Example
/// ```
/// use hornblende_core::{Tensor, while_loop};
/// let start = [Tensor::from(1.0f32)];
/// let end = while_loop(&start, |s| Ok(s[0].less(100.0)), |s| Ok(vec![&s[0] * 2.0]))?;
/// assert_eq!(end[0].item::<f32>()?, 128.0);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[track_caller]
pub fn while_loop(
    state: &[Tensor],
    condition: impl FnOnce(&[Tensor]) -> Result<Tensor>,
    body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
) -> Result<Vec<Tensor>> {
    for tensor in state {
        tensor.check()?;
    }
    let inside: Vec<Tensor> = state
        .iter()
        .map(|s| Tensor::placeholder(s.spec().clone()))
        .collect();
    let goes_on = condition(&inside)?;
    let next = body(&inside)?;
    let same =
        next.len() == state.len() && next.iter().zip(state).all(|(a, b)| a.spec() == b.spec());
    for tensor in next.iter().chain([&goes_on]) {
        tensor.check()?;
    }
    if !same || goes_on.dtype() != DType::Bool || goes_on.rank() != 0 {
        return Err(Error::shape_mismatch(
            "while_loop",
            "a scalar truth value as condition and a next state of the shapes and types of the state",
            format!("{goes_on:?} and {next:?} for {state:?}"),
            "",
        ));
    }
    // What either closure captures travels along in the state, unchanged.
    let ends: Vec<Tensor> = next.iter().chain([&goes_on]).cloned().collect();
    let captured = captured_by(&inside, &ends)?;
    let parameters: Vec<Tensor> = inside.iter().chain(&captured).cloned().collect();
    let next: Vec<Tensor> = next.into_iter().chain(captured.iter().cloned()).collect();
    let op = While {
        condition: Arc::new(lower(&parameters, &[goes_on], &[])?.graph),
        body: Arc::new(lower(&parameters, &next, &[])?.graph),
    };
    let operands: Vec<Tensor> = state.iter().cloned().chain(captured).collect();
    let node = Tensor::apply(Op::While(op), &operands);
    node.check()?;
    let element = |k| Tensor::apply(Op::TupleElement(k), std::slice::from_ref(&node));
    Ok((0..state.len()).map(element).collect())
}

/// The graph of a loop's body, and the outer tensors that it uses, which become further parameters.
fn close(parameters: &[Tensor], ends: &[Tensor]) -> Result<(Graph, Vec<Tensor>)> {
    let captured = captured_by(parameters, ends)?;
    let all: Vec<Tensor> = parameters.iter().chain(&captured).cloned().collect();
    Ok((lower(&all, ends, &[])?.graph, captured))
}

/// The outermost tensors behind `ends` that do not depend on `parameters`: they are computed once,
/// outside the loop. Literals stay inside.
fn captured_by(parameters: &[Tensor], ends: &[Tensor]) -> Result<Vec<Tensor>> {
    let mut depends: HashMap<usize, bool> =
        parameters.iter().map(|p| (p.address(), true)).collect();
    let mut order = Vec::new();
    let mut stack: Vec<Tensor> = ends.to_vec();
    while let Some(top) = stack.last().cloned() {
        top.check()?;
        if depends.contains_key(&top.address()) {
            stack.pop();
            continue;
        }
        let before = stack.len();
        let unseen = |i: &&Tensor| !depends.contains_key(&i.address());
        stack.extend(top.0.inputs().iter().filter(unseen).cloned());
        if stack.len() == before {
            let inner = top.0.inputs().iter().any(|i| depends[&i.address()]);
            depends.insert(top.address(), inner);
            order.push(stack.remove(before - 1));
        }
    }
    let mut captured = Vec::new();
    let mut seen = HashSet::new();
    let users = order
        .iter()
        .filter(|n| depends[&n.address()])
        .flat_map(|n| n.0.inputs().iter());
    for tensor in users.chain(ends) {
        let literal = matches!(tensor.0.kind, Kind::Constant(_));
        if !literal && !depends[&tensor.address()] && seen.insert(tensor.address()) {
            captured.push(tensor.clone());
        }
    }
    Ok(captured)
}

/// The tensors that a graph without states computes from these parameters.
pub(crate) fn instantiate(graph: &Graph, parameters: &[Tensor]) -> Vec<Tensor> {
    let mut tensors: Vec<Tensor> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let tensor = match &node.op {
            Op::Parameter(k) => parameters[*k].clone(),
            Op::Constant(value) => Tensor::new_constant(value.clone()),
            op => {
                let inputs: Vec<Tensor> = node.inputs.iter().map(|i| tensors[*i].clone()).collect();
                Tensor::apply(op.clone(), &inputs)
            }
        };
        tensors.push(tensor);
    }
    graph.outputs.iter().map(|o| tensors[*o].clone()).collect()
}

/// The cotangents of a scan's operands, given those of its results by number.
pub(crate) fn scan_vjp(
    scan: &Scan,
    operands: &[Tensor],
    node: &Tensor,
    elements: &HashMap<usize, Tensor>,
) -> Vec<Option<Tensor>> {
    match backward(scan, operands, node, elements) {
        Ok(cotangents) => cotangents,
        Err(error) => operands
            .iter()
            .map(|_| Some(Tensor::invalid(error.clone())))
            .collect(),
    }
}

fn backward(
    scan: &Scan,
    operands: &[Tensor],
    node: &Tensor,
    elements: &HashMap<usize, Tensor>,
) -> Result<Vec<Option<Tensor>>> {
    let (carries, slices) = (scan.carries, scan.slices);
    let outputs = scan.body.outputs.len() - carries;
    let element = |k: usize| Tensor::apply(Op::TupleElement(k), std::slice::from_ref(node));
    // Results that nobody used have a cotangent of zeros; those of whole numbers have none.
    let cotangent = |k: usize| {
        let like = element(k);
        let zeros = || Tensor::zeros(like.shape().clone(), like.dtype());
        like.dtype()
            .is_float()
            .then(|| elements.get(&k).cloned().unwrap_or_else(zeros))
    };
    let floats = |range: std::ops::Range<usize>| -> Vec<usize> {
        range.filter(|k| operands[*k].dtype().is_float()).collect()
    };
    let float_carries = floats(0..carries);
    let float_slices = floats(carries..carries + slices);
    let float_constants = floats(carries + slices..operands.len());

    let d_last: Vec<Tensor> = float_carries.iter().filter_map(|k| cotangent(*k)).collect();
    let d_outputs: Vec<(usize, Tensor)> = (0..outputs)
        .filter_map(|j| Some((carries + j, cotangent(carries + j)?)))
        .collect();
    let d_stacked: Vec<Tensor> = float_carries
        .iter()
        .filter_map(|k| cotangent(carries + outputs + k))
        .collect();
    // The backward carry: cotangents of the forward carry, and the sums for the constants that are summed in
    // the loop.
    let before: Vec<Tensor> = (0..carries)
        .map(|k| element(carries + outputs + k))
        .collect();
    let inputs: Vec<Tensor> = before
        .iter()
        .chain(&operands[carries..carries + slices])
        .chain(d_outputs.iter().map(|(_, d)| d))
        .chain(&d_stacked)
        .cloned()
        .collect();
    let constants = operands[carries + slices..].to_vec();
    // What one turn gives, from the cotangents that are carried and its slices of `inputs`: cotangents of the
    // carry, of the slices and of the constants.
    let turn = |d_carry: &[Tensor], x: &[Tensor]| -> [Vec<Tensor>; 3] {
        let (own, x) = x.split_at(carries + slices);
        let (d_output, d_stack) = x.split_at(d_outputs.len());
        let parameters: Vec<Tensor> = own.iter().chain(&constants).cloned().collect();
        let results = instantiate(&scan.body, &parameters);
        let targets: Vec<Tensor> = float_carries
            .iter()
            .chain(d_outputs.iter().map(|(k, _)| k))
            .map(|k| results[*k].clone())
            .collect();
        let cotangents: Vec<Tensor> = d_carry.iter().chain(d_output).cloned().collect();
        let sources: Vec<Tensor> = float_carries
            .iter()
            .chain(&float_slices)
            .chain(&float_constants)
            .map(|k| parameters[*k].clone())
            .collect();
        let found = vector_jacobian(&targets, &cotangents, &sources);
        let mut found = found
            .into_iter()
            .zip(&sources)
            .map(|(d, s)| d.unwrap_or_else(|| Tensor::zeros(s.shape().clone(), s.dtype())));
        let d_before: Vec<Tensor> = d_stack
            .iter()
            .map(|extra| found.next().map_or(extra.clone(), |d| d + extra))
            .collect();
        let d_slice: Vec<Tensor> = found.by_ref().take(float_slices.len()).collect();
        [d_before, d_slice, found.collect()]
    };
    // Tried once to see which sums can be computed behind the loop.
    let tried = {
        let carry: Vec<Tensor> = d_last
            .iter()
            .map(|d| Tensor::placeholder(d.spec().clone()))
            .collect();
        let x: Vec<Tensor> = inputs
            .iter()
            .map(slice_placeholder)
            .collect::<Result<_>>()?;
        let [_, _, d_constant] = turn(&carry, &x);
        let is_hoisted = |d: &Tensor| Hoisted::of(d, &mut Vec::new()).is_some();
        d_constant.iter().map(is_hoisted).collect::<Vec<bool>>()
    };
    let summed: Vec<usize> = float_constants
        .iter()
        .zip(&tried)
        .filter_map(|(k, hoisted)| (!hoisted).then_some(*k))
        .collect();
    let zeros = |k: &usize| Tensor::zeros(operands[*k].shape().clone(), operands[*k].dtype());
    let carry: Vec<Tensor> = d_last
        .iter()
        .cloned()
        .chain(summed.iter().map(zeros))
        .collect();
    let options = ScanOptions {
        length: scan.length,
        reverse: !scan.reverse,
    };
    let mut hoisted: Vec<Hoisted> = Vec::new();
    // Where each stack comes from: one of the inputs, or a further output of the loop.
    let mut sources: Vec<Source> = Vec::new();
    let (last, mut stacked) = self::scan(&carry, &inputs, options, |carry, x| {
        let (d_carry, sums) = carry.split_at(d_last.len());
        let [d_before, mut d_slice, d_constant] = turn(d_carry, x);
        let mut stacks = Vec::new();
        let mut sums = sums.iter();
        let mut next = d_before;
        for (d, is_hoisted) in d_constant.iter().zip(&tried) {
            match (is_hoisted, Hoisted::of(d, &mut stacks)) {
                (true, Some(found)) => hoisted.push(found),
                _ => next.extend(sums.next().map(|sum| sum + d)),
            }
        }
        for stack in stacks {
            sources.push(match x.iter().position(|x| x.is_same(&stack)) {
                Some(k) => Source::Input(k),
                None => {
                    d_slice.push(stack);
                    Source::Output(d_slice.len() - 1)
                }
            });
        }
        Ok((next, d_slice))
    })?;
    let stacks: Vec<Tensor> = sources
        .iter()
        .map(|source| match source {
            Source::Input(k) => inputs[*k].clone(),
            Source::Output(k) => stacked[*k].clone(),
        })
        .collect();
    stacked.truncate(float_slices.len());
    let mut cotangents = vec![None; operands.len()];
    for (k, d) in float_carries.iter().chain(&summed).zip(last) {
        cotangents[*k] = Some(d);
    }
    for (k, d) in float_slices.iter().zip(stacked) {
        cotangents[*k] = Some(d);
    }
    let behind = float_constants.iter().zip(&tried).filter(|(_, h)| **h);
    for ((k, _), sum) in behind.zip(&hoisted) {
        cotangents[*k] = Some(sum.sum(&stacks));
    }
    Ok(cotangents)
}

/// Where a stacked tensor comes from.
enum Source {
    /// The input of the backward loop of this number.
    Input(usize),
    /// The output of the backward loop of this number.
    Output(usize),
}
