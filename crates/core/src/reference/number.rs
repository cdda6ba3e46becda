//! What the interpreter needs to know of an element type.

use crate::elements::Elements;
use crate::error::{Error, Result};
use crate::graph::op::{Binary, Unary};
use crate::half;
use crate::reference::special;
use crate::shape::Shape;
use crate::value::Value;

/// An element type with its arithmetic. `f32` also reads the 16-bit types; the interpreter rounds
/// results back to them.
pub(super) trait Number: Copy + PartialOrd {
    /// What sums and products of many elements are accumulated in.
    type Wide: Number;
    /// The sum of nothing.
    const ZERO: Self;
    /// The product of nothing.
    const ONE: Self;
    /// The largest of nothing.
    const LOWEST: Self;
    /// The smallest of nothing.
    const HIGHEST: Self;
    /// The bitwise `and` of nothing.
    const ALL_ONES: Self;

    /// The elements of a value of this type.
    fn read(value: &Value) -> Result<Vec<Self>>;
    /// A value of these elements.
    fn write(shape: &Shape, elements: Vec<Self>) -> Result<Value>;
    /// The element in the type that accumulates.
    fn widen(self) -> Self::Wide;
    /// The accumulated number, rounded.
    fn narrow(wide: Self::Wide) -> Self;
    fn is_nan(self) -> bool;
    fn add(self, other: Self) -> Self;
    fn multiply(self, other: Self) -> Self;
    /// NaN if either is NaN; of two zeros the positive one.
    fn maximum(self, other: Self) -> Self;
    /// NaN if either is NaN; of two zeros the negative one.
    fn minimum(self, other: Self) -> Self;
    /// `None` if the operation is not defined for the type.
    fn unary(self, op: Unary) -> Option<Self>;
    /// `None` if the operation is not defined for the type.
    fn binary(self, op: Binary, other: Self) -> Option<Self>;
}

/// Runs the same code with `$number` standing for the type that computes elements of a [`crate::DType`].
macro_rules! with_number {
    ($dtype:expr, $number:ident => $code:expr) => {
        match $dtype {
            crate::DType::F16 | crate::DType::BF16 | crate::DType::F32 => {
                type $number = f32;
                $code
            }
            crate::DType::F64 => {
                type $number = f64;
                $code
            }
            crate::DType::I32 => {
                type $number = i32;
                $code
            }
            crate::DType::I64 => {
                type $number = i64;
                $code
            }
            crate::DType::U8 => {
                type $number = u8;
                $code
            }
            crate::DType::Bool => {
                type $number = bool;
                $code
            }
        }
    };
}
pub(super) use with_number;

/// The error of an operation on elements that it has no meaning for.
pub(super) fn undefined(op: &str, value: &Value) -> Error {
    Error::engine(
        op,
        "elements of a type that it is defined for",
        value.dtype().name(),
        "Convert them with cast",
    )
}

fn wrong_type(wanted: &str, value: &Value) -> Error {
    Error::engine(
        "reference",
        format!("elements of type {wanted}"),
        value.dtype().name(),
        "",
    )
}

/// `x` to the power `y` as IEEE 754 says; squares and reciprocals are rounded only once.
fn power(x: f64, y: f64) -> f64 {
    if y == 2.0 {
        x * x
    } else if y == -1.0 {
        1.0 / x
    } else {
        x.powf(y)
    }
}

macro_rules! float {
    ($float:ident, $($stored:pat => $elements:expr),+) => {
        impl Number for $float {
            type Wide = f64;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const LOWEST: Self = Self::NEG_INFINITY;
            const HIGHEST: Self = Self::INFINITY;
            const ALL_ONES: Self = Self::NAN;

            fn read(value: &Value) -> Result<Vec<Self>> {
                match value.elements() {
                    $($stored => Ok($elements),)+
                    _ => Err(wrong_type(stringify!($float), value)),
                }
            }

            fn write(shape: &Shape, elements: Vec<Self>) -> Result<Value> {
                Value::from_vec(shape, elements)
            }

            fn widen(self) -> f64 {
                f64::from(self)
            }

            fn narrow(wide: f64) -> Self {
                wide as $float
            }

            fn is_nan(self) -> bool {
                self.is_nan()
            }

            fn add(self, other: Self) -> Self {
                self + other
            }

            fn multiply(self, other: Self) -> Self {
                self * other
            }

            fn maximum(self, other: Self) -> Self {
                let tie = self == other && self.is_sign_negative();
                if other.is_nan() || other > self || tie { other } else { self }
            }

            fn minimum(self, other: Self) -> Self {
                let tie = self == other && self.is_sign_positive();
                if other.is_nan() || other < self || tie { other } else { self }
            }

            fn unary(self, op: Unary) -> Option<Self> {
                let wide = f64::from(self);
                Some(match op {
                    Unary::Abs => self.abs(),
                    Unary::Negate => -self,
                    // A zero keeps its sign, and NaN stays.
                    Unary::Sign if self == 0.0 || self.is_nan() => self,
                    Unary::Sign => self.signum(),
                    Unary::Exponential => wide.exp() as $float,
                    Unary::ExponentialMinusOne => wide.exp_m1() as $float,
                    Unary::Log => wide.ln() as $float,
                    Unary::LogPlusOne => wide.ln_1p() as $float,
                    Unary::Sqrt => self.sqrt(),
                    Unary::Rsqrt => (1.0 / wide.sqrt()) as $float,
                    Unary::Cbrt => wide.cbrt() as $float,
                    Unary::Sine => wide.sin() as $float,
                    Unary::Cosine => wide.cos() as $float,
                    Unary::Tan => wide.tan() as $float,
                    Unary::Tanh => wide.tanh() as $float,
                    Unary::Logistic => (1.0 / (1.0 + (-wide).exp())) as $float,
                    Unary::Erf => special::erf(wide) as $float,
                    Unary::Floor => self.floor(),
                    Unary::Ceil => self.ceil(),
                    Unary::RoundNearestEven => self.round_ties_even(),
                    Unary::Not | Unary::IsFinite => return None,
                })
            }

            fn binary(self, op: Binary, other: Self) -> Option<Self> {
                Some(match op {
                    Binary::Add => self + other,
                    Binary::Subtract => self - other,
                    Binary::Multiply => self * other,
                    Binary::Divide => self / other,
                    Binary::Power => power(f64::from(self), f64::from(other)) as $float,
                    Binary::Maximum => Number::maximum(self, other),
                    Binary::Minimum => Number::minimum(self, other),
                    Binary::Remainder => self % other,
                    Binary::Atan2 => f64::from(self).atan2(f64::from(other)) as $float,
                    Binary::And
                    | Binary::Or
                    | Binary::Xor
                    | Binary::ShiftLeft
                    | Binary::ShiftRightLogical => return None,
                })
            }
        }
    };
}

float!(f64, Elements::F64(v) => v.to_vec());
float!(
    f32,
    Elements::F32(v) => v.to_vec(),
    Elements::F16(v) => v.iter().map(|bits| half::f16_to_f32(*bits)).collect(),
    Elements::BF16(v) => v.iter().map(|bits| half::bf16_to_f32(*bits)).collect()
);

macro_rules! integer {
    ($integer:ident, $unsigned:ident, $stored:ident) => {
        impl Number for $integer {
            type Wide = $integer;
            const ZERO: Self = 0;
            const ONE: Self = 1;
            const LOWEST: Self = Self::MIN;
            const HIGHEST: Self = Self::MAX;
            const ALL_ONES: Self = !0;

            fn read(value: &Value) -> Result<Vec<Self>> {
                match value.elements() {
                    Elements::$stored(v) => Ok(v.to_vec()),
                    _ => Err(wrong_type(stringify!($integer), value)),
                }
            }

            fn write(shape: &Shape, elements: Vec<Self>) -> Result<Value> {
                Value::from_vec(shape, elements)
            }

            fn widen(self) -> Self {
                self
            }

            fn narrow(wide: Self) -> Self {
                wide
            }

            fn is_nan(self) -> bool {
                false
            }

            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn multiply(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }

            fn maximum(self, other: Self) -> Self {
                self.max(other)
            }

            fn minimum(self, other: Self) -> Self {
                self.min(other)
            }

            fn unary(self, op: Unary) -> Option<Self> {
                let is_negative = self.lt(&Self::ZERO);
                match op {
                    Unary::Abs if is_negative => Some(self.wrapping_neg()),
                    Unary::Abs => Some(self),
                    Unary::Negate => Some(self.wrapping_neg()),
                    Unary::Sign if is_negative => Some(!0),
                    Unary::Sign => Some(self.min(1)),
                    Unary::Not => Some(!self),
                    _ => None,
                }
            }

            fn binary(self, op: Binary, other: Self) -> Option<Self> {
                let shift = u32::try_from(other).unwrap_or(u32::MAX);
                Some(match op {
                    Binary::Add => self.wrapping_add(other),
                    Binary::Subtract => self.wrapping_sub(other),
                    Binary::Multiply => self.wrapping_mul(other),
                    Binary::Divide | Binary::Remainder if other == 0 => 0,
                    Binary::Divide => self.wrapping_div(other),
                    Binary::Remainder => self.wrapping_rem(other),
                    Binary::Power => integer_power(self, other),
                    Binary::Maximum => self.max(other),
                    Binary::Minimum => self.min(other),
                    Binary::And => self & other,
                    Binary::Or => self | other,
                    Binary::Xor => self ^ other,
                    Binary::ShiftLeft => self.checked_shl(shift).unwrap_or(0),
                    Binary::ShiftRightLogical => {
                        (self as $unsigned).checked_shr(shift).unwrap_or(0) as $integer
                    }
                    Binary::Atan2 => return None,
                })
            }
        }
    };
}

integer!(i32, u32, I32);
integer!(i64, u64, I64);
integer!(u8, u8, U8);

/// Wraps around. Of a negative exponent: the reciprocal of 1 and -1, and 0 for other bases.
fn integer_power<T: Number + PartialEq>(base: T, exponent: T) -> T {
    let binary = |op, a: T, b: T| a.binary(op, b).unwrap_or(T::ZERO);
    let minus_one = binary(Binary::Subtract, T::ZERO, T::ONE);
    let is_odd = |n: T| binary(Binary::And, n, T::ONE) == T::ONE;
    if exponent < T::ZERO {
        return match base {
            b if b == T::ONE || (b == minus_one && !is_odd(exponent)) => T::ONE,
            b if b == minus_one => minus_one,
            _ => T::ZERO,
        };
    }
    let (mut result, mut square, mut left) = (T::ONE, base, exponent);
    while left > T::ZERO {
        if is_odd(left) {
            result = result.multiply(square);
        }
        square = square.multiply(square);
        left = binary(Binary::ShiftRightLogical, left, T::ONE);
    }
    result
}

impl Number for bool {
    type Wide = bool;
    const ZERO: Self = false;
    const ONE: Self = true;
    const LOWEST: Self = false;
    const HIGHEST: Self = true;
    const ALL_ONES: Self = true;

    fn read(value: &Value) -> Result<Vec<Self>> {
        match value.elements() {
            Elements::Bool(v) => Ok(v.iter().map(|byte| *byte != 0).collect()),
            _ => Err(wrong_type("bool", value)),
        }
    }

    fn write(shape: &Shape, elements: Vec<Self>) -> Result<Value> {
        Value::from_vec(shape, elements)
    }

    fn widen(self) -> Self {
        self
    }

    fn narrow(wide: Self) -> Self {
        wide
    }

    fn is_nan(self) -> bool {
        false
    }

    fn add(self, other: Self) -> Self {
        self | other
    }

    fn multiply(self, other: Self) -> Self {
        self & other
    }

    fn maximum(self, other: Self) -> Self {
        self | other
    }

    fn minimum(self, other: Self) -> Self {
        self & other
    }

    fn unary(self, op: Unary) -> Option<Self> {
        (op == Unary::Not).then_some(!self)
    }

    fn binary(self, op: Binary, other: Self) -> Option<Self> {
        match op {
            Binary::Add | Binary::Maximum | Binary::Or => Some(self | other),
            Binary::Multiply | Binary::Minimum | Binary::And => Some(self & other),
            Binary::Xor => Some(self ^ other),
            _ => None,
        }
    }
}
