//! The gradient of a scan: a scan in the opposite direction, whose carry is the cotangent of the forward carry.
//!
//! What a turn of it needs of the forward turn, and what took a product to compute, is handed out by the forward loop
//! and not computed again.

use std::collections::HashMap;
use std::sync::Arc;

use super::hoisted::Hoisted;
use super::residuals::residuals;
use super::{close, slice_placeholder};
use crate::autodiff::vector_jacobian;
use crate::error::Result;
use crate::graph::op::{Op, Scan};
use crate::graph::{Graph, NodeId};
use crate::order::Order;
use crate::tensor::Tensor;

/// The cotangents of a scan's operands, given those of its results by number.
pub(crate) fn scan_vjp(
    scan: &Scan,
    operands: &[Tensor],
    node: &Tensor,
    elements: &HashMap<usize, Tensor>,
) -> Vec<Option<Tensor>> {
    let forward = Forward {
        scan,
        operands,
        node,
    };
    match backward(&forward, elements) {
        Ok(cotangents) => cotangents,
        Err(error) => vec![Some(Tensor::invalid(error)); operands.len()],
    }
}

fn backward(
    forward: &Forward<'_>,
    elements: &HashMap<usize, Tensor>,
) -> Result<Vec<Option<Tensor>>> {
    let given = forward.cotangents(elements);
    let turn = Turn::new(forward, &given)?;
    let sums = Sums::new(forward, &turn);
    let next: Vec<&Tensor> = turn.d_carry_before.iter().chain(&sums.next).collect();
    let outputs: Vec<&Tensor> = turn.d_slice.iter().chain(&sums.stacked).collect();
    let ends: Vec<Tensor> = next.iter().chain(&outputs).copied().cloned().collect();

    let carried = forward.scan.carries + forward.scan.slices;
    let saved = residuals(&forward.scan.body, &turn.body, carried, &ends);
    let slices = used(&ends, forward.slices(&given, &turn, &saved)?);
    let find = |inside: &Tensor| slices.iter().find(|slice| slice.inside.is_same(inside));

    // What is a slice of something already need not be stacked again.
    let outputs: Vec<Tensor> = (outputs.into_iter().enumerate())
        .filter(|(k, output)| *k < turn.d_slice.len() || find(output).is_none())
        .map(|(_, output)| output.clone())
        .collect();
    let ends: Vec<Tensor> = (next.iter().copied().chain(&outputs)).cloned().collect();
    let (last, stacked) = run(forward, &given, &turn, &sums, &slices, ends, next.len())?;

    let mut cotangents = vec![None; forward.operands.len()];
    let carries = forward.float_carries();
    for (k, d) in carries.iter().chain(&sums.constants).zip(last) {
        cotangents[*k] = Some(d);
    }
    for (k, d) in forward.float_slices().iter().zip(&stacked) {
        cotangents[*k] = Some(d.clone());
    }
    let stacks: Vec<Tensor> = (sums.stacked.iter())
        .filter_map(|inside| match find(inside) {
            Some(slice) => Some(slice.stack.clone()),
            None => {
                let output = outputs.iter().rposition(|output| output.is_same(inside))?;
                Some(stacked[output].clone())
            }
        })
        .collect();
    for (k, hoisted) in &sums.hoisted {
        cotangents[*k] = Some(hoisted.sum(&stacks));
    }
    Ok(cotangents)
}

/// The backward loop: its carries at the end, and its stacked outputs.
fn run(
    forward: &Forward<'_>,
    given: &Given,
    turn: &Turn,
    sums: &Sums,
    slices: &[Slice],
    ends: Vec<Tensor>,
    carries: usize,
) -> Result<(Vec<Tensor>, Vec<Tensor>)> {
    let inside = slices.iter().map(|slice| &slice.inside);
    let parameters = turn.d_carry.iter().chain(&sums.carried).chain(inside);
    let parameters: Vec<Tensor> = parameters.cloned().collect();
    let (body, captured) = close(&parameters, &ends)?;
    let zeros = |k: &usize| {
        let constant = &forward.operands[*k];
        Tensor::zeros(constant.shape().clone(), constant.dtype())
    };
    let operands: Vec<Tensor> = (given.last.iter().cloned())
        .chain(sums.constants.iter().map(zeros))
        .chain(slices.iter().map(|slice| slice.stack.clone()))
        .chain(captured)
        .collect();
    let scan = Scan {
        body: Arc::new(body),
        length: forward.scan.length,
        carries,
        slices: slices.len(),
        reverse: !forward.scan.reverse,
    };
    let node = Tensor::apply(Op::Scan(scan), &operands);
    node.check()?;
    let element = |k: usize| Tensor::apply(Op::TupleElement(k), std::slice::from_ref(&node));
    let last = (0..carries).map(element).collect();
    Ok((last, (carries..ends.len()).map(element).collect()))
}

/// The forward loop.
struct Forward<'a> {
    scan: &'a Scan,
    operands: &'a [Tensor],
    node: &'a Tensor,
}

/// The cotangents of the forward loop's results, as far as they are floats.
struct Given {
    last: Vec<Tensor>,
    /// With the number of the result.
    outputs: Vec<(usize, Tensor)>,
    /// Of the stacked carries.
    stacked: Vec<Tensor>,
}

/// A tensor inside a turn, and the stack that it is a slice of.
struct Slice {
    inside: Tensor,
    stack: Tensor,
}

impl Forward<'_> {
    fn floats(&self, range: std::ops::Range<usize>) -> Vec<usize> {
        range
            .filter(|k| self.operands[*k].dtype().is_float())
            .collect()
    }

    fn float_carries(&self) -> Vec<usize> {
        self.floats(0..self.scan.carries)
    }

    fn float_slices(&self) -> Vec<usize> {
        self.floats(self.scan.carries..self.scan.carries + self.scan.slices)
    }

    fn float_constants(&self) -> Vec<usize> {
        self.floats(self.scan.carries + self.scan.slices..self.operands.len())
    }

    /// How many outputs a turn has beside the carries.
    fn outputs(&self) -> usize {
        self.scan.body.outputs.len() - self.scan.carries
    }

    /// Results that nobody used have a cotangent of zeros; those of whole numbers have none.
    fn cotangents(&self, elements: &HashMap<usize, Tensor>) -> Given {
        let cotangent = |k: usize| {
            let like = Tensor::apply(Op::TupleElement(k), std::slice::from_ref(self.node));
            let zeros = || Tensor::zeros(like.shape().clone(), like.dtype());
            (like.dtype().is_float()).then(|| elements.get(&k).cloned().unwrap_or_else(zeros))
        };
        let (carries, outputs) = (self.scan.carries, self.outputs());
        let float_carries = self.float_carries();
        Given {
            last: float_carries.iter().filter_map(|k| cotangent(*k)).collect(),
            outputs: (carries..carries + outputs)
                .filter_map(|k| Some((k, cotangent(k)?)))
                .collect(),
            stacked: (float_carries.iter())
                .filter_map(|k| cotangent(carries + outputs + k))
                .collect(),
        }
    }

    /// What a turn gets slices of: what the forward turn got, the cotangents, and what the forward loop saves.
    fn slices(&self, given: &Given, turn: &Turn, saved: &[NodeId]) -> Result<Vec<Slice>> {
        let node = self.saving(saved)?;
        let element = |k: usize| Tensor::apply(Op::TupleElement(k), std::slice::from_ref(&node));
        let (carries, outputs) = (self.scan.carries, self.outputs());
        let before = (0..carries).map(|k| element(carries + outputs + saved.len() + k));
        let stacks = before
            .chain(self.operands[carries..carries + self.scan.slices].to_vec())
            .chain(given.outputs.iter().map(|(_, d)| d.clone()))
            .chain(given.stacked.iter().cloned())
            .chain((0..saved.len()).map(|j| element(carries + outputs + j)));
        let saved = saved.iter().map(|id| &turn.body[*id]);
        let inside = turn.slices.iter().chain(saved).cloned();
        Ok(inside
            .zip(stacks)
            .map(|(inside, stack)| Slice { inside, stack })
            .collect())
    }

    /// The same loop with further outputs. A pass makes it one with the loop that has them not.
    fn saving(&self, saved: &[NodeId]) -> Result<Tensor> {
        if saved.is_empty() {
            return Ok(self.node.clone());
        }
        let mut body = Graph::clone(&self.scan.body);
        body.outputs.extend(saved);
        let scan = Scan {
            body: Arc::new(body),
            ..self.scan.clone()
        };
        let node = Tensor::apply(Op::Scan(scan), self.operands);
        node.check().cloned()
    }
}

/// The slices that something behind `ends` uses.
fn used(ends: &[Tensor], slices: Vec<Slice>) -> Vec<Slice> {
    let is_slice = |tensor: &Tensor| slices.iter().any(|slice| slice.inside.is_same(tensor));
    let order = Order::new(ends, |tensor| match is_slice(tensor) {
        true => &[],
        false => tensor.0.inputs(),
    });
    let is_used: Vec<bool> = (slices.iter())
        .map(|slice| order.place(&slice.inside).is_some())
        .collect();
    let mut is_used = is_used.into_iter();
    let mut slices = slices;
    slices.retain(|_| is_used.next() == Some(true));
    slices
}

/// One turn of the backward loop.
struct Turn {
    /// The cotangents that are carried.
    d_carry: Vec<Tensor>,
    /// The forward turn's carries and slices, the cotangents of its outputs, those of its stacked carries.
    slices: Vec<Tensor>,
    /// The nodes of the forward turn.
    body: Vec<Tensor>,
    d_carry_before: Vec<Tensor>,
    d_slice: Vec<Tensor>,
    d_constant: Vec<Tensor>,
}

impl Turn {
    fn new(forward: &Forward<'_>, given: &Given) -> Result<Self> {
        let scan = forward.scan;
        let placeholder = |like: &Tensor| Tensor::placeholder(like.spec().clone());
        let carried = scan.carries + scan.slices;
        let mut slices: Vec<Tensor> = forward.operands[..scan.carries]
            .iter()
            .map(placeholder)
            .collect();
        let outputs = given.outputs.iter().map(|(_, d)| d);
        let stacks = forward.operands[scan.carries..carried].iter();
        for stack in stacks.chain(outputs).chain(&given.stacked) {
            slices.push(slice_placeholder(stack)?);
        }
        let d_carry: Vec<Tensor> = given.last.iter().map(placeholder).collect();
        let (own, d) = slices.split_at(carried);
        let (d_output, d_stack) = d.split_at(given.outputs.len());

        let constants = &forward.operands[carried..];
        let parameters: Vec<Tensor> = own.iter().chain(constants).cloned().collect();
        let body = instantiate(&scan.body, &parameters);
        let float_carries = forward.float_carries();
        let targets: Vec<Tensor> = (float_carries.iter())
            .chain(given.outputs.iter().map(|(k, _)| k))
            .map(|k| body[scan.body.outputs[*k]].clone())
            .collect();
        let cotangents: Vec<Tensor> = d_carry.iter().chain(d_output).cloned().collect();
        let [of_slices, of_constants] = [forward.float_slices(), forward.float_constants()];
        let sources: Vec<Tensor> = (float_carries.iter())
            .chain(&of_slices)
            .chain(&of_constants)
            .map(|k| parameters[*k].clone())
            .collect();
        let found = vector_jacobian(&targets, &cotangents, &sources);
        let mut found = (found.into_iter().zip(&sources))
            .map(|(d, s)| d.unwrap_or_else(|| Tensor::zeros(s.shape().clone(), s.dtype())));
        let d_carry_before = (d_stack.iter())
            .map(|extra| found.next().map_or(extra.clone(), |d| d + extra))
            .collect();
        let d_slice = found.by_ref().take(of_slices.len()).collect();
        let d_constant = found.collect();
        Ok(Self {
            d_carry,
            slices,
            body,
            d_carry_before,
            d_slice,
            d_constant,
        })
    }
}

/// The cotangents of what stays the same in every turn: sums over the turns.
struct Sums {
    /// Those that are computed behind the loop, with the numbers of the operands.
    hoisted: Vec<(usize, Hoisted)>,
    /// What is needed of each turn for that.
    stacked: Vec<Tensor>,
    /// The operands whose sums the loop carries.
    constants: Vec<usize>,
    /// The sums so far, and after the turn.
    carried: Vec<Tensor>,
    next: Vec<Tensor>,
}

impl Sums {
    fn new(forward: &Forward<'_>, turn: &Turn) -> Self {
        let mut sums = Self {
            hoisted: Vec::new(),
            stacked: Vec::new(),
            constants: Vec::new(),
            carried: Vec::new(),
            next: Vec::new(),
        };
        for (k, d) in forward.float_constants().into_iter().zip(&turn.d_constant) {
            if let Some(hoisted) = Hoisted::of(d, &mut sums.stacked) {
                sums.hoisted.push((k, hoisted));
                continue;
            }
            let sum = Tensor::placeholder(d.spec().clone());
            sums.next.push(&sum + d);
            sums.carried.push(sum);
            sums.constants.push(k);
        }
        sums
    }
}

/// The tensors that stand for the nodes of a graph without states, from these parameters.
fn instantiate(graph: &Graph, parameters: &[Tensor]) -> Vec<Tensor> {
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
    tensors
}
