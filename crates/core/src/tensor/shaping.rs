//! Shapes, axes, and the order of elements.

use std::ops::{Range, RangeFrom, RangeFull, RangeTo};

use crate::error::{Error, Result};
use crate::graph::op::Op;
use crate::shape::Shape;
use crate::tensor::{Operand, Tensor};

/// Which axes: all (`..`), one (`-1`) or several (`[0, 2]`). Negative ones count from the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Axes {
    /// All axes.
    All,
    /// These axes.
    Some(Vec<isize>),
}

impl Axes {
    /// The axes of this shape that are meant, ascending.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an axis that does not exist or is named twice.
    pub fn resolve(&self, subject: &str, shape: &Shape) -> Result<Vec<usize>> {
        let Self::Some(axes) = self else {
            return Ok((0..shape.rank()).collect());
        };
        let mut resolved = axes
            .iter()
            .map(|a| shape.axis(subject, *a))
            .collect::<Result<Vec<_>>>()?;
        resolved.sort_unstable();
        if resolved.windows(2).any(|w| w[0] == w[1]) {
            return Err(Error::invalid_argument(
                subject,
                "axes that are named once each",
                format!("{axes:?}"),
                "",
            ));
        }
        Ok(resolved)
    }
}

impl From<RangeFull> for Axes {
    fn from(_: RangeFull) -> Self {
        Self::All
    }
}

impl From<isize> for Axes {
    fn from(axis: isize) -> Self {
        Self::Some(vec![axis])
    }
}

impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Self {
        Self::Some(axes.to_vec())
    }
}

impl From<&[isize]> for Axes {
    fn from(axes: &[isize]) -> Self {
        Self::Some(axes.to_vec())
    }
}

impl From<Vec<usize>> for Axes {
    fn from(axes: Vec<usize>) -> Self {
        Self::Some(axes.into_iter().map(|a| a as isize).collect())
    }
}

/// Part of an axis: `2..5`, `..5`, `2..` or `..`.
pub trait AxisRange {
    /// The first entry and the one past the last, for an axis of this size.
    fn bounds(&self, size: usize) -> (usize, usize);
}

impl AxisRange for Range<usize> {
    fn bounds(&self, _: usize) -> (usize, usize) {
        (self.start, self.end)
    }
}

impl AxisRange for RangeTo<usize> {
    fn bounds(&self, _: usize) -> (usize, usize) {
        (0, self.end)
    }
}

impl AxisRange for RangeFrom<usize> {
    fn bounds(&self, size: usize) -> (usize, usize) {
        (self.start, size)
    }
}

impl AxisRange for RangeFull {
    fn bounds(&self, size: usize) -> (usize, usize) {
        (0, size)
    }
}

impl Tensor {
    /// The same elements in row-major order under another shape; one size may be -1 and follows.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// let x = Tensor::from([[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.reshape([-1, 2]).shape().dims(), [3, 2]);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn reshape(&self, shape: impl AsRef<[isize]>) -> Self {
        let wanted = shape.as_ref().to_vec();
        Self::lift(&[self], move |x| {
            match resolve_reshape(x[0].shape(), &wanted) {
                Ok(shape) if shape == *x[0].shape() => x[0].clone(),
                Ok(shape) => Self::apply(Op::Reshape(shape), x),
                Err(error) => Self::invalid(crate::scope::blame(error, here())),
            }
        })
    }

    /// The same elements under this exact shape.
    #[track_caller]
    #[must_use]
    pub fn reshape_to(&self, shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        if shape == *self.shape() {
            return self.clone();
        }
        Self::lift(&[self], move |x| Self::apply(Op::Reshape(shape.clone()), x))
    }

    /// Stretched to a shape by NumPy's rule: new leading axes, and axes of size 1 repeated.
    #[track_caller]
    #[must_use]
    pub fn broadcast_to(&self, shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        if shape == *self.shape() {
            return self.clone();
        }
        Self::lift(&[self], move |x| {
            let rank = x[0].rank();
            if rank > shape.rank() {
                let error = Error::shape_mismatch(
                    "broadcast_to",
                    format!("at least {rank} axes"),
                    shape.to_string(),
                    "",
                );
                return Self::invalid(crate::scope::blame(error, here()));
            }
            let axes = (shape.rank() - rank..shape.rank()).collect();
            Self::apply(
                Op::BroadcastInDim {
                    shape: shape.clone(),
                    axes,
                },
                x,
            )
        })
    }

    /// Axis `k` of the result is axis `permutation[k]` of this tensor.
    #[track_caller]
    #[must_use]
    pub fn transpose(&self, permutation: impl AsRef<[usize]>) -> Self {
        let permutation = permutation.as_ref().to_vec();
        Self::lift(&[self], move |x| {
            Self::apply(Op::Transpose(permutation.clone()), x)
        })
    }

    /// The tensor with two axes swapped.
    #[track_caller]
    #[must_use]
    pub fn swap_axes(&self, a: isize, b: isize) -> Self {
        Self::lift(&[self], move |x| {
            let shape = x[0].shape();
            match (shape.axis("swap_axes", a), shape.axis("swap_axes", b)) {
                (Ok(a), Ok(b)) => {
                    let mut permutation: Vec<usize> = (0..shape.rank()).collect();
                    permutation.swap(a, b);
                    Self::apply(Op::Transpose(permutation), x)
                }
                (Err(error), _) | (_, Err(error)) => {
                    Self::invalid(crate::scope::blame(error, here()))
                }
            }
        })
    }

    /// A new axis of size 1 at this place; negative places count from the end of the result.
    #[track_caller]
    #[must_use]
    pub fn expand_dims(&self, axis: isize) -> Self {
        Self::lift(&[self], move |x| {
            let mut dims = x[0].shape().dims().to_vec();
            let place = if axis < 0 {
                axis + dims.len() as isize + 1
            } else {
                axis
            };
            if !(0..=dims.len() as isize).contains(&place) {
                return match x[0].shape().axis("expand_dims", axis) {
                    Err(error) => Self::invalid(crate::scope::blame(error, here())),
                    Ok(_) => x[0].clone(),
                };
            }
            dims.insert(place as usize, 1);
            Self::apply(Op::Reshape(dims.into()), x)
        })
    }

    /// The tensor without this axis, whose size must be 1.
    #[track_caller]
    #[must_use]
    pub fn squeeze(&self, axis: isize) -> Self {
        Self::lift(&[self], move |x| {
            let shape = x[0].shape();
            let result = shape.axis("squeeze", axis).and_then(|a| {
                if shape[a] == 1 {
                    return Ok(shape.without(&[a]));
                }
                Err(Error::shape_mismatch(
                    "squeeze",
                    "an axis of size 1",
                    format!("axis {axis} of {shape}"),
                    "",
                ))
            });
            match result {
                Ok(shape) => Self::apply(Op::Reshape(shape), x),
                Err(error) => Self::invalid(crate::scope::blame(error, here())),
            }
        })
    }

    /// Entries of the leading axis: `x.slice(0..3)`.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// let x = Tensor::from([1.0f32, 2.0, 3.0]);
    /// assert_eq!(x.slice(1..).to_vec::<f32>()?, [2.0, 3.0]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn slice(&self, range: impl AxisRange + Clone + Send + Sync + 'static) -> Self {
        self.slice_axis(0, range)
    }

    /// Entries of one axis.
    #[track_caller]
    #[must_use]
    pub fn slice_axis(
        &self,
        axis: isize,
        range: impl AxisRange + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::lift(&[self], move |x| {
            let shape = x[0].shape();
            let axis = match shape.axis("slice", axis) {
                Ok(axis) => axis,
                Err(error) => return Self::invalid(crate::scope::blame(error, here())),
            };
            let mut start = vec![0; shape.rank()];
            let mut limit = shape.dims().to_vec();
            (start[axis], limit[axis]) = range.bounds(shape[axis]);
            let rows = (axis == 0).then_some((start[0], limit[0]));
            let strides = vec![1; shape.rank()];
            let sliced = Self::apply(
                Op::Slice {
                    start,
                    limit,
                    strides,
                },
                x,
            );
            sliced.remember_rows(&x[0], rows);
            sliced
        })
    }

    /// Rows of a known value are copied at once: a loop that takes its batches as slices would otherwise ask for another
    /// program in every turn, since the place of a slice is part of the program.
    fn remember_rows(&self, whole: &Self, rows: Option<(usize, usize)>) {
        if self.error().is_some() || crate::function::is_tracing() {
            return;
        }
        if let (Some(value), Some((start, limit))) = (whole.0.value(), rows)
            && let Ok(rows) = value.rows(start, limit)
        {
            self.0.remember(rows);
        }
    }

    /// Elements `start, start + stride, ..` below `limit` along each axis.
    #[track_caller]
    #[must_use]
    pub fn strided_slice(&self, start: &[usize], limit: &[usize], strides: &[usize]) -> Self {
        let op = Op::Slice {
            start: start.to_vec(),
            limit: limit.to_vec(),
            strides: strides.to_vec(),
        };
        Self::lift(&[self], move |x| Self::apply(op.clone(), x))
    }

    /// The tensors one after the other along an axis.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// let (a, b) = (Tensor::from([1.0f32]), Tensor::from([2.0f32, 3.0]));
    /// assert_eq!(Tensor::concatenate(&[a, b], 0).to_vec::<f32>()?, [1.0, 2.0, 3.0]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn concatenate(tensors: &[Self], axis: isize) -> Self {
        let inputs: Vec<&Self> = tensors.iter().collect();
        Self::lift(&inputs, move |x| {
            let Some(first) = x.first() else {
                let error =
                    Error::invalid_argument("concatenate", "at least one tensor", "none", "");
                return Self::invalid(crate::scope::blame(error, here()));
            };
            match first.shape().axis("concatenate", axis) {
                Ok(axis) => Self::apply(Op::Concatenate(axis), x),
                Err(error) => Self::invalid(crate::scope::blame(error, here())),
            }
        })
    }

    /// The tensors, which have one shape, along a new axis.
    #[track_caller]
    #[must_use]
    pub fn stack(tensors: &[Self], axis: isize) -> Self {
        let expanded: Vec<Self> = tensors.iter().map(|t| t.expand_dims(axis)).collect();
        Self::concatenate(&expanded, axis)
    }

    /// Adds `with` before, after and between the elements; negative counts cut.
    #[track_caller]
    #[must_use]
    pub fn pad(
        &self,
        low: &[isize],
        high: &[isize],
        interior: &[usize],
        with: impl Into<Operand>,
    ) -> Self {
        let with = with.into().like(self);
        let op = Op::Pad {
            low: low.to_vec(),
            high: high.to_vec(),
            interior: interior.to_vec(),
        };
        Self::lift(&[self, &with], move |x| Self::apply(op.clone(), x))
    }

    /// The elements in the opposite order along these axes.
    #[track_caller]
    #[must_use]
    pub fn reverse(&self, axes: impl Into<Axes>) -> Self {
        let axes = axes.into();
        Self::lift(&[self], move |x| {
            match axes.resolve("reverse", x[0].shape()) {
                Ok(axes) => Self::apply(Op::Reverse(axes), x),
                Err(error) => Self::invalid(crate::scope::blame(error, here())),
            }
        })
    }
}

/// The caller's line; inside a scope, that of the scope.
#[track_caller]
pub(super) fn here() -> &'static std::panic::Location<'static> {
    crate::scope::location(std::panic::Location::caller())
}

fn resolve_reshape(from: &Shape, wanted: &[isize]) -> Result<Shape> {
    let known: usize = wanted
        .iter()
        .filter(|d| **d >= 0)
        .map(|d| *d as usize)
        .product();
    let free = wanted.iter().filter(|d| **d == -1).count();
    let legal = wanted.iter().all(|d| *d >= -1) && free <= 1;
    let rest = from
        .len()
        .checked_div(known)
        .filter(|r| r * known == from.len());
    let fits = if free == 1 {
        rest.is_some()
    } else {
        known == from.len()
    };
    if !legal || !fits {
        return Err(Error::shape_mismatch(
            "reshape",
            format!(
                "a shape of {} elements, at most one size of it -1",
                from.len()
            ),
            format!("{from} to {wanted:?}"),
            "",
        ));
    }
    let size = |d: &isize| {
        if *d == -1 {
            rest.unwrap_or(0)
        } else {
            *d as usize
        }
    };
    Ok(wanted.iter().map(size).collect::<Vec<_>>().into())
}
