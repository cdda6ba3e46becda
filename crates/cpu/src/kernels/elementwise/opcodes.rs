//! Which loop stands for which operation on which type.

use super::block::{
    BlockFunction, FIRST_FIXED, Map1, Map2, NONE_FIXED, SECOND_FIXED, THIRD_FIXED, map1, map2,
    select,
};
use super::number::{Bits, ConvertTo, Element, Float, Integer, Number, Truth};
use crate::CpuLevel;
use hornblende_core::DType;
use hornblende_core::graph::op::{Binary, Comparison, Unary};
use std::marker::PhantomData;

/// Declares a type for each function of one element; those marked `fused` take that constant.
macro_rules! unary_maps {
    ($($bound:ident: $($name:ident => $method:ident $(<$fused:ident>)?),+;)+) => {$($(
        struct $name;
        impl<T: $bound> Map1<T> for $name {
            type Result = T;
            #[inline(always)]
            fn apply<const FUSED: bool>(a: T) -> T {
                a.$method$(::<$fused>)?()
            }
        }
    )+)+};
}

/// Declares a type for each function of two elements.
macro_rules! binary_maps {
    ($($bound:ident: $($name:ident => $method:ident $(<$fused:ident>)?),+;)+) => {$($(
        pub(in crate::kernels) struct $name;
        impl<T: $bound> Map2<T> for $name {
            type Result = T;
            #[inline(always)]
            fn apply<const FUSED: bool>(a: T, b: T) -> T {
                a.$method$(::<$fused>)?(b)
            }
        }
    )+)+};
}

/// Declares a type for each function that leaves large arguments to the standard library.
macro_rules! periodic_maps {
    ($($name:ident => $method:ident, $slow:ident;)+) => {$(
        struct $name;
        impl<T: Float> Map1<T> for $name {
            type Result = T;
            const HAS_EXCEPTIONS: bool = true;
            #[inline(always)]
            fn apply<const FUSED: bool>(a: T) -> T {
                a.$method::<FUSED>()
            }
            #[inline(always)]
            fn is_exception(a: T) -> bool {
                a.is_beyond_sine()
            }
            fn exception(a: T) -> T {
                a.$slow()
            }
        }
    )+};
}

/// Declares a type for each comparison.
macro_rules! comparison_maps {
    ($($name:ident => $operator:tt;)+) => {$(
        struct $name;
        impl<T: Element + PartialOrd> Map2<T> for $name {
            type Result = Truth;
            #[inline(always)]
            fn apply<const FUSED: bool>(a: T, b: T) -> Truth {
                Truth(u8::from(a $operator b))
            }
        }
    )+};
}

unary_maps! {
    Number: Abs => absolute, Negate => negate, Sign => sign;
    Float: Exponential => exponential<FUSED>, ExponentialMinusOne => exponential_minus_one<FUSED>,
        Log => log<FUSED>, LogPlusOne => log_plus_one<FUSED>, Sqrt => square_root,
        Rsqrt => reciprocal_square_root, Cbrt => cube_root, Tanh => hyperbolic_tangent<FUSED>,
        Logistic => logistic<FUSED>, Erf => error_function<FUSED>, Floor => floor, Ceil => ceil,
        RoundNearestEven => round_nearest_even;
    Bits: Not => not;
}

periodic_maps! {
    Sine => sine, slow_sine;
    Cosine => cosine, slow_cosine;
    Tan => tangent, slow_tangent;
}

binary_maps! {
    Number: Add => add, Subtract => subtract, Multiply => multiply, Divide => divide,
        Power => power<FUSED>, Maximum => maximum, Minimum => minimum, Remainder => remainder;
    Float: Atan2 => angle<FUSED>;
    Bits: And => and, Or => or, Xor => xor;
    Integer: ShiftLeft => shift_left, ShiftRightLogical => shift_right_logical;
}

comparison_maps! {
    Eq => ==;
    Ne => !=;
    Lt => <;
    Le => <=;
    Gt => >;
    Ge => >=;
}

struct IsFinite;
impl<T: Float> Map1<T> for IsFinite {
    type Result = Truth;
    #[inline(always)]
    fn apply<const FUSED: bool>(a: T) -> Truth {
        a.is_finite()
    }
}

struct Convert<R>(PhantomData<R>);
impl<A: Element + ConvertTo<R>, R: Element> Map1<A> for Convert<R> {
    type Result = R;
    #[inline(always)]
    fn apply<const FUSED: bool>(a: A) -> R {
        a.convert()
    }
}

/// The loop of `op` on elements of `dtype`, and the type of its results.
pub(super) fn unary(op: Unary, dtype: DType, level: CpuLevel) -> Option<(BlockFunction, DType)> {
    let function = match dtype {
        DType::F32 => unary_of_float::<f32>(op, level),
        DType::F64 => unary_of_float::<f64>(op, level),
        DType::I32 => unary_of_integer::<i32>(op, level),
        DType::I64 => unary_of_integer::<i64>(op, level),
        DType::U8 => unary_of_integer::<u8>(op, level),
        DType::Bool if op == Unary::Not => Some(map1::<Truth, Not>(level)),
        _ => None,
    };
    let result = if op == Unary::IsFinite {
        DType::Bool
    } else {
        dtype
    };
    function.map(|function| (function, result))
}

fn unary_of_number<T: Number>(op: Unary, level: CpuLevel) -> Option<BlockFunction> {
    Some(match op {
        Unary::Abs => map1::<T, Abs>(level),
        Unary::Negate => map1::<T, Negate>(level),
        Unary::Sign => map1::<T, Sign>(level),
        _ => return None,
    })
}

fn unary_of_integer<T: Integer>(op: Unary, level: CpuLevel) -> Option<BlockFunction> {
    match op {
        Unary::Not => Some(map1::<T, Not>(level)),
        _ => unary_of_number::<T>(op, level),
    }
}

fn unary_of_float<T: Float>(op: Unary, level: CpuLevel) -> Option<BlockFunction> {
    Some(match op {
        Unary::Abs | Unary::Negate | Unary::Sign => return unary_of_number::<T>(op, level),
        Unary::Exponential => map1::<T, Exponential>(level),
        Unary::ExponentialMinusOne => map1::<T, ExponentialMinusOne>(level),
        Unary::Log => map1::<T, Log>(level),
        Unary::LogPlusOne => map1::<T, LogPlusOne>(level),
        Unary::Sqrt => map1::<T, Sqrt>(level),
        Unary::Rsqrt => map1::<T, Rsqrt>(level),
        Unary::Cbrt => map1::<T, Cbrt>(level),
        Unary::Sine => map1::<T, Sine>(level),
        Unary::Cosine => map1::<T, Cosine>(level),
        Unary::Tan => map1::<T, Tan>(level),
        Unary::Tanh => map1::<T, Tanh>(level),
        Unary::Logistic => map1::<T, Logistic>(level),
        Unary::Erf => map1::<T, Erf>(level),
        Unary::Floor => map1::<T, Floor>(level),
        Unary::Ceil => map1::<T, Ceil>(level),
        Unary::RoundNearestEven => map1::<T, RoundNearestEven>(level),
        Unary::IsFinite => map1::<T, IsFinite>(level),
        Unary::Not => return None,
    })
}

/// The loop of `op` on elements of `dtype` with these sources fixed, if there is one.
pub(super) fn binary(
    op: Binary,
    dtype: DType,
    fixed: u8,
    level: CpuLevel,
) -> Option<BlockFunction> {
    match (dtype, fixed) {
        (DType::F32, NONE_FIXED) => binary_of_float::<f32>(op, level),
        (DType::F32, _) => binary_with_fixed::<f32>(op, fixed, level),
        (_, FIRST_FIXED | SECOND_FIXED) => None,
        (DType::F64, _) => binary_of_float::<f64>(op, level),
        (DType::I32, _) => binary_of_integer::<i32>(op, level),
        (DType::I64, _) => binary_of_integer::<i64>(op, level),
        (DType::U8, _) => binary_of_integer::<u8>(op, level),
        (DType::Bool, _) => binary_of_truth(op, level),
        _ => None,
    }
}

fn binary_of_number<T: Number>(op: Binary, level: CpuLevel) -> Option<BlockFunction> {
    Some(match op {
        Binary::Add => map2::<T, Add, NONE_FIXED>(level),
        Binary::Subtract => map2::<T, Subtract, NONE_FIXED>(level),
        Binary::Multiply => map2::<T, Multiply, NONE_FIXED>(level),
        Binary::Divide => map2::<T, Divide, NONE_FIXED>(level),
        Binary::Power => map2::<T, Power, NONE_FIXED>(level),
        Binary::Maximum => map2::<T, Maximum, NONE_FIXED>(level),
        Binary::Minimum => map2::<T, Minimum, NONE_FIXED>(level),
        Binary::Remainder => map2::<T, Remainder, NONE_FIXED>(level),
        _ => return None,
    })
}

fn binary_of_float<T: Float>(op: Binary, level: CpuLevel) -> Option<BlockFunction> {
    match op {
        Binary::Atan2 => Some(map2::<T, Atan2, NONE_FIXED>(level)),
        _ => binary_of_number::<T>(op, level),
    }
}

fn binary_of_integer<T: Integer>(op: Binary, level: CpuLevel) -> Option<BlockFunction> {
    Some(match op {
        Binary::And => map2::<T, And, NONE_FIXED>(level),
        Binary::Or => map2::<T, Or, NONE_FIXED>(level),
        Binary::Xor => map2::<T, Xor, NONE_FIXED>(level),
        Binary::ShiftLeft => map2::<T, ShiftLeft, NONE_FIXED>(level),
        Binary::ShiftRightLogical => map2::<T, ShiftRightLogical, NONE_FIXED>(level),
        _ => return binary_of_number::<T>(op, level),
    })
}

/// Truth values add and multiply as in NumPy: `or` and `and`.
fn binary_of_truth(op: Binary, level: CpuLevel) -> Option<BlockFunction> {
    Some(match op {
        Binary::And | Binary::Multiply | Binary::Minimum => map2::<Truth, And, NONE_FIXED>(level),
        Binary::Or | Binary::Add | Binary::Maximum => map2::<Truth, Or, NONE_FIXED>(level),
        Binary::Xor => map2::<Truth, Xor, NONE_FIXED>(level),
        _ => return None,
    })
}

fn binary_with_fixed<T: Number>(op: Binary, fixed: u8, level: CpuLevel) -> Option<BlockFunction> {
    Some(match (op, fixed) {
        (Binary::Add, SECOND_FIXED) => map2::<T, Add, SECOND_FIXED>(level),
        (Binary::Subtract, SECOND_FIXED) => map2::<T, Subtract, SECOND_FIXED>(level),
        (Binary::Subtract, FIRST_FIXED) => map2::<T, Subtract, FIRST_FIXED>(level),
        (Binary::Multiply, SECOND_FIXED) => map2::<T, Multiply, SECOND_FIXED>(level),
        (Binary::Divide, SECOND_FIXED) => map2::<T, Divide, SECOND_FIXED>(level),
        (Binary::Divide, FIRST_FIXED) => map2::<T, Divide, FIRST_FIXED>(level),
        (Binary::Maximum, SECOND_FIXED) => map2::<T, Maximum, SECOND_FIXED>(level),
        (Binary::Minimum, SECOND_FIXED) => map2::<T, Minimum, SECOND_FIXED>(level),
        _ => return None,
    })
}

/// The loop of a comparison of elements of `dtype` with these sources fixed, if there is one.
pub(super) fn compare(
    comparison: Comparison,
    dtype: DType,
    fixed: u8,
    level: CpuLevel,
) -> Option<BlockFunction> {
    Some(match (dtype, fixed) {
        (DType::F32, SECOND_FIXED) => compare_of::<f32, SECOND_FIXED>(comparison, level),
        (_, FIRST_FIXED | SECOND_FIXED) => return None,
        (DType::F32, _) => compare_of::<f32, NONE_FIXED>(comparison, level),
        (DType::F64, _) => compare_of::<f64, NONE_FIXED>(comparison, level),
        (DType::I32, _) => compare_of::<i32, NONE_FIXED>(comparison, level),
        (DType::I64, _) => compare_of::<i64, NONE_FIXED>(comparison, level),
        (DType::U8, _) => compare_of::<u8, NONE_FIXED>(comparison, level),
        (DType::Bool, _) => compare_of::<Truth, NONE_FIXED>(comparison, level),
        _ => return None,
    })
}

fn compare_of<T: Element + PartialOrd, const FIXED: u8>(
    comparison: Comparison,
    level: CpuLevel,
) -> BlockFunction {
    match comparison {
        Comparison::Eq => map2::<T, Eq, FIXED>(level),
        Comparison::Ne => map2::<T, Ne, FIXED>(level),
        Comparison::Lt => map2::<T, Lt, FIXED>(level),
        Comparison::Le => map2::<T, Le, FIXED>(level),
        Comparison::Gt => map2::<T, Gt, FIXED>(level),
        Comparison::Ge => map2::<T, Ge, FIXED>(level),
    }
}

/// The loop that picks elements of `dtype` with these sources fixed, if there is one.
pub(super) fn select_loop(dtype: DType, fixed: u8, level: CpuLevel) -> Option<BlockFunction> {
    const BOTH_FIXED: u8 = SECOND_FIXED | THIRD_FIXED;
    Some(match (dtype, fixed) {
        (DType::F32, SECOND_FIXED) => select::<u32, SECOND_FIXED>(level),
        (DType::F32, THIRD_FIXED) => select::<u32, THIRD_FIXED>(level),
        (DType::F32, BOTH_FIXED) => select::<u32, BOTH_FIXED>(level),
        (DType::F32 | DType::I32, NONE_FIXED) => select::<u32, NONE_FIXED>(level),
        (DType::F64 | DType::I64, NONE_FIXED) => select::<u64, NONE_FIXED>(level),
        (DType::U8 | DType::Bool, NONE_FIXED) => select::<u8, NONE_FIXED>(level),
        _ => return None,
    })
}

/// The loop that converts elements, if both types can be computed with.
pub(in crate::kernels) fn convert(
    from: DType,
    to: DType,
    level: CpuLevel,
) -> Option<BlockFunction> {
    match from {
        DType::F32 => convert_from::<f32>(to, level),
        DType::F64 => convert_from::<f64>(to, level),
        DType::I32 => convert_from::<i32>(to, level),
        DType::I64 => convert_from::<i64>(to, level),
        DType::U8 => convert_from::<u8>(to, level),
        DType::Bool => convert_from::<Truth>(to, level),
        _ => None,
    }
}

fn convert_from<A>(to: DType, level: CpuLevel) -> Option<BlockFunction>
where
    A: Element
        + ConvertTo<f32>
        + ConvertTo<f64>
        + ConvertTo<i32>
        + ConvertTo<i64>
        + ConvertTo<u8>
        + ConvertTo<Truth>,
{
    Some(match to {
        DType::F32 => map1::<A, Convert<f32>>(level),
        DType::F64 => map1::<A, Convert<f64>>(level),
        DType::I32 => map1::<A, Convert<i32>>(level),
        DType::I64 => map1::<A, Convert<i64>>(level),
        DType::U8 => map1::<A, Convert<u8>>(level),
        DType::Bool => map1::<A, Convert<Truth>>(level),
        _ => return None,
    })
}

/// True if the operands may change places.
pub(super) fn is_commutative(op: Binary) -> bool {
    matches!(
        op,
        Binary::Add
            | Binary::Multiply
            | Binary::Maximum
            | Binary::Minimum
            | Binary::And
            | Binary::Or
            | Binary::Xor
    )
}
