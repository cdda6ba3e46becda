//! Taking and adding elements by index.

use crate::dtype::DType;
use crate::graph::op::Op;
use crate::tensor::shaping::here;
use crate::tensor::{Operand, Tensor};

impl Tensor {
    /// The entries along an axis that the indices name: `[self[..axis], indices.., self[axis + 1..]]`.
    ///
    /// An index out of range gives NaN for floats and 0 for others.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// let x = Tensor::from([10.0f32, 20.0, 30.0]);
    /// assert_eq!(x.take(&Tensor::from([2i32, 0]), 0).to_vec::<f32>()?, [30.0, 10.0]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn take(&self, indices: &Self, axis: isize) -> Self {
        let indices = indices.as_indices();
        Self::lift(&[self, &indices], move |x| {
            match x[0].shape().axis("take", axis) {
                Ok(axis) => Self::apply(Op::Gather { axis, batch: 0 }, x),
                Err(error) => Self::invalid(crate::scope::blame(error, here())),
            }
        })
    }

    /// For each place of `indices`, the entry along the axis that it names, all other axes running
    /// together: NumPy's `take_along_axis`.
    #[track_caller]
    #[must_use]
    pub fn take_along_axis(&self, indices: &Self, axis: isize) -> Self {
        let indices = indices.as_indices();
        Self::lift(&[self, &indices], move |x| {
            let axis = match x[0].shape().axis("take_along_axis", axis) {
                Ok(axis) => axis,
                Err(error) => return Self::invalid(crate::scope::blame(error, here())),
            };
            // With the axis last, all the others are batch axes of one gather.
            let last = x[0].rank() - 1;
            let to_last: Vec<usize> = (0..=last).filter(|a| *a != axis).chain([axis]).collect();
            let mut back: Vec<usize> = (0..last).collect();
            back.insert(axis, last);
            let op = Op::Gather {
                axis: last,
                batch: last,
            };
            Self::apply(op, &[x[0].transpose(&to_last), x[1].transpose(&to_last)]).transpose(&back)
        })
    }

    /// The entry along the last axis that `indices` (of one axis less) names: one for each row.
    #[track_caller]
    #[must_use]
    pub fn pick(&self, indices: &Self) -> Self {
        let indices = indices.as_indices();
        Self::lift(&[self, &indices], |x| {
            let last = x[0].rank().saturating_sub(1);
            Self::apply(
                Op::Gather {
                    axis: last,
                    batch: last,
                },
                x,
            )
        })
    }

    /// This tensor with each update added to the entry along `axis` that its index names; the first
    /// `batch` axes run together. Indices out of range are skipped.
    #[track_caller]
    #[must_use]
    pub fn scatter_add(&self, indices: &Self, updates: &Self, axis: usize, batch: usize) -> Self {
        let indices = indices.as_indices();
        let op = Op::ScatterAdd { axis, batch };
        Self::lift(&[self, &indices, updates], move |x| {
            Self::apply(op.clone(), x)
        })
    }

    /// A new last axis of `depth` entries: 1 at the place that the element names, else 0; all 0 for an
    /// element out of range.
    ///
    /// ```
    /// # use hornblende_core::{DType, Tensor};
    /// let y = Tensor::from([1i32, 0]).one_hot(3, DType::F32);
    /// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn one_hot(&self, depth: usize, dtype: DType) -> Self {
        let classes = self.as_indices();
        Self::lift(&[&classes], move |x| {
            let mut dims = x[0].shape().dims().to_vec();
            dims.push(depth);
            let last = dims.len() - 1;
            let places = Self::iota(dims, last, x[0].dtype());
            places.equal(x[0].expand_dims(-1)).cast(dtype)
        })
    }

    /// A part of this size that starts where the scalars say, moved so that it fits.
    #[track_caller]
    #[must_use]
    pub fn dynamic_slice(&self, starts: &[Self], size: &[usize]) -> Self {
        let mut inputs = vec![self.clone()];
        inputs.extend_from_slice(starts);
        Self::apply(
            Op::DynamicSlice {
                size: size.to_vec(),
            },
            &inputs,
        )
    }

    /// This tensor with `update` written in where the scalars say, moved so that it fits.
    #[track_caller]
    #[must_use]
    pub fn dynamic_update_slice(&self, update: &Self, starts: &[Self]) -> Self {
        let mut inputs = vec![self.clone(), update.clone()];
        inputs.extend_from_slice(starts);
        Self::apply(Op::DynamicUpdateSlice, &inputs)
    }

    /// Random bits (`I32`) of a key `I32[4]` = seed low, seed high, stream, step.
    #[track_caller]
    #[must_use]
    pub fn random_bits(key: &Self, shape: impl Into<crate::Shape>) -> Self {
        let op = Op::RandomBits {
            shape: shape.into(),
        };
        Self::lift(&[key], move |x| Self::apply(op.clone(), x))
    }

    /// Uniform numbers in [0, 1) of a key; see [`Tensor::random_bits`]. They are multiples of 2^-24.
    #[track_caller]
    #[must_use]
    pub fn random_uniform(key: &Self, shape: impl Into<crate::Shape>) -> Self {
        let bits = Self::random_bits(key, shape);
        bits.shift_right_logical(Operand::Number(8.0))
            .cast(DType::F32)
            * (1.0 / 16_777_216.0)
    }

    fn as_indices(&self) -> Self {
        match self.dtype() {
            DType::I32 | DType::I64 => self.clone(),
            _ => self.cast(DType::I32),
        }
    }
}
