//! Dead code, common subexpressions, loops.

use std::sync::Arc;

use super::*;
use crate::graph::op::Scan;

#[test]
fn nodes_that_nothing_needs_are_dropped_and_the_lists_stay() {
    let mut draft = Draft::default();
    let x = draft.parameter(DType::F32, &[2]);
    let unused = draft.parameter(DType::F32, &[2]);
    draft.unary(Unary::Exponential, unused);
    let y = draft.unary(Unary::Negate, x);
    let mut graph = draft.returning(y);
    graph.states = vec![graph.parameters[0].clone()];
    graph.updates = vec![(0, x)];
    let graph = passes::dead_code(&graph);
    assert_eq!(
        graph.to_string(),
        "%0 = parameter[0]() : float32 (2,)\n\
         %1 = negate(%0) : float32 (2,)\n\
         return %1\n\
         state[0] = %0\n"
    );
    assert_eq!((graph.parameters.len(), graph.states.len()), (2, 1));
}

#[test]
fn equal_operations_on_equal_operands_are_done_once() {
    let mut draft = Draft::default();
    let x = draft.parameter(DType::F32, &[2]);
    let (one, again) = (
        draft.constant(Value::scalar(1.5f32)),
        draft.constant(Value::scalar(1.5f32)),
    );
    let (a, b) = (
        draft.broadcast(one, &[2], &[]),
        draft.broadcast(again, &[2], &[]),
    );
    let (a, b) = (
        draft.binary(Binary::Add, x, a),
        draft.binary(Binary::Add, x, b),
    );
    let product = draft.binary(Binary::Multiply, a, b);
    assert_eq!(
        passes::common_subexpressions(&draft.returning(product)).to_string(),
        "%0 = parameter[0]() : float32 (2,)\n\
         %1 = constant Value(float32 ())[1.5]() : float32 ()\n\
         %2 = broadcast_in_dim[](%1) : float32 (2,)\n\
         %3 = add(%0, %2) : float32 (2,)\n\
         %4 = multiply(%3, %3) : float32 (2,)\n\
         return %4\n"
    );
}

#[test]
fn constants_are_shared_by_their_bits() {
    let distinct = |values: [Value; 2]| {
        let mut draft = Draft::default();
        let ids = values.map(|value| draft.constant(value));
        draft.0.outputs = ids.to_vec();
        passes::common_subexpressions(&draft.0).nodes.len()
    };
    assert_eq!(distinct([Value::scalar(0.0f32), Value::scalar(-0.0f32)]), 2);
    assert_eq!(distinct([Value::scalar(0.0f32), Value::scalar(0i32)]), 2);
    assert_eq!(
        distinct([Value::scalar(f32::NAN), Value::scalar(f32::NAN)]),
        1
    );
    let mut long = vec![0.0f32; 100];
    let zeros = Value::from_vec([100], long.clone()).unwrap();
    long[99] = 1.0;
    assert_eq!(distinct([zeros, Value::from_vec([100], long).unwrap()]), 2);
}

#[test]
fn operations_with_other_attributes_are_not_shared() {
    let mut draft = Draft::default();
    let x = draft.parameter(DType::F32, &[2, 2]);
    let turned = draft.op(Op::Reverse(vec![0]), &[x]);
    let other = draft.op(Op::Reverse(vec![1]), &[x]);
    draft.0.outputs = vec![turned, other];
    assert_eq!(passes::common_subexpressions(&draft.0).nodes.len(), 3);
}

#[test]
fn the_bodies_of_loops_are_optimized_too() {
    let mut body = Draft::default();
    let carry = body.parameter(DType::F32, &[]);
    let one = body.constant(Value::scalar(1.0f32));
    let product = body.binary(Binary::Multiply, carry, one);
    let mut draft = Draft::default();
    let x = draft.parameter(DType::F32, &[]);
    let scan = Scan {
        body: Arc::new(body.returning(product)),
        length: 3,
        carries: 1,
        slices: 0,
        reverse: false,
    };
    let scan = draft.op(Op::Scan(scan), &[x]);
    let last = draft.op(Op::TupleElement(0), &[scan]);
    let graph = passes::optimize(&draft.returning(last));
    let Op::Scan(scan) = &graph.nodes[1].op else {
        panic!("no scan:\n{graph}");
    };
    assert_eq!(scan.body.nodes.len(), 1);
}

#[test]
fn an_illegal_graph_comes_back_as_it_is() {
    let mut draft = Draft::default();
    let x = draft.parameter(DType::F32, &[2]);
    let mut graph = draft.returning(x);
    graph.outputs = vec![9];
    assert_eq!(passes::optimize(&graph), graph);
}
