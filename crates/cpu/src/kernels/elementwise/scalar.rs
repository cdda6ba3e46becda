//! A number with its type.

use hornblende_core::DType;

/// A number of one of the types that kernels compute with.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "each is a number of the type of its name")]
pub enum Scalar {
    F32(f32),
    F64(f64),
    I32(i32),
    I64(i64),
    U8(u8),
    Bool(bool),
}

impl Scalar {
    /// The number's type.
    #[must_use]
    pub fn dtype(self) -> DType {
        match self {
            Self::F32(_) => DType::F32,
            Self::F64(_) => DType::F64,
            Self::I32(_) => DType::I32,
            Self::I64(_) => DType::I64,
            Self::U8(_) => DType::U8,
            Self::Bool(_) => DType::Bool,
        }
    }

    /// The bytes as they stand in memory, followed by zeros.
    pub(in crate::kernels) fn cell(self) -> Cell {
        let mut cell = [0; 8];
        match self {
            Self::F32(x) => cell[..4].copy_from_slice(&x.to_ne_bytes()),
            Self::F64(x) => cell = x.to_ne_bytes(),
            Self::I32(x) => cell[..4].copy_from_slice(&x.to_ne_bytes()),
            Self::I64(x) => cell = x.to_ne_bytes(),
            Self::U8(x) => cell[0] = x,
            Self::Bool(x) => cell[0] = u8::from(x),
        }
        Cell(cell)
    }
}

/// The bytes of a number of any type, aligned for all of them.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(8))]
pub(in crate::kernels) struct Cell(pub(in crate::kernels) [u8; 8]);
