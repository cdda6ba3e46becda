//! Shapes: sizes along each axis, row-major.

use std::fmt;

use smallvec::SmallVec;

use crate::error::{Error, Result};

/// The sizes of a tensor along its axes, slowest first (row-major).
///
/// A size may be [`Shape::UNKNOWN`] in the shape of a symbolic tensor (the batch size of an
/// `Input`); it prints as `None`, as in Keras. Graphs have known sizes only.
///
/// # Example
/// ```
/// use hornblende_core::Shape;
/// let shape = Shape::from([2, 3]);
/// assert_eq!((shape.rank(), shape.len(), shape.to_string()), (2, 6, "(2, 3)".to_owned()));
/// ```
#[derive(PartialEq, Eq, Hash, Default)]
pub struct Shape(Sizes);

/// The sizes of most tensors stand in the shape itself: every node of every graph has a shape.
type Sizes = SmallVec<[usize; 4]>;

impl Clone for Shape {
    fn clone(&self) -> Self {
        Self(Sizes::from_slice(&self.0))
    }

    /// Allocates nothing if this shape has had as many axes before.
    fn clone_from(&mut self, source: &Self) {
        self.0.clear();
        self.0.extend_from_slice(&source.0);
    }
}

impl Shape {
    /// A size that is not known yet, such as the batch size of a symbolic input.
    pub const UNKNOWN: usize = usize::MAX;

    /// The shape of a scalar.
    #[must_use]
    pub const fn scalar() -> Self {
        Self(SmallVec::new_const())
    }

    /// The sizes, slowest axis first.
    #[must_use]
    pub fn dims(&self) -> &[usize] {
        &self.0
    }

    /// The number of axes.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The number of elements: the product of the sizes, 1 for a scalar. A product beyond `usize` gives
    /// `usize::MAX`, which no memory holds.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        self.0.iter().fold(1, |len, size| len.saturating_mul(*size))
    }

    /// True if some size is 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.contains(&0)
    }

    /// True if every size is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.0.contains(&Self::UNKNOWN)
    }

    /// Steps in elements between neighbours along each axis of a dense row-major array.
    #[must_use]
    pub fn strides(&self) -> Vec<usize> {
        let mut strides = vec![1; self.rank()];
        for axis in (1..self.rank()).rev() {
            // Only the strides of an array without elements, which nobody takes, can overflow.
            strides[axis - 1] = usize::wrapping_mul(strides[axis], self.0[axis]);
        }
        strides
    }

    /// The axis that `axis` names: negative counts from the end, as in NumPy.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if there is no such axis.
    pub fn axis(&self, subject: &str, axis: isize) -> Result<usize> {
        let rank = self.rank() as isize;
        let resolved = if axis < 0 { axis + rank } else { axis };
        if (0..rank).contains(&resolved) {
            return Ok(resolved as usize);
        }
        Err(Error::invalid_argument(
            subject,
            format!(
                "an axis of a tensor of shape {self}, from {} to {}",
                -rank,
                rank - 1
            ),
            format!("axis {axis}"),
            "",
        ))
    }

    /// The shape that both broadcast to, by NumPy's rule: sizes are compared from the last axis on,
    /// and agree if they are equal or one of them is 1.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if they do not agree.
    pub fn broadcast(&self, other: &Self, subject: &str) -> Result<Self> {
        let rank = self.rank().max(other.rank());
        let size = |shape: &Self, axis: usize| {
            (axis + shape.rank())
                .checked_sub(rank)
                .map_or(1, |k| shape.0[k])
        };
        let mut sizes = Sizes::new();
        for axis in 0..rank {
            sizes.push(match (size(self, axis), size(other, axis)) {
                (a, b) if a == b || b == 1 => a,
                (1, b) => b,
                _ => return Err(self.does_not_broadcast(other, subject)),
            });
        }
        Ok(Self(sizes))
    }

    #[cold]
    fn does_not_broadcast(&self, other: &Self, subject: &str) -> Error {
        Error::shape_mismatch(
            subject,
            "shapes that broadcast together: equal sizes or 1, compared from the last axis",
            format!("{self} and {other}"),
            "Reshape or slice one of them",
        )
    }

    /// The axes as a new shape without those in `axes`.
    #[must_use]
    pub fn without(&self, axes: &[usize]) -> Self {
        let mut sizes = Sizes::new();
        for (axis, size) in self.0.iter().enumerate() {
            if !axes.contains(&axis) {
                sizes.push(*size);
            }
        }
        Self(sizes)
    }

    /// The same shape with the size along `axis` replaced.
    #[must_use]
    pub fn with(&self, axis: usize, size: usize) -> Self {
        let mut shape = self.clone();
        shape.set(axis, size);
        shape
    }

    /// Replaces the size along `axis`.
    pub(crate) fn set(&mut self, axis: usize, size: usize) {
        self.0[axis] = size;
    }
}

impl std::ops::Index<usize> for Shape {
    type Output = usize;
    fn index(&self, axis: usize) -> &usize {
        &self.0[axis]
    }
}

impl From<Vec<usize>> for Shape {
    fn from(dims: Vec<usize>) -> Self {
        Self(Sizes::from_slice(&dims))
    }
}

impl From<&[usize]> for Shape {
    fn from(dims: &[usize]) -> Self {
        Self(Sizes::from_slice(dims))
    }
}

impl FromIterator<usize> for Shape {
    fn from_iter<I: IntoIterator<Item = usize>>(sizes: I) -> Self {
        Self(sizes.into_iter().collect())
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Self {
        shape.clone()
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Self {
        Self(Sizes::from_slice(&dims))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (k, d) in self.0.iter().enumerate() {
            if k > 0 {
                f.write_str(", ")?;
            }
            if *d == Self::UNKNOWN {
                f.write_str("None")?
            } else {
                write!(f, "{d}")?
            }
        }
        f.write_str(if self.rank() == 1 { ",)" } else { ")" })
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_follows_numpy() {
        let b = |x: &[usize], y: &[usize]| {
            Shape::from(x)
                .broadcast(&Shape::from(y), "add")
                .map(|s| s.dims().to_vec())
        };
        assert_eq!(b(&[2, 1, 4], &[3, 1]), Ok(vec![2, 3, 4]));
        assert_eq!(b(&[], &[5]), Ok(vec![5]));
        assert_eq!(b(&[0], &[1]), Ok(vec![0]));
        assert!(b(&[2], &[3]).is_err());
    }

    #[test]
    fn sizes_beyond_memory_do_not_overflow() {
        let huge = usize::MAX / 2;
        assert_eq!(Shape::from([huge, huge]).len(), usize::MAX);
        assert_eq!(Shape::from([huge, huge, 0]).len(), 0);
        assert_eq!(Shape::from([0, huge, huge]).strides().len(), 3);
    }

    #[test]
    fn negative_axes_count_from_the_end() {
        let shape = Shape::from([2, 3]);
        assert_eq!(shape.axis("sum", -1), Ok(1));
        assert!(shape.axis("sum", 2).is_err());
    }

    #[test]
    fn unknown_sizes_print_as_none() {
        assert_eq!(
            Shape::from([Shape::UNKNOWN, 784]).to_string(),
            "(None, 784)"
        );
        assert_eq!(Shape::from([3]).to_string(), "(3,)");
    }
}
