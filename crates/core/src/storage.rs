//! The memory of values: typed vectors.

use crate::dtype::DType;
use crate::elements::Elements;
use crate::half;

/// The elements of a [`Value`](crate::Value), typed. Truth values are bytes 0 and 1.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "each holds the elements of the type of its name"
)]
pub enum Storage {
    F16(Vec<u16>),
    BF16(Vec<u16>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U8(Vec<u8>),
    Bool(Vec<u8>),
}

/// Runs the same code for the typed vector of each kind of storage.
macro_rules! each_storage {
    ($storage:expr, $vector:ident => $code:expr) => {
        match $storage {
            Storage::F16($vector) | Storage::BF16($vector) => $code,
            Storage::F32($vector) => $code,
            Storage::F64($vector) => $code,
            Storage::I32($vector) => $code,
            Storage::I64($vector) => $code,
            Storage::U8($vector) | Storage::Bool($vector) => $code,
        }
    };
}

impl Storage {
    /// `len` zeros.
    #[must_use]
    pub fn zeros(dtype: DType, len: usize) -> Self {
        match dtype {
            DType::F16 => Self::F16(vec![0; len]),
            DType::BF16 => Self::BF16(vec![0; len]),
            DType::F32 => Self::F32(vec![0.0; len]),
            DType::F64 => Self::F64(vec![0.0; len]),
            DType::I32 => Self::I32(vec![0; len]),
            DType::I64 => Self::I64(vec![0; len]),
            DType::U8 => Self::U8(vec![0; len]),
            DType::Bool => Self::Bool(vec![0; len]),
        }
    }

    /// The elements' type.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.part(0, 0).dtype()
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        each_storage!(self, v => v.len())
    }

    /// True if there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, to look at.
    #[must_use]
    pub fn elements(&self) -> Elements<'_> {
        self.part(0, self.len())
    }

    /// `len` elements from place `first`, to look at.
    pub(crate) fn part(&self, first: usize, len: usize) -> Elements<'_> {
        let range = first..first + len;
        match self {
            Self::F16(v) => Elements::F16(&v[range]),
            Self::BF16(v) => Elements::BF16(&v[range]),
            Self::F32(v) => Elements::F32(&v[range]),
            Self::F64(v) => Elements::F64(&v[range]),
            Self::I32(v) => Elements::I32(&v[range]),
            Self::I64(v) => Elements::I64(&v[range]),
            Self::U8(v) => Elements::U8(&v[range]),
            Self::Bool(v) => Elements::Bool(&v[range]),
        }
    }

    /// The address of the first element, for engines.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        each_storage!(self, v => v.as_mut_ptr().cast())
    }

    /// Sets element `index` to the nearest value of the type: integers truncate and saturate, NaN
    /// gives 0, anything but 0 is true.
    pub fn set_f64(&mut self, index: usize, x: f64) {
        match self {
            Self::F16(v) => v[index] = half::f16_from_f32(x as f32),
            Self::BF16(v) => v[index] = half::bf16_from_f32(x as f32),
            Self::F32(v) => v[index] = x as f32,
            Self::F64(v) => v[index] = x,
            Self::I32(v) => v[index] = x as i32,
            Self::I64(v) => v[index] = x as i64,
            Self::U8(v) => v[index] = x as u8,
            Self::Bool(v) => v[index] = u8::from(x != 0.0),
        }
    }

    /// Copies `len` elements from `source`, which must be of the same type, without allocating.
    ///
    /// # Panics
    /// If the types differ or a range is out of bounds: callers have checked both.
    pub fn copy_from(&mut self, at: usize, source: Elements<'_>, from: usize, len: usize) {
        match (self, source) {
            (Self::F16(d), Elements::F16(s)) | (Self::BF16(d), Elements::BF16(s)) => {
                d[at..at + len].copy_from_slice(&s[from..from + len]);
            }
            (Self::F32(d), Elements::F32(s)) => {
                d[at..at + len].copy_from_slice(&s[from..from + len])
            }
            (Self::F64(d), Elements::F64(s)) => {
                d[at..at + len].copy_from_slice(&s[from..from + len])
            }
            (Self::I32(d), Elements::I32(s)) => {
                d[at..at + len].copy_from_slice(&s[from..from + len])
            }
            (Self::I64(d), Elements::I64(s)) => {
                d[at..at + len].copy_from_slice(&s[from..from + len])
            }
            (Self::U8(d), Elements::U8(s)) | (Self::Bool(d), Elements::Bool(s)) => {
                d[at..at + len].copy_from_slice(&s[from..from + len]);
            }
            (d, s) => panic!("copying {} elements into {}", s.dtype(), d.dtype()),
        }
    }
}
