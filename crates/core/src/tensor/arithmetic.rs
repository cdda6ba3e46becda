//! Operators, and what may stand on either side of them.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::panic::Location;

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::graph::op::{Binary, Op, Unary};
use crate::scope;
use crate::tensor::Tensor;

/// What may stand beside a tensor in arithmetic: a tensor, or a number that takes the tensor's type.
///
/// An integer tensor beside a number with a fraction becomes `F32`, as in Keras.
#[derive(Debug, Clone)]
pub enum Operand {
    /// A tensor.
    Tensor(Tensor),
    /// A number; it becomes part of the program.
    Number(f64),
}

impl Operand {
    /// Both as tensors of one type.
    #[track_caller]
    pub(crate) fn unify(a: Self, b: Self) -> (Tensor, Tensor) {
        match (a, b) {
            (Self::Tensor(a), Self::Tensor(b)) => {
                let dtype = a.dtype().promote(b.dtype());
                (a.cast(dtype), b.cast(dtype))
            }
            (Self::Tensor(a), number) => {
                let b = number.like(&a);
                (a.cast(b.dtype()), b)
            }
            (number, Self::Tensor(b)) => {
                let a = number.like(&b);
                let dtype = a.dtype();
                (a, b.cast(dtype))
            }
            (Self::Number(a), Self::Number(b)) => (
                Tensor::literal(a, DType::F32),
                Tensor::literal(b, DType::F32),
            ),
        }
    }

    /// As a tensor: a number takes the type of `other`, or `F32` if that cannot hold it.
    pub(crate) fn like(self, other: &Tensor) -> Tensor {
        match self {
            Self::Tensor(tensor) => tensor,
            Self::Number(x) => {
                let whole = x.fract() == 0.0;
                let dtype = match other.dtype() {
                    DType::Bool if x == 0.0 || x == 1.0 => DType::Bool,
                    DType::Bool if whole => DType::I32,
                    DType::U8 if whole && !(0.0..=255.0).contains(&x) => DType::I32,
                    d if d.is_float() || whole => d,
                    _ => DType::F32,
                };
                Tensor::literal(x, dtype)
            }
        }
    }
}

impl From<&Self> for Operand {
    fn from(operand: &Self) -> Self {
        operand.clone()
    }
}

impl From<&Tensor> for Operand {
    fn from(tensor: &Tensor) -> Self {
        Self::Tensor(tensor.clone())
    }
}

impl From<Tensor> for Operand {
    fn from(tensor: Tensor) -> Self {
        Self::Tensor(tensor)
    }
}

impl From<f64> for Operand {
    fn from(x: f64) -> Self {
        Self::Number(x)
    }
}

impl From<f32> for Operand {
    fn from(x: f32) -> Self {
        Self::Number(f64::from(x))
    }
}

impl From<i32> for Operand {
    fn from(x: i32) -> Self {
        Self::Number(f64::from(x))
    }
}

impl Tensor {
    #[track_caller]
    pub(crate) fn binary(op: Binary, a: Operand, b: Operand) -> Self {
        let (mut a, mut b) = Operand::unify(a, b);
        // Division of whole numbers is true division, as in Keras and NumPy.
        if op == Binary::Divide && !a.dtype().is_float() {
            (a, b) = (a.cast(DType::F32), b.cast(DType::F32));
        }
        Self::lift(&[&a, &b], move |x| Self::elementwise(Op::Binary(op), x))
    }

    /// The elementwise operation on the tensors, each stretched to the shape that all broadcast to.
    #[track_caller]
    pub(crate) fn elementwise(op: Op, tensors: &[Self]) -> Self {
        let location = scope::location(Location::caller());
        if tensors.windows(2).all(|w| w[0].shape() == w[1].shape()) {
            return Self::apply(op, tensors);
        }
        let mut shape = tensors[0].shape().clone();
        for tensor in &tensors[1..] {
            shape = match shape.broadcast(tensor.shape(), op.name()) {
                Ok(shape) => shape,
                Err(error) => return Self::invalid(scope::blame(error, location)),
            };
        }
        let mut operands: SmallVec<[Self; 3]> = SmallVec::new();
        for tensor in tensors {
            operands.push(tensor.broadcast_to(&shape));
        }
        Self::apply(op, &operands)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident;)*) => {$(
        operators!(@one $trait $method $op, Tensor, Tensor);
        operators!(@one $trait $method $op, Tensor, &Tensor);
        operators!(@one $trait $method $op, &Tensor, Tensor);
        operators!(@one $trait $method $op, &Tensor, &Tensor);
        operators!(@one $trait $method $op, Tensor, f64);
        operators!(@one $trait $method $op, &Tensor, f64);
        operators!(@one $trait $method $op, f64, Tensor);
        operators!(@one $trait $method $op, f64, &Tensor);
        operators!(@one $trait $method $op, Tensor, i32);
        operators!(@one $trait $method $op, &Tensor, i32);
        operators!(@one $trait $method $op, i32, Tensor);
        operators!(@one $trait $method $op, i32, &Tensor);
    )*};
    (@one $trait:ident $method:ident $op:ident, $left:ty, $right:ty) => {
        impl $trait<$right> for $left {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, other: $right) -> Tensor {
                Tensor::binary(Binary::$op, self.into(), other.into())
            }
        }
    };
}

operators! {
    Add add Add;
    Sub sub Subtract;
    Mul mul Multiply;
    Div div Divide;
    Rem rem Remainder;
}

impl Neg for &Tensor {
    type Output = Tensor;
    #[track_caller]
    fn neg(self) -> Tensor {
        self.unary(Unary::Negate)
    }
}

impl Neg for Tensor {
    type Output = Tensor;
    #[track_caller]
    fn neg(self) -> Tensor {
        self.unary(Unary::Negate)
    }
}
