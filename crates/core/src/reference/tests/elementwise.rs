//! Elementwise operations.

use super::*;
use crate::graph::op::{Binary, Comparison, Unary};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

fn unary(op: Unary, elements: &[f32]) -> Value {
    one(Op::Unary(op), &[v(elements)])
}

fn binary<T: Element>(op: Binary, x: &[T], y: &[T]) -> Value {
    one(Op::Binary(op), &[v(x), v(y)])
}

#[test]
fn exact_functions_of_floats() {
    let x = [-2.5, -0.0, 0.0, 2.5, f32::NEG_INFINITY, f32::NAN];
    let cases = [
        (Unary::Abs, [2.5, 0.0, 0.0, 2.5, INF, NAN]),
        (Unary::Negate, [2.5, 0.0, -0.0, -2.5, INF, NAN]),
        (Unary::Sign, [-1.0, -0.0, 0.0, 1.0, -1.0, NAN]),
        (Unary::Floor, [-3.0, -0.0, 0.0, 2.0, -INF, NAN]),
        (Unary::Ceil, [-2.0, -0.0, 0.0, 3.0, -INF, NAN]),
        (Unary::RoundNearestEven, [-2.0, -0.0, 0.0, 2.0, -INF, NAN]),
        (Unary::IsFinite, [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]),
    ];
    for (op, wanted) in cases {
        assert_elements(&unary(op, &x), &wanted);
    }
}

#[test]
fn transcendental_functions_at_points_where_the_answer_is_known() {
    let third = std::f32::consts::FRAC_PI_3;
    let cases = [
        (Unary::Exponential, 1.0, std::f64::consts::E),
        (Unary::ExponentialMinusOne, 1e-10, 1e-10),
        (Unary::Log, 10.0, std::f64::consts::LN_10),
        (Unary::LogPlusOne, 1e-10, 1e-10),
        (Unary::Sqrt, 2.0, std::f64::consts::SQRT_2),
        (Unary::Rsqrt, 4.0, 0.5),
        (Unary::Cbrt, -27.0, -3.0),
        (Unary::Sine, third / 2.0, 0.5),
        (Unary::Cosine, third, 0.5),
        (Unary::Tan, third, 3f64.sqrt()),
        (Unary::Tanh, 0.5, 0.462_117_157_260_009_8),
        (Unary::Logistic, 0.5, 0.622_459_331_201_854_6),
        (Unary::Erf, 0.5, 0.520_499_877_813_046_5),
    ];
    for (op, x, wanted) in cases {
        let got = unary(op, &[x]).get_f64(0);
        // The argument itself is rounded to f32, and the slopes here are at most 4.
        assert!(
            (got / wanted - 1.0).abs() < 3e-7,
            "{op:?}({x}) = {got}, not {wanted}"
        );
    }
}

#[test]
fn transcendental_functions_at_the_ends() {
    let ends = [f32::NEG_INFINITY, -0.0, f32::INFINITY];
    let cases = [
        (Unary::Exponential, [0.0, 1.0, INF]),
        (Unary::ExponentialMinusOne, [-1.0, -0.0, INF]),
        (Unary::Log, [NAN, -INF, INF]),
        (Unary::LogPlusOne, [NAN, -0.0, INF]),
        (Unary::Sqrt, [NAN, -0.0, INF]),
        (Unary::Rsqrt, [NAN, -INF, 0.0]),
        (Unary::Cbrt, [-INF, -0.0, INF]),
        (Unary::Sine, [NAN, -0.0, NAN]),
        (Unary::Cosine, [NAN, 1.0, NAN]),
        (Unary::Tan, [NAN, -0.0, NAN]),
        (Unary::Tanh, [-1.0, -0.0, 1.0]),
        (Unary::Logistic, [0.0, 0.5, 1.0]),
        (Unary::Erf, [-1.0, -0.0, 1.0]),
    ];
    for (op, wanted) in cases {
        assert_elements(&unary(op, &ends), &wanted);
    }
}

#[test]
fn every_function_of_floats_runs_in_every_float_type_and_keeps_it() {
    for dtype in FLOATS {
        for op in Unary::ALL.into_iter().filter(|op| *op != Unary::Not) {
            let x = Value::full([3], dtype, 0.5);
            let got = one(Op::Unary(op), std::slice::from_ref(&x));
            let wanted = one(Op::Unary(op), &[Value::full([3], DType::F64, 0.5)]);
            let wanted = if op == Unary::IsFinite {
                wanted
            } else {
                // 0.5 is exact in every type, so the answers differ by the rounding of the result.
                wanted.convert(dtype)
            };
            assert_eq!(got, wanted, "{op:?} of {dtype}");
        }
    }
}

#[test]
fn functions_of_integers_and_truth_values() {
    let x = [i32::MIN, -7, 0, 7];
    let one_i32 = |op| one(Op::Unary(op), &[v(x)]);
    assert_eq!(one_i32(Unary::Abs), v([i32::MIN, 7, 0, 7]));
    assert_eq!(one_i32(Unary::Negate), v([i32::MIN, 7, 0, -7]));
    assert_eq!(one_i32(Unary::Sign), v([-1, -1, 0, 1]));
    assert_eq!(one_i32(Unary::Not), v([i32::MAX, 6, -1, -8]));
    let one_u8 = |op| one(Op::Unary(op), &[v([0u8, 1, 200])]);
    assert_eq!(one_u8(Unary::Abs), v([0u8, 1, 200]));
    assert_eq!(one_u8(Unary::Sign), v([0u8, 1, 1]));
    assert_eq!(one_u8(Unary::Negate), v([0u8, 255, 56]));
    assert_eq!(
        one(Op::Unary(Unary::Not), &[v([true, false])]),
        v([false, true])
    );
}

#[test]
fn arithmetic_of_floats_with_special_values() {
    let x = [7.5f32, -7.5, 0.0, -0.0, f32::INFINITY, f32::NAN];
    let y = [2.0f32, 2.0, -0.0, 0.0, f32::INFINITY, 1.0];
    let cases = [
        (Binary::Add, [9.5, -5.5, 0.0, 0.0, INF, NAN]),
        (Binary::Subtract, [5.5, -9.5, 0.0, -0.0, NAN, NAN]),
        (Binary::Multiply, [15.0, -15.0, -0.0, -0.0, INF, NAN]),
        (Binary::Divide, [3.75, -3.75, NAN, NAN, NAN, NAN]),
        (Binary::Power, [56.25, 56.25, 1.0, 1.0, INF, NAN]),
        (Binary::Maximum, [7.5, 2.0, 0.0, 0.0, INF, NAN]),
        (Binary::Minimum, [2.0, -7.5, -0.0, -0.0, INF, NAN]),
        (Binary::Remainder, [1.5, -1.5, NAN, NAN, NAN, NAN]),
    ];
    for (op, wanted) in cases {
        assert_elements(&binary(op, &x, &y), &wanted);
    }
    assert_elements(&binary(Binary::Maximum, &[1.0f32], &[f32::NAN]), &[NAN]);
    assert_elements(&binary(Binary::Minimum, &[1.0f32], &[f32::NAN]), &[NAN]);
    assert_elements(
        &binary(Binary::Power, &[f32::NAN, 1.0], &[0.0, f32::NAN]),
        &[1.0, 1.0],
    );
    let quarter = binary(Binary::Atan2, &[1.0f64, -1.0], &[1.0, -1.0]);
    assert_elements(
        &quarter,
        &[
            std::f64::consts::FRAC_PI_4,
            -3.0 * std::f64::consts::FRAC_PI_4,
        ],
    );
}

#[test]
fn arithmetic_of_integers_wraps_and_divides_towards_zero() {
    let x = [i32::MAX, i32::MIN, -7, 7, 5];
    let y = [1, -1, 2, -2, 0];
    let cases = [
        (Binary::Add, [i32::MIN, i32::MAX, -5, 5, 5]),
        (Binary::Subtract, [i32::MAX - 1, i32::MIN + 1, -9, 9, 5]),
        (Binary::Multiply, [i32::MAX, i32::MIN, -14, -14, 0]),
        (Binary::Divide, [i32::MAX, i32::MIN, -3, -3, 0]),
        (Binary::Remainder, [0, 0, -1, 1, 0]),
        (Binary::Maximum, [i32::MAX, -1, 2, 7, 5]),
        (Binary::Minimum, [1, i32::MIN, -7, -2, 0]),
    ];
    for (op, wanted) in cases {
        assert_eq!(binary(op, &x, &y), v(wanted), "{op:?}");
    }
    let power = binary(
        Binary::Power,
        &[3, -1, -1, 1, 2, 2, 0],
        &[4, -3, -2, -9, -1, 40, 0],
    );
    assert_eq!(power, v([81, -1, 1, 1, 0, 0, 1]));
}

#[test]
fn sixty_four_bit_integers_keep_all_their_bits() {
    let big = (1i64 << 62) + 1;
    assert_eq!(binary(Binary::Add, &[big], &[2]), v([big + 2]));
    assert_eq!(binary(Binary::Multiply, &[big], &[1]), v([big]));
    assert_eq!(binary(Binary::Maximum, &[big], &[big - 1]), v([big]));
    let equal = one(Op::Compare(Comparison::Eq), &[v([big]), v([big - 1])]);
    assert_eq!(equal, v([false]));
}

#[test]
fn bits_are_combined_and_shifted() {
    let cases = [
        (Binary::And, [8, 0]),
        (Binary::Or, [14, -1]),
        (Binary::Xor, [6, -1]),
    ];
    for (op, wanted) in cases {
        assert_eq!(binary(op, &[12, -1], &[10, 0]), v(wanted), "{op:?}");
    }
    let left = binary(Binary::ShiftLeft, &[3, 1, 1, 1], &[2, 31, 32, -1]);
    assert_eq!(left, v([12, i32::MIN, 0, 0]));
    let right = binary(
        Binary::ShiftRightLogical,
        &[12, -1, -1, 1],
        &[2, 31, 32, -1],
    );
    assert_eq!(right, v([3, 1, 0, 0]));
}

#[test]
fn truth_values_add_as_or_and_multiply_as_and() {
    let (x, y) = ([false, false, true, true], [false, true, false, true]);
    let or = [false, true, true, true];
    let and = [false, false, false, true];
    for op in [Binary::Add, Binary::Or, Binary::Maximum] {
        assert_eq!(binary(op, &x, &y), v(or), "{op:?}");
    }
    for op in [Binary::Multiply, Binary::And, Binary::Minimum] {
        assert_eq!(binary(op, &x, &y), v(and), "{op:?}");
    }
    assert_eq!(binary(Binary::Xor, &x, &y), v([false, true, true, false]));
}

#[test]
fn operations_without_a_meaning_for_a_type_are_errors() {
    for op in [Binary::And, Binary::ShiftLeft] {
        let error = try_one(Op::Binary(op), &[v([1.0f32]), v([1.0f32])]).unwrap_err();
        assert!(error.to_string().contains("float32"), "{error}");
    }
    assert!(try_one(Op::Binary(Binary::Divide), &[v([true]), v([true])]).is_err());
    assert!(try_one(Op::Binary(Binary::Atan2), &[v([1]), v([1])]).is_err());
}

#[test]
fn comparisons_follow_ieee() {
    let (x, y) = (
        v([1.0f32, 2.0, f32::NAN, -0.0]),
        v([2.0f32, 2.0, f32::NAN, 0.0]),
    );
    let cases = [
        (Comparison::Eq, [false, true, false, true]),
        (Comparison::Ne, [true, false, true, false]),
        (Comparison::Lt, [true, false, false, false]),
        (Comparison::Le, [true, true, false, true]),
        (Comparison::Gt, [false, false, false, false]),
        (Comparison::Ge, [false, true, false, true]),
    ];
    for (comparison, wanted) in cases {
        let got = one(Op::Compare(comparison), &[x.clone(), y.clone()]);
        assert_eq!(got, v(wanted), "{comparison:?}");
    }
}

#[test]
fn select_picks_elementwise() {
    let picked = one(
        Op::Select,
        &[v([true, false]), v([1.0f32, 2.0]), v([3.0f32, 4.0])],
    );
    assert_elements(&picked, &[1.0, 4.0]);
}

#[test]
fn conversions_truncate_saturate_and_round() {
    let x = v([2.9f32, -2.9, f32::NAN, 1e20, -0.0]);
    let to = |dtype| one(Op::Convert(dtype), std::slice::from_ref(&x));
    assert_eq!(to(DType::I32), v([2, -2, 0, i32::MAX, 0]));
    assert_eq!(to(DType::U8), v([2u8, 0, 0, 255, 0]));
    assert_eq!(to(DType::Bool), v([true, true, true, true, false]));
    assert_elements(
        &to(DType::F16),
        &[2.900_390_625, -2.900_390_625, NAN, INF, -0.0],
    );
    let integers = one(Op::Convert(DType::U8), &[v([-1, 256, 300])]);
    assert_eq!(integers, v([255u8, 0, 44]));
}

#[test]
fn sixteen_bit_floats_are_rounded_after_each_operation() {
    let x = v([2048.0f32, 1.0]).convert(DType::F16);
    let y = v([1.0f32, 1.0 / 4096.0]).convert(DType::F16);
    let sum = one(Op::Binary(Binary::Add), &[x, y]);
    assert_eq!(sum.dtype(), DType::F16);
    assert_elements(&sum, &[2048.0, 1.0]);
}

#[test]
fn stop_gradient_passes_its_operand_on() {
    assert_elements(&one(Op::StopGradient, &[v([1.0f32, -0.0])]), &[1.0, -0.0]);
}
