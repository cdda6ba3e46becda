//! Values: dense row-major arrays in memory.

use std::fmt;
use std::sync::Arc;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::half;
use crate::shape::Shape;

/// The elements of a [`Value`], typed. Truth values are bytes 0 and 1.
///
/// Equal means equal bits: 0.0 and -0.0 differ, and a NaN equals itself. Graphs hold values and are
/// compared to find a compiled program again, so nothing less will do.
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
    pub fn len(&self) -> usize {
        each_storage!(self, v => v.len())
    }

    /// True if there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The address of the first element, for engines.
    #[must_use]
    pub fn as_ptr(&self) -> *const u8 {
        each_storage!(self, v => v.as_ptr().cast())
    }

    /// The address of the first element, for engines.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        each_storage!(self, v => v.as_mut_ptr().cast())
    }

    /// Element `index` as `f64`: exact but for `I64` beyond 2^53.
    #[must_use]
    pub fn get_f64(&self, index: usize) -> f64 {
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
    pub fn copy_from(&mut self, at: usize, source: &Self, from: usize, len: usize) {
        match (self, source) {
            (Self::F16(d), Self::F16(s)) | (Self::BF16(d), Self::BF16(s)) => {
                d[at..at + len].copy_from_slice(&s[from..from + len]);
            }
            (Self::F32(d), Self::F32(s)) => d[at..at + len].copy_from_slice(&s[from..from + len]),
            (Self::F64(d), Self::F64(s)) => d[at..at + len].copy_from_slice(&s[from..from + len]),
            (Self::I32(d), Self::I32(s)) => d[at..at + len].copy_from_slice(&s[from..from + len]),
            (Self::I64(d), Self::I64(s)) => d[at..at + len].copy_from_slice(&s[from..from + len]),
            (Self::U8(d), Self::U8(s)) | (Self::Bool(d), Self::Bool(s)) => {
                d[at..at + len].copy_from_slice(&s[from..from + len]);
            }
            (d, s) => panic!("copying {} elements into {}", s.dtype(), d.dtype()),
        }
    }
}

impl PartialEq for Storage {
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

impl Eq for Storage {}

/// A dense row-major array: shape, type and elements. Cloning shares the elements. Values are equal if
/// shape, type and the bits of all elements are.
///
/// # Example
/// ```
/// use hornblende_core::Value;
/// let value = Value::from_vec([2, 2], vec![1.0f32, 2.0, 3.0, 4.0])?;
/// assert_eq!(value.get_f64(3), 4.0);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[derive(PartialEq, Eq)]
pub struct Value {
    shape: Shape,
    storage: Arc<Storage>,
}

/// Clones share the elements until one of them is written to.
impl Clone for Value {
    fn clone(&self) -> Self {
        Self {
            shape: self.shape.clone(),
            storage: Arc::clone(&self.storage),
        }
    }

    /// Allocates nothing if this value has had as many axes before: steady runs of programs rely on it.
    fn clone_from(&mut self, source: &Self) {
        self.shape.clone_from(&source.shape);
        self.storage = Arc::clone(&source.storage);
    }
}

impl Value {
    /// A value of these elements in row-major order.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if the shape does not have as many elements.
    pub fn new(shape: impl Into<Shape>, storage: Storage) -> Result<Self> {
        let shape = shape.into();
        if shape.len() != storage.len() {
            return Err(Error::shape_mismatch(
                "Tensor",
                format!("as many elements as the shape {shape} has"),
                format!("{} elements", storage.len()),
                "",
            ));
        }
        Ok(Self {
            shape,
            storage: Arc::new(storage),
        })
    }

    /// A value of these elements in row-major order; see [`Value::new`].
    ///
    /// # Errors
    /// As [`Value::new`].
    pub fn from_vec<T: Element>(shape: impl Into<Shape>, elements: Vec<T>) -> Result<Self> {
        Self::new(shape, T::into_storage(elements))
    }

    /// A scalar.
    #[must_use]
    pub fn scalar<T: Element>(x: T) -> Self {
        Self {
            shape: Shape::scalar(),
            storage: Arc::new(T::into_storage(vec![x])),
        }
    }

    /// All zeros.
    #[must_use]
    pub fn zeros(shape: impl Into<Shape>, dtype: DType) -> Self {
        let shape = shape.into();
        let storage = Arc::new(Storage::zeros(dtype, shape.len()));
        Self { shape, storage }
    }

    /// All the same number, converted to `dtype`.
    #[must_use]
    pub fn full(shape: impl Into<Shape>, dtype: DType, x: f64) -> Self {
        let mut value = Self::zeros(shape, dtype);
        // Zeros are there already, but -0.0 has a bit that is not zero.
        if x.to_bits() != 0 {
            let storage = value.make_mut();
            (0..storage.len()).for_each(|k| storage.set_f64(k, x));
        }
        value
    }

    /// The shape.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The element type.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.storage.dtype()
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.storage.len()
    }

    /// True if there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// The elements, to write to; copied first if another value shares them.
    pub fn make_mut(&mut self) -> &mut Storage {
        Arc::make_mut(&mut self.storage)
    }

    /// True if writing to the elements would copy them first.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.storage) > 1
    }

    /// Element `index`, counted row-major, as `f64`.
    #[must_use]
    pub fn get_f64(&self, index: usize) -> f64 {
        self.storage.get_f64(index)
    }

    /// All elements as `f64`.
    #[must_use]
    pub fn to_f64_vec(&self) -> Vec<f64> {
        (0..self.len()).map(|k| self.get_f64(k)).collect()
    }

    /// The elements as a typed slice, or `None` if they are of another type.
    #[must_use]
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        T::slice(&self.storage)
    }

    /// The same elements under another shape of as many elements.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if the number of elements differs.
    pub fn reshape(&self, shape: impl Into<Shape>) -> Result<Self> {
        let shape = shape.into();
        if shape.len() != self.len() {
            return Err(Error::shape_mismatch(
                "reshape",
                format!("a shape of {} elements, as {} has", self.len(), self.shape),
                shape.to_string(),
                "",
            ));
        }
        Ok(Self {
            shape,
            storage: Arc::clone(&self.storage),
        })
    }

    /// The value converted to another type: floats to integers truncate and saturate, NaN gives 0;
    /// integers to narrower ones keep their low bits; anything but 0 is true.
    #[must_use]
    pub fn convert(&self, dtype: DType) -> Self {
        if dtype == self.dtype() {
            return self.clone();
        }
        let storage = match (&*self.storage, dtype) {
            // Between integers nothing passes through f64, which would saturate and lose low bits; I64
            // to F32 must be rounded once.
            (Storage::I64(v), DType::I32) => Storage::I32(v.iter().map(|x| *x as i32).collect()),
            (Storage::I64(v), DType::U8) => Storage::U8(v.iter().map(|x| *x as u8).collect()),
            (Storage::I32(v), DType::U8) => Storage::U8(v.iter().map(|x| *x as u8).collect()),
            (Storage::I64(v), DType::F32) => Storage::F32(v.iter().map(|x| *x as f32).collect()),
            (Storage::U8(v), DType::F32) => Storage::F32(v.iter().map(|x| f32::from(*x)).collect()),
            (source, _) => {
                let mut storage = Storage::zeros(dtype, source.len());
                (0..source.len()).for_each(|k| storage.set_f64(k, source.get_f64(k)));
                storage
            }
        };
        Self {
            shape: self.shape.clone(),
            storage: Arc::new(storage),
        }
    }

    /// Entries `start..limit` along the leading axis.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a scalar or a range out of bounds.
    pub fn rows(&self, start: usize, limit: usize) -> Result<Self> {
        let n = self.shape.dims().first().copied().unwrap_or(0);
        if self.shape.rank() == 0 || start > limit || limit > n {
            return Err(Error::invalid_argument(
                "slice",
                format!("a range within the {n} entries of shape {}", self.shape),
                format!("{start}..{limit}"),
                "",
            ));
        }
        let row = self.shape.dims()[1..].iter().product::<usize>();
        let mut storage = Storage::zeros(self.dtype(), (limit - start) * row);
        storage.copy_from(0, &self.storage, start * row, (limit - start) * row);
        Ok(Self {
            shape: self.shape.with(0, limit - start),
            storage: Arc::new(storage),
        })
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({} {})", self.dtype(), self.shape)?;
        if self.len() <= 8 {
            write!(f, "{:?}", self.to_f64_vec())?;
        }
        Ok(())
    }
}

/// A Rust type that can be an element.
pub trait Element: Copy + Send + Sync + 'static {
    /// The element type it stands for.
    const DTYPE: DType;
    /// The storage of these elements.
    fn into_storage(elements: Vec<Self>) -> Storage;
    /// The elements of a storage of this type.
    fn slice(storage: &Storage) -> Option<&[Self]>;
}

macro_rules! elements {
    ($($type:ty => $variant:ident),*) => {$(
        impl Element for $type {
            const DTYPE: DType = DType::$variant;
            fn into_storage(elements: Vec<Self>) -> Storage {
                Storage::$variant(elements)
            }
            fn slice(storage: &Storage) -> Option<&[Self]> {
                match storage {
                    Storage::$variant(v) => Some(v),
                    _ => None,
                }
            }
        }
    )*};
}

elements!(f32 => F32, f64 => F64, i32 => I32, i64 => I64, u8 => U8);

impl Element for bool {
    const DTYPE: DType = DType::Bool;
    fn into_storage(elements: Vec<Self>) -> Storage {
        Storage::Bool(elements.into_iter().map(u8::from).collect())
    }
    fn slice(_: &Storage) -> Option<&[Self]> {
        // Truth values are stored as bytes, which safe code cannot view as `bool`.
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_to_a_shared_value_leaves_the_other_as_it_was() {
        let a = Value::from_vec([2], vec![1.0f32, 2.0]).unwrap();
        let mut b = a.clone();
        b.make_mut().set_f64(0, 9.0);
        assert_eq!((a.get_f64(0), b.get_f64(0)), (1.0, 9.0));
    }

    #[test]
    fn the_number_of_elements_must_fit_the_shape() {
        assert!(Value::from_vec([3], vec![1.0f32]).is_err());
        assert!(Value::from_vec([usize::MAX, 2], vec![1.0f32]).is_err());
    }

    #[test]
    fn conversion_truncates_saturates_and_maps_nan_to_zero() {
        let v = Value::from_vec([4], vec![2.9f32, -2.9, f32::NAN, 1e20]).unwrap();
        assert_eq!(
            v.convert(DType::I32).to_f64_vec(),
            [2.0, -2.0, 0.0, f64::from(i32::MAX)]
        );
        assert_eq!(v.convert(DType::Bool).to_f64_vec(), [1.0; 4]);
    }

    #[test]
    fn conversion_between_integers_keeps_the_low_bits() {
        let v = Value::from_vec([2], vec![(1i64 << 40) + 259, -1]).unwrap();
        assert_eq!(
            v.convert(DType::U8),
            Value::from_vec([2], vec![3u8, 255]).unwrap()
        );
        assert_eq!(
            v.convert(DType::I32).convert(DType::U8),
            v.convert(DType::U8)
        );
    }

    #[test]
    fn a_full_value_keeps_the_sign_of_zero() {
        let value = Value::full([2], DType::F16, -0.0);
        assert_eq!(value.get_f64(1).to_bits(), (-0.0f64).to_bits());
    }

    #[test]
    fn values_are_equal_if_their_bits_are() {
        assert_eq!(Value::scalar(f32::NAN), Value::scalar(f32::NAN));
        assert_ne!(Value::scalar(0.0f32), Value::scalar(-0.0f32));
        assert_ne!(Value::scalar(0.0f64), Value::scalar(-0.0f64));
        assert_ne!(Value::scalar(0i32), Value::scalar(0.0f32));
        assert_ne!(Value::zeros([2], DType::U8), Value::zeros([2], DType::Bool));
    }
}
