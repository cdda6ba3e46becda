//! Rules of elementwise operations.

use super::*;
use crate::graph::op::Comparison;

/// `op(x, c)` with a broadcast constant, optimized.
fn with_constant(dtype: DType, op: Binary, c: f64) -> String {
    optimized(dtype, |draft, x| {
        let c = draft.constant(Value::full([2, 3], dtype, c));
        draft.binary(op, x, c)
    })
}

/// `op(c, x)`.
fn of_constant(dtype: DType, op: Binary, c: f64) -> String {
    optimized(dtype, |draft, x| {
        let c = draft.constant(Value::full([2, 3], dtype, c));
        draft.binary(op, c, x)
    })
}

#[test]
fn neutral_operands_vanish() {
    let inf = f64::INFINITY;
    let right = [
        (Binary::Add, -0.0),
        (Binary::Subtract, 0.0),
        (Binary::Multiply, 1.0),
        (Binary::Divide, 1.0),
        (Binary::Power, 1.0),
        (Binary::Maximum, -inf),
        (Binary::Minimum, inf),
    ];
    for (op, c) in right {
        for dtype in [DType::F16, DType::F32, DType::F64] {
            assert_eq!(with_constant(dtype, op, c), nothing_but_x(dtype), "{op:?}");
        }
    }
    for (op, c) in [
        (Binary::Add, -0.0),
        (Binary::Multiply, 1.0),
        (Binary::Maximum, -inf),
    ] {
        assert_eq!(
            of_constant(DType::F32, op, c),
            nothing_but_x(DType::F32),
            "{op:?}"
        );
    }
    let integers = [
        (Binary::Add, 0.0),
        (Binary::Or, 0.0),
        (Binary::And, -1.0),
        (Binary::Xor, 0.0),
        (Binary::ShiftLeft, 0.0),
        (Binary::Minimum, f64::from(i32::MAX)),
    ];
    for (op, c) in integers {
        assert_eq!(
            with_constant(DType::I32, op, c),
            nothing_but_x(DType::I32),
            "{op:?}"
        );
    }
    assert_eq!(
        with_constant(DType::Bool, Binary::And, 1.0),
        nothing_but_x(DType::Bool)
    );
}

#[test]
fn what_holds_for_ordinary_floats_only_stays() {
    let stay = [
        (Binary::Add, 0.0),
        (Binary::Subtract, -0.0),
        (Binary::Multiply, 0.0),
        (Binary::Power, 0.5),
        (Binary::Power, 3.0),
        (Binary::Divide, 3.0),
        (Binary::Divide, 0.0),
    ];
    for (op, c) in stay {
        assert!(
            keeps(&with_constant(DType::F32, op, c), op.name()),
            "{op:?} {c}"
        );
    }
    let difference = optimized(DType::F32, |draft, x| draft.binary(Binary::Subtract, x, x));
    assert!(keeps(&difference, "subtract"));
    // 2^130 is a number in f64, but its reciprocal is subnormal in f32.
    let tiny = with_constant(DType::F32, Binary::Divide, 2f64.powi(127));
    assert!(keeps(&tiny, "divide"));
    assert!(keeps(
        &of_constant(DType::F32, Binary::Subtract, 0.0),
        "subtract"
    ));
}

#[test]
fn powers_become_products_and_quotients() {
    assert_eq!(
        with_constant(DType::F32, Binary::Power, 2.0),
        "%0 = parameter[0]() : float32 (2, 3)\n\
         %1 = multiply(%0, %0) : float32 (2, 3)\n\
         return %1\n"
    );
    assert_eq!(
        with_constant(DType::F32, Binary::Power, -1.0),
        "%0 = parameter[0]() : float32 (2, 3)\n\
         %1 = constant Value(float32 ())[1.0]() : float32 ()\n\
         %2 = broadcast_in_dim[](%1) : float32 (2, 3)\n\
         %3 = divide(%2, %0) : float32 (2, 3)\n\
         return %3\n"
    );
    assert_eq!(
        with_constant(DType::F32, Binary::Power, 0.0),
        "%0 = constant Value(float32 ())[1.0]() : float32 ()\n\
         %1 = broadcast_in_dim[](%0) : float32 (2, 3)\n\
         return %1\n"
    );
}

#[test]
fn division_by_a_power_of_two_is_a_product() {
    assert_eq!(
        with_constant(DType::F32, Binary::Divide, -8.0),
        "%0 = parameter[0]() : float32 (2, 3)\n\
         %1 = constant Value(float32 ())[-0.125]() : float32 ()\n\
         %2 = broadcast_in_dim[](%1) : float32 (2, 3)\n\
         %3 = multiply(%0, %2) : float32 (2, 3)\n\
         return %3\n"
    );
    assert!(keeps(
        &with_constant(DType::I32, Binary::Divide, 2.0),
        "divide"
    ));
}

#[test]
fn signs_cancel() {
    let negated = |draft: &mut Draft, x| draft.unary(Unary::Negate, x);
    let twice = optimized(DType::I32, |draft, x| {
        let once = negated(draft, x);
        negated(draft, once)
    });
    assert_eq!(twice, nothing_but_x(DType::I32));
    let product = optimized(DType::F32, |draft, x| {
        let once = negated(draft, x);
        draft.binary(Binary::Multiply, once, once)
    });
    assert!(!keeps(&product, "negate") && keeps(&product, "multiply"));
    let difference = optimized(DType::F32, |draft, x| {
        let (root, once) = (draft.unary(Unary::Sqrt, x), negated(draft, x));
        draft.binary(Binary::Add, root, once)
    });
    assert!(!keeps(&difference, "negate") && keeps(&difference, "subtract"));
    let magnitude = |dtype| {
        optimized(dtype, |draft, x| {
            let once = negated(draft, x);
            draft.unary(Unary::Abs, once)
        })
    };
    assert!(!keeps(&magnitude(DType::F32), "negate"));
    assert!(keeps(&magnitude(DType::U8), "negate"));
}

#[test]
fn products_with_zero_vanish_for_integers_only() {
    let text = with_constant(DType::I32, Binary::Multiply, 0.0);
    assert!(
        !keeps(&text, "parameter") && !keeps(&text, "multiply"),
        "{text}"
    );
}

#[test]
fn a_comparison_is_negated_only_where_nan_cannot_be() {
    let negated = |dtype, comparison| {
        optimized(dtype, |draft, x| {
            let y = draft.parameter(dtype, &[2, 3]);
            let holds = draft.op(Op::Compare(comparison), &[x, y]);
            draft.unary(Unary::Not, holds)
        })
    };
    assert!(negated(DType::F32, Comparison::Eq).contains("compare[Ne]"));
    assert!(keeps(&negated(DType::F32, Comparison::Lt), "not"));
    assert!(negated(DType::I32, Comparison::Lt).contains("compare[Ge]"));
}

#[test]
fn comparisons_with_itself_are_known_except_for_floats() {
    let text = |dtype| {
        optimized(dtype, |draft, x| {
            draft.op(Op::Compare(Comparison::Le), &[x, x])
        })
    };
    assert!(!keeps(&text(DType::I32), "compare"));
    assert!(keeps(&text(DType::F32), "compare"));
}

#[test]
fn selects_that_are_decided_vanish() {
    let decided = optimized(DType::F32, |draft, x| {
        let predicate = draft.constant(Value::full([2, 3], DType::Bool, 1.0));
        let other = draft.unary(Unary::Sqrt, x);
        draft.op(Op::Select, &[predicate, x, other])
    });
    assert_eq!(decided, nothing_but_x(DType::F32));
    let equal = optimized(DType::F32, |draft, x| {
        let predicate = draft.parameter(DType::Bool, &[2, 3]);
        draft.op(Op::Select, &[predicate, x, x])
    });
    assert_eq!(equal, nothing_but_x(DType::F32));
    let nested = optimized(DType::F32, |draft, x| {
        let predicate = draft.parameter(DType::Bool, &[2, 3]);
        let root = draft.unary(Unary::Sqrt, x);
        let inner = draft.op(Op::Select, &[predicate, x, root]);
        let opposite = draft.unary(Unary::Not, predicate);
        draft.op(Op::Select, &[opposite, root, inner])
    });
    assert_eq!(nested.matches("select").count(), 1, "{nested}");
    assert!(!keeps(&nested, "not"), "{nested}");
}

#[test]
fn conversions_that_lose_nothing_vanish() {
    let there_and_back = |dtype, via| {
        optimized(dtype, |draft, x| {
            let wide = draft.op(Op::Convert(via), &[x]);
            draft.op(Op::Convert(dtype), &[wide])
        })
    };
    assert_eq!(
        there_and_back(DType::F32, DType::F64),
        nothing_but_x(DType::F32)
    );
    assert_eq!(
        there_and_back(DType::Bool, DType::F32),
        nothing_but_x(DType::Bool)
    );
    assert!(keeps(&there_and_back(DType::I32, DType::F32), "convert"));
    assert!(keeps(&there_and_back(DType::F64, DType::F32), "convert"));
    // From f64, 300 saturates to 255; from i32, it wraps to 44.
    let narrowed = optimized(DType::I32, |draft, x| {
        let wide = draft.op(Op::Convert(DType::F64), &[x]);
        draft.op(Op::Convert(DType::U8), &[wide])
    });
    assert_eq!(narrowed.matches("convert").count(), 2);
}

#[test]
fn stops_of_gradients_vanish() {
    let text = optimized(DType::F32, |draft, x| draft.op(Op::StopGradient, &[x]));
    assert_eq!(text, nothing_but_x(DType::F32));
}
