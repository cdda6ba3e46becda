//! The element types and their arithmetic, as `hornblende_core::graph::op` defines it.

use crate::kernels::vector_math as math;

/// A type that registers can hold.
pub(in crate::kernels) trait Element: Copy + 'static {}

/// A truth value: a byte, 0 or 1.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
#[repr(transparent)]
pub(in crate::kernels) struct Truth(pub(in crate::kernels) u8);

/// What all number types can do.
pub(in crate::kernels) trait Number: Element + PartialOrd {
    const ZERO: Self;
    const ONE: Self;
    /// The largest of nothing.
    const LOWEST: Self;
    /// The smallest of nothing.
    const HIGHEST: Self;
    fn absolute(self) -> Self;
    fn negate(self) -> Self;
    fn sign(self) -> Self;
    fn add(self, other: Self) -> Self;
    fn subtract(self, other: Self) -> Self;
    fn multiply(self, other: Self) -> Self;
    fn divide(self, other: Self) -> Self;
    fn remainder(self, other: Self) -> Self;
    fn maximum(self, other: Self) -> Self;
    fn minimum(self, other: Self) -> Self;
    fn power<const FUSED: bool>(self, other: Self) -> Self;
}

/// What floating-point types can do besides. `FUSED` is explained in [`math`].
pub(in crate::kernels) trait Float: Number {
    fn exponential<const FUSED: bool>(self) -> Self;
    fn exponential_minus_one<const FUSED: bool>(self) -> Self;
    fn log<const FUSED: bool>(self) -> Self;
    fn log_plus_one<const FUSED: bool>(self) -> Self;
    fn square_root(self) -> Self;
    fn reciprocal_square_root(self) -> Self;
    fn cube_root(self) -> Self;
    fn sine<const FUSED: bool>(self) -> Self;
    fn cosine<const FUSED: bool>(self) -> Self;
    fn tangent<const FUSED: bool>(self) -> Self;
    /// Whether the three functions above need [`Float::slow_sine`] and its kin for this number.
    fn is_beyond_sine(self) -> bool;
    fn slow_sine(self) -> Self;
    fn slow_cosine(self) -> Self;
    fn slow_tangent(self) -> Self;
    fn hyperbolic_tangent<const FUSED: bool>(self) -> Self;
    fn logistic<const FUSED: bool>(self) -> Self;
    fn error_function<const FUSED: bool>(self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    fn round_nearest_even(self) -> Self;
    fn is_finite(self) -> Truth;
    fn angle<const FUSED: bool>(self, other: Self) -> Self;
}

/// What integers and truth values can do besides.
pub(in crate::kernels) trait Bits: Element {
    fn not(self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
}

/// What integers can do besides.
pub(in crate::kernels) trait Integer: Number + Bits {
    fn shift_left(self, other: Self) -> Self;
    fn shift_right_logical(self, other: Self) -> Self;
}

/// A conversion of one element.
pub(in crate::kernels) trait ConvertTo<R> {
    fn convert(self) -> R;
}

impl Element for f32 {}
impl Element for f64 {}
impl Element for i32 {}
impl Element for i64 {}
impl Element for u8 {}
impl Element for Truth {}
// The bits of a four-byte and of an eight-byte type, where only they matter.
impl Element for u32 {}
impl Element for u64 {}

/// The methods of [`Number`] that all floating-point types share.
macro_rules! float_number {
    ($power:expr) => {
        const ZERO: Self = 0.0;
        const ONE: Self = 1.0;
        const LOWEST: Self = Self::NEG_INFINITY;
        const HIGHEST: Self = Self::INFINITY;

        #[inline(always)]
        fn absolute(self) -> Self {
            self.abs()
        }

        #[inline(always)]
        fn negate(self) -> Self {
            -self
        }

        // A zero keeps its sign, and NaN stays.
        #[inline(always)]
        fn sign(self) -> Self {
            let unit = Self::ONE.copysign(self);
            if self == 0.0 || self.is_nan() {
                self
            } else {
                unit
            }
        }

        #[inline(always)]
        fn add(self, other: Self) -> Self {
            self + other
        }

        #[inline(always)]
        fn subtract(self, other: Self) -> Self {
            self - other
        }

        #[inline(always)]
        fn multiply(self, other: Self) -> Self {
            self * other
        }

        #[inline(always)]
        fn divide(self, other: Self) -> Self {
            self / other
        }

        #[inline(always)]
        fn remainder(self, other: Self) -> Self {
            self % other
        }

        // One instruction of x86 picks `other` if the numbers are equal or one is NaN.
        #[inline(always)]
        fn maximum(self, other: Self) -> Self {
            let larger = if self > other { self } else { other };
            if self.is_nan() { self } else { larger }
        }

        #[inline(always)]
        fn minimum(self, other: Self) -> Self {
            let smaller = if self < other { self } else { other };
            if self.is_nan() { self } else { smaller }
        }

        #[inline(always)]
        fn power<const FUSED: bool>(self, other: Self) -> Self {
            $power(self, other)
        }
    };
}

/// The methods of [`Float`] that all floating-point types take from the standard library.
macro_rules! float_standard {
    () => {
        #[inline(always)]
        fn square_root(self) -> Self {
            self.sqrt()
        }

        #[inline(always)]
        fn reciprocal_square_root(self) -> Self {
            1.0 / self.sqrt()
        }

        fn slow_sine(self) -> Self {
            self.sin()
        }

        fn slow_cosine(self) -> Self {
            self.cos()
        }

        fn slow_tangent(self) -> Self {
            self.tan()
        }

        #[inline(always)]
        fn floor(self) -> Self {
            self.floor()
        }

        #[inline(always)]
        fn ceil(self) -> Self {
            self.ceil()
        }

        #[inline(always)]
        fn round_nearest_even(self) -> Self {
            self.round_ties_even()
        }

        #[inline(always)]
        fn is_finite(self) -> Truth {
            Truth(u8::from(self.abs() < Self::INFINITY))
        }
    };
}

/// Methods that take one function each.
macro_rules! forward {
    ($($method:ident => $function:expr),* $(,)?) => {
        $(#[inline(always)]
        fn $method<const FUSED: bool>(self) -> Self {
            $function(self)
        })*
    };
}

impl Number for f32 {
    float_number!(math::power::<FUSED>);
}

impl Float for f32 {
    float_standard!();
    forward!(
        exponential => math::exp::<FUSED>,
        exponential_minus_one => math::expm1::<FUSED>,
        log => math::log::<FUSED>,
        log_plus_one => math::log1p::<FUSED>,
        sine => math::sin::<FUSED>,
        cosine => math::cos::<FUSED>,
        tangent => math::tan::<FUSED>,
        hyperbolic_tangent => math::tanh::<FUSED>,
        logistic => math::logistic::<FUSED>,
        error_function => math::erf::<FUSED>,
    );

    #[inline(always)]
    fn cube_root(self) -> Self {
        math::cbrt(self)
    }

    #[inline(always)]
    fn is_beyond_sine(self) -> bool {
        // NaN is not: it comes through the fast way by itself.
        self.abs() > math::SINE_LIMIT
    }

    #[inline(always)]
    fn angle<const FUSED: bool>(self, other: Self) -> Self {
        math::atan2::<FUSED>(self, other)
    }
}

impl Number for f64 {
    float_number!(f64::powf);
}

impl Float for f64 {
    float_standard!();
    forward!(
        exponential => f64::exp,
        exponential_minus_one => f64::exp_m1,
        log => f64::ln,
        log_plus_one => f64::ln_1p,
        sine => f64::sin,
        cosine => f64::cos,
        tangent => f64::tan,
        hyperbolic_tangent => f64::tanh,
        logistic => |x: f64| 1.0 / (1.0 + (-x).exp()),
        error_function => math::erf_f64,
    );

    #[inline(always)]
    fn cube_root(self) -> Self {
        self.cbrt()
    }

    #[inline(always)]
    fn is_beyond_sine(self) -> bool {
        false
    }

    #[inline(always)]
    fn angle<const FUSED: bool>(self, other: Self) -> Self {
        self.atan2(other)
    }
}

macro_rules! integers {
    ($($integer:ident as $unsigned:ident),*) => {$(
        impl Number for $integer {
            const ZERO: Self = 0;
            const ONE: Self = 1;
            const LOWEST: Self = Self::MIN;
            const HIGHEST: Self = Self::MAX;

            #[inline(always)]
            #[allow(unused_comparisons, reason = "one of the types has no sign")]
            fn absolute(self) -> Self {
                if self < 0 { self.wrapping_neg() } else { self }
            }

            #[inline(always)]
            fn negate(self) -> Self {
                self.wrapping_neg()
            }

            #[inline(always)]
            #[allow(unused_comparisons, reason = "one of the types has no sign")]
            fn sign(self) -> Self {
                if self < 0 { !0 } else { Self::from(self != 0) }
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn subtract(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }

            #[inline(always)]
            fn multiply(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }

            #[inline(always)]
            fn divide(self, other: Self) -> Self {
                if other == 0 { 0 } else { self.wrapping_div(other) }
            }

            #[inline(always)]
            fn remainder(self, other: Self) -> Self {
                if other == 0 { 0 } else { self.wrapping_rem(other) }
            }

            #[inline(always)]
            fn maximum(self, other: Self) -> Self {
                self.max(other)
            }

            #[inline(always)]
            fn minimum(self, other: Self) -> Self {
                self.min(other)
            }

            /// Wraps around. Of a negative exponent: the reciprocal of 1 and -1, 0 of all else.
            #[allow(unused_comparisons, reason = "one of the types has no sign")]
            fn power<const FUSED: bool>(self, other: Self) -> Self {
                // For 1 and -1, whose squares are 1, the last bit of a negative exponent is enough.
                let is_unit = self == 1 || (Self::MIN != 0 && self == !0);
                let mut exponent = match other {
                    e if e >= 0 => e,
                    e if is_unit => e & 1,
                    _ => return 0,
                };
                let (mut result, mut square): (Self, Self) = (1, self);
                while exponent > 0 {
                    if exponent & 1 == 1 {
                        result = result.wrapping_mul(square);
                    }
                    square = square.wrapping_mul(square);
                    exponent >>= 1;
                }
                result
            }
        }

        impl Bits for $integer {
            #[inline(always)]
            fn not(self) -> Self {
                !self
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self & other
            }

            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self | other
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                self ^ other
            }
        }

        // Shifts by the width or more, and by negative counts, leave nothing.
        impl Integer for $integer {
            #[inline(always)]
            fn shift_left(self, other: Self) -> Self {
                let fits = (other as $unsigned) < Self::BITS as $unsigned;
                if fits { self.wrapping_shl(other as u32) } else { 0 }
            }

            #[inline(always)]
            fn shift_right_logical(self, other: Self) -> Self {
                let fits = (other as $unsigned) < Self::BITS as $unsigned;
                if fits { (self as $unsigned).wrapping_shr(other as u32) as Self } else { 0 }
            }
        }
    )*};
}

integers!(i32 as u32, i64 as u64, u8 as u8);

impl Bits for Truth {
    #[inline(always)]
    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
}

/// `as` between number types: floats to integers truncate and saturate, and NaN gives 0.
macro_rules! convert_numbers {
    ($from:ident => $($to:ident),*) => {
        $(impl ConvertTo<$to> for $from {
            #[inline(always)]
            fn convert(self) -> $to {
                self as $to
            }
        })*

        impl ConvertTo<Truth> for $from {
            #[inline(always)]
            fn convert(self) -> Truth {
                Truth(u8::from(self != Self::ZERO))
            }
        }

        impl ConvertTo<$from> for Truth {
            #[inline(always)]
            fn convert(self) -> $from {
                self.0 as $from
            }
        }
    };
}

convert_numbers!(f32 => f32, f64, i32, i64, u8);
convert_numbers!(f64 => f32, f64, i32, i64, u8);
convert_numbers!(i32 => f32, f64, i32, i64, u8);
convert_numbers!(i64 => f32, f64, i32, i64, u8);
convert_numbers!(u8 => f32, f64, i32, i64, u8);

impl ConvertTo<Truth> for Truth {
    #[inline(always)]
    fn convert(self) -> Truth {
        self
    }
}
