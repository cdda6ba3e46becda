//! The element types of kernels that are written once for all of them.

use hornblende_core::DType;

/// A number that can be compared, added and found missing.
pub(crate) trait Element: Copy + PartialOrd + Send + Sync + 'static {
    /// What an index out of range gives: NaN for floats, 0 for others.
    const MISSING: Self;
    /// True for NaN.
    fn is_nan(self) -> bool;
    /// The sum; whole numbers wrap around, truth values add as `or`.
    fn plus(self, other: Self) -> Self;
    /// The neutral element of the sum.
    const ZERO: Self;
}

macro_rules! floats {
    ($($type:ty),*) => {$(
        impl Element for $type {
            const MISSING: Self = Self::NAN;
            const ZERO: Self = 0.0;
            fn is_nan(self) -> bool {
                Self::is_nan(self)
            }
            fn plus(self, other: Self) -> Self {
                self + other
            }
        }
    )*};
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Element for $type {
            const MISSING: Self = 0;
            const ZERO: Self = 0;
            fn is_nan(self) -> bool {
                false
            }
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
        }
    )*};
}

floats!(f32, f64);
integers!(i32, i64, u8);

/// A truth value, stored as a byte.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[repr(transparent)]
pub(crate) struct Truth(u8);

impl Element for Truth {
    const MISSING: Self = Self(0);
    const ZERO: Self = Self(0);
    fn is_nan(self) -> bool {
        false
    }
    fn plus(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Runs code with the element type of a dtype; `None` for types that kernels do not compute with.
macro_rules! with_element {
    ($dtype:expr, $T:ident => $code:expr) => {
        match $dtype {
            hornblende_core::DType::F32 => {
                type $T = f32;
                Some($code)
            }
            hornblende_core::DType::F64 => {
                type $T = f64;
                Some($code)
            }
            hornblende_core::DType::I32 => {
                type $T = i32;
                Some($code)
            }
            hornblende_core::DType::I64 => {
                type $T = i64;
                Some($code)
            }
            hornblende_core::DType::U8 => {
                type $T = u8;
                Some($code)
            }
            hornblende_core::DType::Bool => {
                type $T = $crate::steps::element::Truth;
                Some($code)
            }
            _ => None,
        }
    };
}
pub(crate) use with_element;

/// Reads indices of either type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Indices {
    pub(crate) address: *const u8,
    pub(crate) wide: bool,
}

impl Indices {
    /// Indices of type `I32` or `I64` at this address.
    pub(crate) fn new(address: *const u8, dtype: DType) -> Self {
        Self {
            address,
            wide: dtype == DType::I64,
        }
    }

    /// Index `k` if it is below `size`.
    ///
    /// # Safety
    /// There are more than `k` indices.
    #[allow(unsafe_code)] // Reads planned memory.
    pub(crate) unsafe fn get(self, k: usize, size: usize) -> Option<usize> {
        // SAFETY: the caller's contract.
        let index = unsafe {
            if self.wide {
                self.address.cast::<i64>().add(k).read()
            } else {
                i64::from(self.address.cast::<i32>().add(k).read())
            }
        };
        usize::try_from(index).ok().filter(|i| *i < size)
    }
}
