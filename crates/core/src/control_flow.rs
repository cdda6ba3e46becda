//! Loops inside a program: `scan` over slices and `while_loop` with a condition.

mod backward;
mod hoisted;
mod residuals;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub(crate) use backward::scan_vjp;

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
