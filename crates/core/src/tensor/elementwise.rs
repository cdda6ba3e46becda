//! Elementwise mathematics.

use crate::dtype::DType;
use crate::graph::op::{Binary, Comparison, Op, Unary};
use crate::tensor::{Operand, Tensor};

macro_rules! unary_methods {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        // These methods differ in nothing but the primitive they apply.
        impl Tensor {$(
            $(#[$doc])*
            #[track_caller]
            #[must_use]
            pub fn $name(&self) -> Self {
                self.unary(Unary::$op)
            }
        )*}
    };
}

unary_methods! {
    /// The absolute value. Gradient at 0: 0.
    abs => Abs;
    /// -1, 0 or 1; NaN of NaN.
    sign => Sign;
    /// e to the power of each element.
    exp => Exponential;
    /// `exp(x) - 1`, exact near 0.
    expm1 => ExponentialMinusOne;
    /// The natural logarithm: -infinity at 0, NaN below.
    log => Log;
    /// `log(1 + x)`, exact near 0.
    log1p => LogPlusOne;
    /// The square root; NaN below 0.
    sqrt => Sqrt;
    /// `1 / sqrt(x)`.
    rsqrt => Rsqrt;
    /// The cube root.
    cbrt => Cbrt;
    /// The sine of radians.
    sin => Sine;
    /// The cosine of radians.
    cos => Cosine;
    /// The tangent of radians.
    tan => Tan;
    /// The hyperbolic tangent.
    tanh => Tanh;
    /// `1 / (1 + exp(-x))`, without overflow.
    logistic => Logistic;
    /// The error function.
    erf => Erf;
    /// The nearest integer below.
    floor => Floor;
    /// The nearest integer above.
    ceil => Ceil;
    /// The nearest integer, halves to the even one.
    round => RoundNearestEven;
    /// True where the element is neither infinite nor NaN.
    is_finite => IsFinite;
    /// Logical negation of truth values, bitwise of integers.
    logical_not => Not;
}

macro_rules! binary_methods {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        // These methods differ in nothing but the primitive they apply.
        impl Tensor {$(
            $(#[$doc])*
            #[track_caller]
            #[must_use]
            pub fn $name(&self, other: impl Into<Operand>) -> Self {
                Self::binary(Binary::$op, self.into(), other.into())
            }
        )*}
    };
}

binary_methods! {
    /// Each element to the power of the other's. `x.pow(2.0)` is `x * x`.
    pow => Power;
    /// The larger of each pair; NaN if either is NaN. Equal elements share the gradient.
    maximum => Maximum;
    /// The smaller of each pair; NaN if either is NaN. Equal elements share the gradient.
    minimum => Minimum;
    /// The angle of the point (other, self) in radians.
    atan2 => Atan2;
    /// True where both are; bitwise of integers.
    logical_and => And;
    /// True where either is; bitwise of integers.
    logical_or => Or;
    /// True where exactly one is; bitwise of integers.
    logical_xor => Xor;
    /// The bits moved up by so many places.
    shift_left => ShiftLeft;
    /// The bits moved down by so many places, zeros moving in.
    shift_right_logical => ShiftRightLogical;
}

macro_rules! comparison_methods {
    ($($(#[$doc:meta])* $name:ident => $op:ident;)*) => {
        // These methods differ in nothing but the comparison.
        impl Tensor {$(
            $(#[$doc])*
            #[track_caller]
            #[must_use]
            pub fn $name(&self, other: impl Into<Operand>) -> Self {
                self.compare(Comparison::$op, other.into())
            }
        )*}
    };
}

comparison_methods! {
    /// True where equal; NaN equals nothing.
    equal => Eq;
    /// True where not equal; NaN differs from everything.
    not_equal => Ne;
    /// True where smaller.
    less => Lt;
    /// True where smaller or equal.
    less_equal => Le;
    /// True where larger.
    greater => Gt;
    /// True where larger or equal.
    greater_equal => Ge;
}

impl Tensor {
    #[track_caller]
    pub(crate) fn unary(&self, op: Unary) -> Self {
        Self::lift(&[self], move |x| Self::apply(Op::Unary(op), x))
    }

    /// `x * x`.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// assert_eq!(Tensor::from([3.0f32]).square().to_vec::<f32>()?, [9.0]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn square(&self) -> Self {
        self * self
    }

    /// `1 / x`.
    #[track_caller]
    #[must_use]
    pub fn reciprocal(&self) -> Self {
        1.0 / self
    }

    /// The elements converted: floats to integers truncate, anything but 0 is true.
    #[track_caller]
    #[must_use]
    pub fn cast(&self, dtype: DType) -> Self {
        if self.dtype() == dtype {
            return self.clone();
        }
        Self::lift(&[self], move |x| Self::apply(Op::Convert(dtype), x))
    }

    /// Each element moved into `low..=high`; NaN stays NaN. The gradient outside is 0.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// let x = Tensor::from([-1.0f32, 0.5, 2.0]);
    /// assert_eq!(x.clip(0.0, 1.0).to_vec::<f32>()?, [0.0, 0.5, 1.0]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn clip(&self, low: impl Into<Operand>, high: impl Into<Operand>) -> Self {
        let (low, high) = (low.into(), high.into());
        let (low, high) = (low.like(self), high.like(self));
        // The bounds are inclusive and the gradient at a bound is that inside, as in Keras; a `select`
        // says so, where maximum and minimum would share it.
        let lifted = self.less(&low).select(&low, self);
        lifted.greater(&high).select(&high, &lifted)
    }

    /// Where this tensor of truth values is true, `on_true`, else `on_false`, broadcast together.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// let x = Tensor::from([-1.0f32, 2.0]);
    /// assert_eq!(x.greater(0.0).select(&x, 0.0).to_vec::<f32>()?, [0.0, 2.0]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn select(&self, on_true: impl Into<Operand>, on_false: impl Into<Operand>) -> Self {
        let (a, b) = Operand::unify(on_true.into(), on_false.into());
        let predicate = self.cast(DType::Bool);
        Self::lift(&[&predicate, &a, &b], |x| Self::elementwise(Op::Select, x))
    }

    /// The remainder of the division, with the sign of the dividend.
    #[track_caller]
    #[must_use]
    pub fn remainder(&self, other: impl Into<Operand>) -> Self {
        Self::binary(Binary::Remainder, self.into(), other.into())
    }

    #[track_caller]
    fn compare(&self, comparison: Comparison, other: Operand) -> Self {
        let (a, b) = Operand::unify(self.into(), other);
        Self::lift(&[&a, &b], move |x| {
            Self::elementwise(Op::Compare(comparison), x)
        })
    }
}
