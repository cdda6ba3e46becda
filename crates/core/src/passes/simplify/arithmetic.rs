//! Rules of the operations with two operands.

use crate::dtype::DType;
use crate::graph::NodeId;
use crate::graph::op::{Binary, Op, Unary};
use crate::passes::simplify::site::Site;
use crate::value::Value;

pub(super) fn binary(site: &mut Site<'_>, op: Binary) -> Option<NodeId> {
    match op {
        Binary::Add => add(site),
        Binary::Subtract => subtract(site),
        Binary::Multiply => multiply(site),
        Binary::Divide => divide(site),
        Binary::Power => power(site),
        Binary::Maximum => extreme(site, lowest(site.node.dtype)),
        Binary::Minimum => extreme(site, highest(site.node.dtype)),
        Binary::And => bitwise(site, all_ones(site.node.dtype), 0.0),
        Binary::Or => bitwise(site, 0.0, all_ones(site.node.dtype)),
        Binary::Xor => xor(site),
        Binary::ShiftLeft | Binary::ShiftRightLogical if site.constant(1) == Some(0.0) => {
            Some(site.operand(0))
        }
        Binary::ShiftLeft | Binary::ShiftRightLogical | Binary::Remainder | Binary::Atan2 => None,
    }
}

/// True for the zero that added to any `x` gives `x`: -0.0 for floats, since `-0.0 + 0.0 = 0.0`.
fn adds_nothing(site: &Site<'_>, x: Option<f64>) -> bool {
    x.is_some_and(|x| x == 0.0 && (!site.is_float() || x.is_sign_negative()))
}

fn add(site: &mut Site<'_>) -> Option<NodeId> {
    let (x, y) = (site.operand(0), site.operand(1));
    if adds_nothing(site, site.constant(1)) {
        return Some(x);
    }
    if adds_nothing(site, site.constant(0)) {
        return Some(y);
    }
    // Negation is exact (and wraps), and `x + -y` is how `x - y` is defined.
    let subtract = Op::Binary(Binary::Subtract);
    if let Some(y) = site.unary_argument(1, Unary::Negate) {
        return site.push(subtract, &[x, y]);
    }
    let x = site.unary_argument(0, Unary::Negate)?;
    site.push(subtract, &[y, x])
}

fn subtract(site: &mut Site<'_>) -> Option<NodeId> {
    let (x, y) = (site.operand(0), site.operand(1));
    // x - 0.0 is x + -0.0.
    if adds_nothing(site, site.constant(1).map(|zero| -zero)) {
        return Some(x);
    }
    // -0.0 - y is -y, for a positive and for a negative zero too.
    if adds_nothing(site, site.constant(0)) {
        return site.push(Op::Unary(Unary::Negate), &[y]);
    }
    if x == y && !site.is_float() {
        return site.splat(0.0);
    }
    let y = site.unary_argument(1, Unary::Negate)?;
    site.push(Op::Binary(Binary::Add), &[x, y])
}

fn multiply(site: &mut Site<'_>) -> Option<NodeId> {
    for (factor, other) in [(1, 0), (0, 1)] {
        let x = site.operand(other);
        match site.constant(factor) {
            // A product with 1 or -1 is not rounded.
            Some(1.0) => return Some(x),
            Some(-1.0) => return site.push(Op::Unary(Unary::Negate), &[x]),
            // Integers and truth values have no infinity and no NaN.
            Some(0.0) if !site.is_float() => return site.splat(0.0),
            _ => {}
        }
    }
    both_negated(site, Binary::Multiply)
}

fn divide(site: &mut Site<'_>) -> Option<NodeId> {
    let x = site.operand(0);
    match site.constant(1) {
        Some(1.0) => return Some(x),
        Some(-1.0) => return site.push(Op::Unary(Unary::Negate), &[x]),
        Some(divisor) if site.is_float() => {
            if let Some(reciprocal) = exact_reciprocal(divisor, site.node.dtype) {
                let factor = site.splat(reciprocal)?;
                return site.push(Op::Binary(Binary::Multiply), &[x, factor]);
            }
        }
        _ => {}
    }
    // Not for integers: the smallest one is its own negation.
    if site.is_float() {
        both_negated(site, Binary::Divide)
    } else {
        None
    }
}

/// The signs of both operands cancel, exactly.
fn both_negated(site: &mut Site<'_>, op: Binary) -> Option<NodeId> {
    let x = site.unary_argument(0, Unary::Negate)?;
    let y = site.unary_argument(1, Unary::Negate)?;
    site.push(Op::Binary(op), &[x, y])
}

/// `1 / x` if `x` is a power of two and both are normal numbers of the type. Quotient and product then
/// round the same real number, and neither factor is flushed where subnormal numbers are.
fn exact_reciprocal(x: f64, dtype: DType) -> Option<f64> {
    let is_power_of_two = x.is_normal() && x.to_bits().trailing_zeros() >= 52;
    let smallest = match dtype {
        DType::F16 => 2f64.powi(-14),
        DType::F64 => f64::MIN_POSITIVE,
        _ => f64::from(f32::MIN_POSITIVE),
    };
    let reciprocal = 1.0 / x;
    let is_exact = Value::full([], dtype, reciprocal).get_f64(0) == reciprocal;
    let is_normal = x.abs() >= smallest && reciprocal.abs() >= smallest;
    (is_power_of_two && is_exact && is_normal).then_some(reciprocal)
}

/// Squares and reciprocals are defined as rounded once, as products and quotients are. Cubes are not, and
/// `x^0.5` differs from the square root at -0.0 and minus infinity.
fn power(site: &mut Site<'_>) -> Option<NodeId> {
    let x = site.operand(0);
    match site.constant(1)? {
        // IEEE 754 says 1 also for NaN.
        0.0 => site.splat(1.0),
        1.0 => Some(x),
        2.0 => site.push(Op::Binary(Binary::Multiply), &[x, x]),
        -1.0 if site.is_float() => {
            let one = site.splat(1.0)?;
            site.push(Op::Binary(Binary::Divide), &[one, x])
        }
        _ => None,
    }
}

/// A maximum with the lowest number, or a minimum with the highest one, is the other operand; a NaN
/// comes out either way.
fn extreme(site: &Site<'_>, neutral: f64) -> Option<NodeId> {
    let (x, y) = (site.operand(0), site.operand(1));
    if x == y || site.constant(1) == Some(neutral) {
        return Some(x);
    }
    (site.constant(0) == Some(neutral)).then_some(y)
}

fn bitwise(site: &mut Site<'_>, neutral: f64, absorbing: f64) -> Option<NodeId> {
    let (x, y) = (site.operand(0), site.operand(1));
    let (left, right) = (site.constant(0), site.constant(1));
    if x == y || right == Some(neutral) {
        return Some(x);
    }
    if left == Some(neutral) {
        return Some(y);
    }
    if left == Some(absorbing) || right == Some(absorbing) {
        return site.splat(absorbing);
    }
    None
}

fn xor(site: &mut Site<'_>) -> Option<NodeId> {
    let (x, y) = (site.operand(0), site.operand(1));
    if site.constant(1) == Some(0.0) {
        return Some(x);
    }
    if site.constant(0) == Some(0.0) {
        return Some(y);
    }
    if x == y { site.splat(0.0) } else { None }
}

/// Of `I64` it is not known as an `f64`, and no constant of integers reads as infinity: the rule does
/// not apply.
fn lowest(dtype: DType) -> f64 {
    match dtype {
        DType::I32 => f64::from(i32::MIN),
        DType::U8 | DType::Bool => 0.0,
        _ => f64::NEG_INFINITY,
    }
}

/// See [`lowest`].
fn highest(dtype: DType) -> f64 {
    match dtype {
        DType::I32 => f64::from(i32::MAX),
        DType::U8 => f64::from(u8::MAX),
        DType::Bool => 1.0,
        _ => f64::INFINITY,
    }
}

fn all_ones(dtype: DType) -> f64 {
    match dtype {
        DType::U8 => f64::from(u8::MAX),
        DType::Bool => 1.0,
        _ => -1.0,
    }
}
