//! The elements of a value, to look at.

use std::hash::{Hash, Hasher};

use crate::dtype::DType;
use crate::half;
use crate::storage::Storage;

/// The elements of a [`Value`](crate::Value), typed. Truth values are bytes 0 and 1.
///
/// Equal means equal bits: 0.0 and -0.0 differ, and a NaN equals itself. Graphs hold values and are
/// compared to find a compiled program again, so nothing less will do.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "each holds the elements of the type of its name"
)]
pub enum Elements<'a> {
    F16(&'a [u16]),
    BF16(&'a [u16]),
    F32(&'a [f32]),
    F64(&'a [f64]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    U8(&'a [u8]),
    Bool(&'a [u8]),
}

/// Runs the same code for the slice of each type.
macro_rules! each_slice {
    ($elements:expr, $slice:ident => $code:expr) => {
        match $elements {
            Elements::F16($slice) | Elements::BF16($slice) => $code,
            Elements::F32($slice) => $code,
            Elements::F64($slice) => $code,
            Elements::I32($slice) => $code,
            Elements::I64($slice) => $code,
            Elements::U8($slice) | Elements::Bool($slice) => $code,
        }
    };
}

impl Elements<'_> {
    /// The elements' type.
    #[must_use]
    pub fn dtype(self) -> DType {
        match self {
            Self::F16(_) => DType::F16,
            Self::BF16(_) => DType::BF16,
            Self::F32(_) => DType::F32,
            Self::F64(_) => DType::F64,
            Self::I32(_) => DType::I32,
            Self::I64(_) => DType::I64,
            Self::U8(_) => DType::U8,
            Self::Bool(_) => DType::Bool,
        }
    }

    /// The number of elements.
    #[must_use]
    pub fn len(self) -> usize {
        each_slice!(self, v => v.len())
    }

    /// True if there are no elements.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The address of the first element, for engines.
    #[must_use]
    pub fn as_ptr(self) -> *const u8 {
        each_slice!(self, v => v.as_ptr().cast())
    }

    /// Element `index` as `f64`: exact but for `I64` beyond 2^53.
    #[must_use]
    pub fn get_f64(self, index: usize) -> f64 {
        match self {
            Self::F16(v) => f64::from(half::f16_to_f32(v[index])),
            Self::BF16(v) => f64::from(half::bf16_to_f32(v[index])),
            Self::F32(v) => f64::from(v[index]),
            Self::F64(v) => v[index],
            Self::I32(v) => f64::from(v[index]),
            Self::I64(v) => v[index] as f64,
            Self::U8(v) | Self::Bool(v) => f64::from(v[index]),
        }
    }

    /// A copy in memory of its own.
    #[must_use]
    pub fn to_storage(self) -> Storage {
        match self {
            Self::F16(v) => Storage::F16(v.to_vec()),
            Self::BF16(v) => Storage::BF16(v.to_vec()),
            Self::F32(v) => Storage::F32(v.to_vec()),
            Self::F64(v) => Storage::F64(v.to_vec()),
            Self::I32(v) => Storage::I32(v.to_vec()),
            Self::I64(v) => Storage::I64(v.to_vec()),
            Self::U8(v) => Storage::U8(v.to_vec()),
            Self::Bool(v) => Storage::Bool(v.to_vec()),
        }
    }
}

impl PartialEq for Elements<'_> {
    fn eq(&self, other: &Self) -> bool {
        let same = |a: &[f32], b: &[f32]| {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits())
        };
        let same_double = |a: &[f64], b: &[f64]| {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits())
        };
        match (self, other) {
            (Self::F16(a), Self::F16(b)) | (Self::BF16(a), Self::BF16(b)) => a == b,
            (Self::F32(a), Self::F32(b)) => same(a, b),
            (Self::F64(a), Self::F64(b)) => same_double(a, b),
            (Self::I32(a), Self::I32(b)) => a == b,
            (Self::I64(a), Self::I64(b)) => a == b,
            (Self::U8(a), Self::U8(b)) | (Self::Bool(a), Self::Bool(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Elements<'_> {}

impl Hash for Elements<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.dtype().hash(state);
        match self {
            Self::F16(v) | Self::BF16(v) => v.hash(state),
            Self::F32(v) => v.iter().for_each(|x| state.write_u32(x.to_bits())),
            Self::F64(v) => v.iter().for_each(|x| state.write_u64(x.to_bits())),
            Self::I32(v) => v.hash(state),
            Self::I64(v) => v.hash(state),
            Self::U8(v) | Self::Bool(v) => v.hash(state),
        }
    }
}
