//! Rules of operations that move elements or reduce single ones.

use super::*;
use crate::graph::op::{Reduction, Window};

fn transposed(draft: &mut Draft, x: NodeId, permutation: &[usize]) -> NodeId {
    draft.op(Op::Transpose(permutation.to_vec()), &[x])
}

fn reshaped(draft: &mut Draft, x: NodeId, shape: &[usize]) -> NodeId {
    draft.op(Op::Reshape(shape.into()), &[x])
}

#[test]
fn chains_that_lead_back_vanish() {
    let chains: [fn(&mut Draft, NodeId) -> NodeId; 6] = [
        |draft, x| {
            let flat = reshaped(draft, x, &[6]);
            reshaped(draft, flat, &[2, 3])
        },
        |draft, x| {
            let turned = transposed(draft, x, &[1, 0]);
            transposed(draft, turned, &[1, 0])
        },
        |draft, x| {
            let turned = draft.op(Op::Reverse(vec![0, 1]), &[x]);
            let turned = draft.op(Op::Reverse(vec![1]), &[turned]);
            draft.op(Op::Reverse(vec![0]), &[turned])
        },
        |draft, x| draft.broadcast(x, &[2, 3], &[0, 1]),
        |draft, x| {
            let nothing = draft.constant(Value::zeros([2, 0], DType::F32));
            draft.op(Op::Concatenate(1), &[nothing, x])
        },
        |draft, x| {
            let one_more = reshaped(draft, x, &[2, 1, 3]);
            let moved = transposed(draft, one_more, &[1, 0, 2]);
            let (kind, axes) = (Reduction::Sum, vec![0]);
            draft.op(Op::Reduce { kind, axes }, &[moved])
        },
    ];
    for (k, chain) in chains.into_iter().enumerate() {
        assert_eq!(
            optimized(DType::F32, chain),
            nothing_but_x(DType::F32),
            "chain {k}"
        );
    }
}

#[test]
fn operations_on_everything_or_with_nothing_vanish() {
    let nothing: [fn(&mut Draft, NodeId) -> NodeId; 6] = [
        |draft, x| {
            let op = Op::Slice {
                start: vec![0, 0],
                limit: vec![2, 3],
                strides: vec![1, 1],
            };
            draft.op(op, &[x])
        },
        |draft, x| {
            let zero = draft.constant(Value::scalar(0.0f32));
            let op = Op::Pad {
                low: vec![0, 0],
                high: vec![0, 0],
                interior: vec![0, 0],
            };
            draft.op(op, &[x, zero])
        },
        |draft, x| {
            let (kind, axes) = (Reduction::Sum, Vec::new());
            draft.op(Op::Reduce { kind, axes }, &[x])
        },
        |draft, x| {
            let start = draft.parameter(DType::I32, &[]);
            draft.op(Op::DynamicSlice { size: vec![2, 3] }, &[x, start, start])
        },
        |draft, x| {
            let start = draft.parameter(DType::I32, &[]);
            let old = draft.unary(Unary::Sqrt, x);
            draft.op(Op::DynamicUpdateSlice, &[old, x, start, start])
        },
        |draft, x| {
            let window = Window {
                size: vec![1, 1],
                strides: vec![1, 1],
                padding: vec![(0, 0), (0, 0)],
                dilation: vec![2, 2],
            };
            let kind = Reduction::Max;
            draft.op(Op::ReduceWindow { kind, window }, &[x])
        },
    ];
    for (k, build) in nothing.into_iter().enumerate() {
        assert_eq!(
            optimized(DType::F32, build),
            nothing_but_x(DType::F32),
            "case {k}"
        );
    }
}

#[test]
fn chains_of_one_kind_become_one() {
    let turned = optimized(DType::F32, |draft, x| {
        let cube = draft.broadcast(x, &[4, 2, 3], &[1, 2]);
        let turned = transposed(draft, cube, &[1, 2, 0]);
        transposed(draft, turned, &[0, 2, 1])
    });
    assert_eq!(
        turned,
        "%0 = parameter[0]() : float32 (2, 3)\n\
         %1 = broadcast_in_dim[1, 2](%0) : float32 (4, 2, 3)\n\
         %2 = transpose[1, 0, 2](%1) : float32 (2, 4, 3)\n\
         return %2\n"
    );
    let stretched = optimized(DType::F32, |draft, x| {
        let once = draft.broadcast(x, &[4, 2, 3], &[1, 2]);
        draft.broadcast(once, &[4, 5, 2, 3], &[0, 2, 3])
    });
    assert_eq!(
        stretched,
        "%0 = parameter[0]() : float32 (2, 3)\n\
         %1 = broadcast_in_dim[2, 3](%0) : float32 (4, 5, 2, 3)\n\
         return %1\n"
    );
}

#[test]
fn a_slice_of_a_slice_is_one_slice() {
    let mut draft = Draft::default();
    let x = draft.parameter(DType::F32, &[10]);
    let slice = |draft: &mut Draft, x, start, limit, stride| {
        let op = Op::Slice {
            start: vec![start],
            limit: vec![limit],
            strides: vec![stride],
        };
        draft.op(op, &[x])
    };
    let first = slice(&mut draft, x, 1, 10, 2);
    let second = slice(&mut draft, first, 1, 5, 3);
    let graph = passes::optimize(&draft.returning(second));
    // Elements 1, 3, 5, 7, 9, and of those the one at 1 and the one at 4.
    let one = Op::Slice {
        start: vec![3],
        limit: vec![10],
        strides: vec![6],
    };
    assert_eq!((graph.nodes.len(), &graph.nodes[1].op), (2, &one));
}

#[test]
fn a_dynamic_slice_from_a_known_place_is_a_slice() {
    let mut draft = Draft::default();
    let x = draft.parameter(DType::F32, &[10]);
    let start = draft.constant(Value::scalar(99i64));
    let taken = draft.op(Op::DynamicSlice { size: vec![3] }, &[x, start]);
    let graph = passes::optimize(&draft.returning(taken));
    let slice = Op::Slice {
        start: vec![7],
        limit: vec![10],
        strides: vec![1],
    };
    assert_eq!((graph.nodes.len(), &graph.nodes[1].op), (2, &slice));
}

#[test]
fn elementwise_operations_move_before_a_broadcast() {
    let mut draft = Draft::default();
    let (x, s) = (
        draft.parameter(DType::F32, &[3]),
        draft.parameter(DType::F32, &[]),
    );
    let wide = draft.broadcast(x, &[2, 3], &[1]);
    let also_wide = draft.broadcast(s, &[2, 3], &[]);
    let sum = draft.binary(Binary::Add, wide, also_wide);
    assert_eq!(
        passes::optimize(&draft.returning(sum)).to_string(),
        "%0 = parameter[0]() : float32 (3,)\n\
         %1 = parameter[1]() : float32 ()\n\
         %2 = broadcast_in_dim[](%1) : float32 (3,)\n\
         %3 = add(%0, %2) : float32 (3,)\n\
         %4 = broadcast_in_dim[1](%3) : float32 (2, 3)\n\
         return %4\n"
    );
}

#[test]
fn operands_broadcast_along_different_axes_stay_apart() {
    let mut draft = Draft::default();
    let (x, y) = (
        draft.parameter(DType::F32, &[3]),
        draft.parameter(DType::F32, &[3]),
    );
    let rows = draft.broadcast(x, &[3, 3], &[1]);
    let columns = draft.broadcast(y, &[3, 3], &[0]);
    let sum = draft.binary(Binary::Add, rows, columns);
    let text = passes::optimize(&draft.returning(sum)).to_string();
    assert!(text.contains("add(%2, %3) : float32 (3, 3)"), "{text}");
}
