//! Constant folding, and what engines see of constants.

use super::*;
use crate::graph::op::{DotDims, Reduction};

fn folded(build: impl FnOnce(&mut Draft) -> NodeId) -> Graph {
    let mut draft = Draft::default();
    let output = build(&mut draft);
    passes::optimize(&draft.returning(output))
}

/// The value of a graph that is one constant, or one broadcast of it.
#[track_caller]
fn constant(graph: &Graph) -> Value {
    match &graph.nodes[0].op {
        Op::Constant(value) => value.clone(),
        _ => panic!("not folded:\n{graph}"),
    }
}

#[test]
fn what_follows_from_constants_is_computed() {
    let graph = folded(|draft| {
        let x = draft.constant(Value::from_vec([2, 2], vec![1.0f32, 2.0, 3.0, 4.0]).unwrap());
        let dims = DotDims {
            lhs_contract: vec![1],
            rhs_contract: vec![0],
            ..DotDims::default()
        };
        let squared = draft.op(Op::DotGeneral(dims), &[x, x]);
        draft.unary(Unary::Negate, squared)
    });
    let wanted = Value::from_vec([2, 2], vec![-7.0f32, -10.0, -15.0, -22.0]).unwrap();
    assert_eq!((graph.nodes.len(), constant(&graph)), (1, wanted));
}

#[test]
fn large_constants_of_equal_elements_are_computed_as_scalars() {
    let graph = folded(|draft| {
        let (x, y) = (
            draft.constant(Value::full([1000, 1000], DType::F32, 2.0)),
            draft.constant(Value::scalar(3.0f32)),
        );
        let y = draft.broadcast(y, &[1000, 1000], &[]);
        let product = draft.binary(Binary::Multiply, x, y);
        reshape(draft, product)
    });
    assert_eq!(
        graph.to_string(),
        "%0 = constant Value(float32 ())[6.0]() : float32 ()\n\
         %1 = broadcast_in_dim[](%0) : float32 (1000000,)\n\
         return %1\n"
    );
}

fn reshape(draft: &mut Draft, x: NodeId) -> NodeId {
    draft.op(Op::Reshape([1_000_000].into()), &[x])
}

#[test]
fn counts_are_spelled_out_only_where_they_are_used_up() {
    let graph = folded(|draft| {
        let op = Op::Iota {
            shape: [100].into(),
            dtype: DType::I32,
            axis: 0,
        };
        let count = draft.op(op, &[]);
        let (kind, axes) = (Reduction::Sum, vec![0]);
        draft.op(Op::Reduce { kind, axes }, &[count])
    });
    assert_eq!(constant(&graph), Value::scalar(4950));
}

#[test]
fn large_results_and_random_bits_are_left_to_the_run() {
    let graph = folded(|draft| {
        let numbers: Vec<f32> = (0..2000).map(|k| k as f32).collect();
        let x = draft.constant(Value::from_vec([2000], numbers).unwrap());
        draft.unary(Unary::Negate, x)
    });
    assert_eq!(graph.nodes.len(), 2);
    let graph = folded(|draft| {
        let key = draft.constant(Value::from_vec([4], vec![1i32, 2, 3, 4]).unwrap());
        draft.op(Op::RandomBits { shape: [2].into() }, &[key])
    });
    assert!(keeps(&graph.to_string(), "random_bits"));
}

#[test]
fn folding_keeps_the_sign_of_zero() {
    let graph = folded(|draft| {
        let zeros = Value::from_vec([2], vec![0.0f32, -0.0]).unwrap();
        let x = draft.constant(zeros);
        draft.unary(Unary::Negate, x)
    });
    assert_eq!(
        constant(&graph),
        Value::from_vec([2], vec![-0.0f32, 0.0]).unwrap()
    );
}

#[test]
fn a_scalar_is_seen_through_broadcasts_and_reshapes() {
    let mut draft = Draft::default();
    let minus_zero = draft.constant(Value::scalar(-0.0f32));
    let wide = draft.broadcast(minus_zero, &[2, 2], &[]);
    let flat = draft.op(Op::Reshape([4].into()), &[wide]);
    let mixed = draft.constant(Value::from_vec([2], vec![0.0f32, -0.0]).unwrap());
    let huge = draft.constant(Value::scalar((1i64 << 53) + 1));
    let empty = draft.constant(Value::zeros([0], DType::F32));
    let graph = draft.0;
    let seen = graph.constant_scalar(flat).unwrap();
    assert!(seen == 0.0 && seen.is_sign_negative());
    for unknown in [mixed, huge, empty] {
        assert_eq!(graph.constant_scalar(unknown), None);
    }
}
