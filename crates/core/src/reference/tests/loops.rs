//! Scans and while loops.

use std::sync::Arc;

use super::*;
use crate::graph::op::{Binary, Comparison, Scan, While};
use crate::reference::run;

/// `carry, y = (carry * 2 + x + c, carry)`.
fn body() -> Arc<Graph> {
    let mut body = Graph::default();
    let scalar = Value::scalar(0.0f32);
    let carry = parameter(&mut body, &scalar);
    let x = parameter(&mut body, &scalar);
    let c = parameter(&mut body, &scalar);
    let add = |body: &mut Graph, a, b| body.apply(Op::Binary(Binary::Add), &[a, b]).unwrap();
    let doubled = add(&mut body, carry, carry);
    let with_x = add(&mut body, doubled, x);
    let next = add(&mut body, with_x, c);
    body.outputs = vec![next, x];
    Arc::new(body)
}

/// All three results of the scan over `xs` from carry 1 with constant 100.
fn scan(xs: &[f32], reverse: bool) -> Vec<Value> {
    let operands = [Value::scalar(1.0f32), v(xs), Value::scalar(100.0f32)];
    let mut graph = Graph::default();
    let inputs: Vec<NodeId> = operands.iter().map(|x| parameter(&mut graph, x)).collect();
    let scan = Scan {
        body: body(),
        length: xs.len(),
        carries: 1,
        slices: 1,
        reverse,
    };
    let scan = graph.apply(Op::Scan(scan), &inputs).unwrap();
    graph.outputs = (0..3)
        .map(|k| graph.apply(Op::TupleElement(k), &[scan]).unwrap())
        .collect();
    run(&graph, &operands, &mut []).unwrap()
}

#[test]
fn a_scan_gives_final_carries_results_and_carries_before_each_turn() {
    let results = scan(&[1.0, 2.0, 3.0], false);
    assert_elements(&results[0], &[(103.0 * 2.0 + 102.0) * 2.0 + 103.0]);
    assert_elements(&results[1], &[1.0, 2.0, 3.0]);
    assert_elements(&results[2], &[1.0, 103.0, 308.0]);
}

#[test]
fn a_reversed_scan_starts_with_the_last_slice_and_keeps_places() {
    let results = scan(&[1.0, 2.0, 3.0], true);
    assert_elements(&results[0], &[(105.0 * 2.0 + 102.0) * 2.0 + 101.0]);
    assert_elements(&results[1], &[1.0, 2.0, 3.0]);
    assert_elements(&results[2], &[312.0, 105.0, 1.0]);
}

#[test]
fn a_scan_over_nothing_gives_the_first_carries_and_empty_stacks() {
    let results = scan(&[], false);
    assert_elements(&results[0], &[1.0]);
    assert_eq!(
        (results[1].shape().dims(), results[2].shape().dims()),
        (&[0][..], &[0][..])
    );
}

#[test]
fn a_while_loop_runs_as_long_as_its_condition_holds() {
    let number = Value::scalar(0i32);
    let mut condition = Graph::default();
    let n = parameter(&mut condition, &number);
    let sum = parameter(&mut condition, &number);
    let less = Op::Compare(Comparison::Lt);
    condition.outputs = vec![condition.apply(less, &[sum, n]).unwrap()];
    let mut body = Graph::default();
    let n = parameter(&mut body, &number);
    let sum = parameter(&mut body, &number);
    let one = body.apply(Op::Constant(Value::scalar(7i32)), &[]).unwrap();
    let next = body.apply(Op::Binary(Binary::Add), &[sum, one]).unwrap();
    body.outputs = vec![n, next];

    let mut graph = Graph::default();
    let inputs = [
        parameter(&mut graph, &number),
        parameter(&mut graph, &number),
    ];
    let op = While {
        condition: Arc::new(condition),
        body: Arc::new(body),
    };
    let op = graph.apply(Op::While(op), &inputs).unwrap();
    graph.outputs = vec![graph.apply(Op::TupleElement(1), &[op]).unwrap()];
    let from = |n: i32, sum: i32| {
        run(&graph, &[Value::scalar(n), Value::scalar(sum)], &mut []).unwrap()[0].get_f64(0)
    };
    assert_eq!((from(20, 0), from(21, 0), from(0, 5)), (21.0, 21.0, 5.0));
}
