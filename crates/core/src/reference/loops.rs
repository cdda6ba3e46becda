//! Loops: their bodies are graphs, interpreted once a turn.

use crate::error::Result;
use crate::graph::Spec;
use crate::graph::infer::tuple_specs;
use crate::graph::op::{Op, Scan, While};
use crate::reference::run;
use crate::value::Value;

/// The final carries, the stacked results and the stacked carries before each turn; what belongs to
/// slice `t` stands at place `t`, also when the turns run in reverse.
pub(super) fn scan(scan: &Scan, operands: &[&Value]) -> Result<Vec<Value>> {
    let (mut carries, rest) = (owned(&operands[..scan.carries]), &operands[scan.carries..]);
    let (slices, constants) = rest.split_at(scan.slices);
    let mut stacks: Vec<Value> = tuple_specs(&Op::Scan(scan.clone()), &specs(operands))?
        .into_iter()
        .skip(scan.carries)
        .map(|spec| Value::zeros(spec.shape, spec.dtype))
        .collect();
    for turn in 0..scan.length {
        let t = if scan.reverse {
            scan.length - 1 - turn
        } else {
            turn
        };
        let mut parameters = carries.clone();
        for x in slices {
            parameters.push(x.rows(t, t + 1)?.reshape(&x.shape().dims()[1..])?);
        }
        parameters.extend(owned(constants));
        let mut outputs = run(&scan.body, &parameters, &mut [])?;
        let results = outputs.split_off(scan.carries);
        for (stack, value) in stacks.iter_mut().zip(results.iter().chain(&carries)) {
            let len = value.len();
            stack
                .make_mut()
                .copy_from(t * len, value.elements(), 0, len);
        }
        carries = outputs;
    }
    carries.extend(stacks);
    Ok(carries)
}

pub(super) fn while_loop(op: &While, operands: &[&Value]) -> Result<Vec<Value>> {
    let mut state = owned(operands);
    loop {
        let goes_on = run(&op.condition, &state, &mut [])?;
        if goes_on.first().is_none_or(|truth| truth.get_f64(0) == 0.0) {
            return Ok(state);
        }
        state = run(&op.body, &state, &mut [])?;
    }
}

fn owned(values: &[&Value]) -> Vec<Value> {
    values.iter().map(|value| (*value).clone()).collect()
}

fn specs(values: &[&Value]) -> Vec<Spec> {
    let spec = |value: &&Value| Spec {
        shape: value.shape().clone(),
        dtype: value.dtype(),
    };
    values.iter().map(spec).collect()
}
