//! Values: dense row-major arrays in memory.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::dtype::DType;
use crate::elements::Elements;
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::storage::Storage;

/// A dense row-major array: shape, type and elements. Cloning shares the elements, and so do a reshape and a range of
/// [`Value::rows`]. Values are equal if shape, type and the bits of all elements are.
///
/// # Example
/// ```
/// use hornblende_core::Value;
/// let value = Value::from_vec([2, 2], vec![1.0f32, 2.0, 3.0, 4.0])?;
/// assert_eq!(value.get_f64(3), 4.0);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
pub struct Value {
    shape: Shape,
    storage: Arc<Storage>,
    /// The place of the first element in the storage, which may hold more elements than are of this value.
    first: usize,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.elements() == other.elements()
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.shape.hash(state);
        self.elements().hash(state);
    }
}

/// Clones share the elements until one of them is written to.
impl Clone for Value {
    fn clone(&self) -> Self {
        Self {
            shape: self.shape.clone(),
            storage: Arc::clone(&self.storage),
            first: self.first,
        }
    }

    /// Allocates nothing if this value has had as many axes before: steady runs of programs rely on it.
    fn clone_from(&mut self, source: &Self) {
        self.shape.clone_from(&source.shape);
        self.storage = Arc::clone(&source.storage);
        self.first = source.first;
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
        Ok(Self::whole(shape, storage))
    }

    fn whole(shape: Shape, storage: Storage) -> Self {
        Self {
            shape,
            storage: Arc::new(storage),
            first: 0,
        }
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
        Self::whole(Shape::scalar(), T::into_storage(vec![x]))
    }

    /// All zeros.
    #[must_use]
    pub fn zeros(shape: impl Into<Shape>, dtype: DType) -> Self {
        let shape = shape.into();
        let storage = Storage::zeros(dtype, shape.len());
        Self::whole(shape, storage)
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
        self.shape.len()
    }

    /// True if there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements.
    #[must_use]
    pub fn elements(&self) -> Elements<'_> {
        self.storage.part(self.first, self.len())
    }

    /// The elements, to write to; copied first if another value shares them.
    pub fn make_mut(&mut self) -> &mut Storage {
        if self.storage.len() != self.len() {
            self.storage = Arc::new(self.elements().to_storage());
            self.first = 0;
        }
        Arc::make_mut(&mut self.storage)
    }

    /// True if writing to the elements would copy them first.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.storage) > 1
    }

    /// True if both are the same elements in the same memory, under one shape.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.storage, &other.storage)
            && self.first == other.first
            && self.shape == other.shape
    }

    /// Element `index`, counted row-major, as `f64`.
    #[must_use]
    pub fn get_f64(&self, index: usize) -> f64 {
        self.elements().get_f64(index)
    }

    /// All elements as `f64`.
    #[must_use]
    pub fn to_f64_vec(&self) -> Vec<f64> {
        (0..self.len()).map(|k| self.get_f64(k)).collect()
    }

    /// The elements as a typed slice, or `None` if they are of another type.
    #[must_use]
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        T::slice(self.elements())
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
            first: self.first,
        })
    }

    /// The value converted to another type: floats to integers truncate and saturate, NaN gives 0;
    /// integers to narrower ones keep their low bits; anything but 0 is true.
    #[must_use]
    pub fn convert(&self, dtype: DType) -> Self {
        if dtype == self.dtype() {
            return self.clone();
        }
        let storage = match (self.elements(), dtype) {
            // Between integers nothing passes through f64, which would saturate and lose low bits; I64
            // to F32 must be rounded once.
            (Elements::I64(v), DType::I32) => Storage::I32(v.iter().map(|x| *x as i32).collect()),
            (Elements::I64(v), DType::U8) => Storage::U8(v.iter().map(|x| *x as u8).collect()),
            (Elements::I32(v), DType::U8) => Storage::U8(v.iter().map(|x| *x as u8).collect()),
            (Elements::I64(v), DType::F32) => Storage::F32(v.iter().map(|x| *x as f32).collect()),
            (Elements::U8(v), DType::F32) => {
                Storage::F32(v.iter().map(|x| f32::from(*x)).collect())
            }
            (source, _) => {
                let mut storage = Storage::zeros(dtype, source.len());
                (0..source.len()).for_each(|k| storage.set_f64(k, source.get_f64(k)));
                storage
            }
        };
        Self::whole(self.shape.clone(), storage)
    }

    /// Entries `start..limit` along the leading axis; shares the elements.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a scalar or a range out of bounds.
    pub fn rows(&self, start: usize, limit: usize) -> Result<Self> {
        let mut rows = self.clone();
        rows.clone_rows_from(self, start, limit)?;
        Ok(rows)
    }

    /// Becomes [`Value::rows`] of another one. Allocates nothing if this value has had as many axes before.
    ///
    /// # Errors
    /// As [`Value::rows`].
    pub fn clone_rows_from(&mut self, whole: &Self, start: usize, limit: usize) -> Result<()> {
        let n = whole.shape.dims().first().copied().unwrap_or(0);
        if whole.shape.rank() == 0 || start > limit || limit > n {
            return Err(Error::invalid_argument(
                "slice",
                format!("a range within the {n} entries of shape {}", whole.shape),
                format!("{start}..{limit}"),
                "",
            ));
        }
        let row = whole.shape.dims()[1..].iter().product::<usize>();
        self.clone_from(whole);
        self.shape.set(0, limit - start);
        self.first += start * row;
        Ok(())
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
    /// The elements if they are of this type.
    fn slice(elements: Elements<'_>) -> Option<&[Self]>;
}

macro_rules! elements {
    ($($type:ty => $variant:ident),*) => {$(
        impl Element for $type {
            const DTYPE: DType = DType::$variant;
            fn into_storage(elements: Vec<Self>) -> Storage {
                Storage::$variant(elements)
            }
            fn slice(elements: Elements<'_>) -> Option<&[Self]> {
                match elements {
                    Elements::$variant(v) => Some(v),
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
    fn slice(_: Elements<'_>) -> Option<&[Self]> {
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
    fn rows_share_the_elements_until_one_is_written_to() {
        let whole = Value::from_vec([3, 2], vec![1i32, 2, 3, 4, 5, 6]).unwrap();
        let mut rows = whole.rows(1, 3).unwrap();
        assert_eq!(
            rows.elements().as_ptr(),
            whole.as_slice::<i32>().unwrap()[2..].as_ptr().cast()
        );
        assert_eq!(rows.rows(1, 2).unwrap().to_f64_vec(), [5.0, 6.0]);
        rows.make_mut().set_f64(0, 9.0);
        assert_eq!(rows.to_f64_vec(), [9.0, 4.0, 5.0, 6.0]);
        assert_eq!(whole.to_f64_vec(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(rows.shape().dims(), [2, 2]);
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
