//! One step of a fused kernel.

use super::scalar::Scalar;
use hornblende_core::DType;
use hornblende_core::graph::op::{Binary, Comparison, Unary};

/// The place of the step that gives a value.
pub type Register = usize;

/// One step of a fused kernel; its operands are registers of earlier steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// The element of an input.
    Input(usize),
    /// A number.
    Constant(Scalar),
    /// The place along an axis of the iteration space.
    Iota {
        /// The axis.
        axis: usize,
        /// The type of the result.
        dtype: DType,
    },
    /// A function of one value.
    Unary(Unary, Register),
    /// A function of two values of one type.
    Binary(Binary, Register, Register),
    /// A comparison of two values of one type.
    Compare(Comparison, Register, Register),
    /// The second value where the first is true, else the third.
    Select(Register, Register, Register),
    /// A conversion, as `Op::Convert` defines it.
    Convert(DType, Register),
}

impl Step {
    /// The registers that the step reads.
    pub(super) fn operands(&self) -> impl Iterator<Item = Register> + use<> {
        let operands = match *self {
            Self::Input(_) | Self::Constant(_) | Self::Iota { .. } => [None; 3],
            Self::Unary(_, a) | Self::Convert(_, a) => [Some(a), None, None],
            Self::Binary(_, a, b) | Self::Compare(_, a, b) => [Some(a), Some(b), None],
            Self::Select(a, b, c) => [Some(a), Some(b), Some(c)],
        };
        operands.into_iter().flatten()
    }

    /// What it takes for one element, in picoseconds on a current core: for the choice of how many
    /// tasks a kernel is cut into, which must not depend on the machine.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Input(_) | Self::Constant(_) => 0,
            Self::Unary(op, _) => match op {
                Unary::Exponential | Unary::Logistic | Unary::Log => 400,
                Unary::ExponentialMinusOne | Unary::LogPlusOne => 500,
                Unary::Tanh | Unary::Erf => 600,
                Unary::Sine | Unary::Cosine | Unary::Tan | Unary::Cbrt => 1500,
                Unary::Sqrt | Unary::Rsqrt => 200,
                _ => 50,
            },
            Self::Binary(op, ..) => match op {
                Binary::Power | Binary::Atan2 | Binary::Remainder => 3000,
                Binary::Divide => 150,
                _ => 50,
            },
            _ => 50,
        }
    }
}
