//! Inference of what moves elements: broadcasts, slices, padding, indexing.

use crate::dtype::DType;
use crate::error::Result;
use crate::graph::Spec;
use crate::graph::infer::Rule;
use crate::shape::Shape;

impl Rule<'_> {
    pub(super) fn broadcast_in_dim(&self, shape: &Shape, axes: &[usize]) -> Result<Spec> {
        let x = self.inputs[0];
        self.axes(axes, shape.rank())?;
        let fits = axes.len() == x.shape.rank()
            && axes
                .iter()
                .zip(x.shape.dims())
                .all(|(a, d)| *d == 1 || *d == shape[*a]);
        self.check_shape(
            fits,
            "sizes that are 1 or those of the result",
            format_args!("{} to {shape} along {axes:?}", x.shape),
        )?;
        Ok(Spec {
            shape: shape.clone(),
            dtype: x.dtype,
        })
    }

    pub(super) fn transpose(&self, permutation: &[usize]) -> Result<Spec> {
        let x = self.inputs[0];
        let mut sorted = permutation.to_vec();
        sorted.sort_unstable();
        let fits = sorted.iter().copied().eq(0..x.shape.rank());
        self.check(
            fits,
            "a permutation of all axes",
            format_args!("{permutation:?} of {}", x.shape),
        )?;
        let dims: Vec<usize> = permutation.iter().map(|a| x.shape[*a]).collect();
        Ok(Spec {
            shape: dims.into(),
            dtype: x.dtype,
        })
    }

    pub(super) fn slice(
        &self,
        start: &[usize],
        limit: &[usize],
        strides: &[usize],
    ) -> Result<Spec> {
        let x = self.inputs[0];
        let rank = x.shape.rank();
        let fits = start.len() == rank
            && limit.len() == rank
            && strides.len() == rank
            && (0..rank).all(|k| start[k] <= limit[k] && limit[k] <= x.shape[k] && strides[k] > 0);
        self.check_shape(
            fits,
            format_args!("ranges within {}", x.shape),
            format_args!("{start:?} to {limit:?} by {strides:?}"),
        )?;
        let dims: Vec<usize> = (0..rank)
            .map(|k| (limit[k] - start[k]).div_ceil(strides[k]))
            .collect();
        Ok(Spec {
            shape: dims.into(),
            dtype: x.dtype,
        })
    }

    pub(super) fn starts(&self, starts: &[&Spec], rank: usize) -> Result<()> {
        let fits = starts.len() == rank
            && starts
                .iter()
                .all(|s| s.shape.rank() == 0 && matches!(s.dtype, DType::I32 | DType::I64));
        if fits {
            return Ok(());
        }
        let got: Vec<String> = starts.iter().map(ToString::to_string).collect();
        let expected = format_args!("{rank} integer scalars as start");
        self.check(false, expected, got.join(", "))
    }

    pub(super) fn dynamic_slice(&self, size: &[usize]) -> Result<Spec> {
        let x = self.inputs[0];
        self.starts(&self.inputs[1..], x.shape.rank())?;
        let fits =
            size.len() == x.shape.rank() && size.iter().zip(x.shape.dims()).all(|(s, d)| s <= d);
        self.check_shape(
            fits,
            format_args!("sizes within {}", x.shape),
            format_args!("{size:?}"),
        )?;
        Ok(Spec {
            shape: size.into(),
            dtype: x.dtype,
        })
    }

    pub(super) fn dynamic_update_slice(&self) -> Result<Spec> {
        let (x, update) = (self.inputs[0], self.inputs[1]);
        self.starts(&self.inputs[2..], x.shape.rank())?;
        let fits = update.dtype == x.dtype
            && update.shape.rank() == x.shape.rank()
            && update
                .shape
                .dims()
                .iter()
                .zip(x.shape.dims())
                .all(|(s, d)| s <= d);
        self.check_shape(fits, format_args!("an update within {}", x), update)?;
        Ok(x.clone())
    }

    pub(super) fn pad(&self, low: &[isize], high: &[isize], interior: &[usize]) -> Result<Spec> {
        let (x, with) = (self.inputs[0], self.inputs[1]);
        self.expect_spec(with, &Shape::scalar(), x.dtype)?;
        let rank = x.shape.rank();
        let fits = low.len() == rank && high.len() == rank && interior.len() == rank;
        self.check(
            fits,
            format_args!("{rank} paddings"),
            format_args!("{}", low.len()),
        )?;
        let sizes: Vec<isize> = (0..rank)
            .map(|k| {
                let d = x.shape[k] as isize;
                d + low[k] + high[k] + (d - 1).max(0) * interior[k] as isize
            })
            .collect();
        self.check_shape(
            sizes.iter().all(|s| *s >= 0),
            "a result without negative sizes",
            format_args!("{sizes:?}"),
        )?;
        let dims: Vec<usize> = sizes.into_iter().map(|s| s as usize).collect();
        Ok(Spec {
            shape: dims.into(),
            dtype: x.dtype,
        })
    }

    pub(super) fn concatenate(&self, axis: usize) -> Result<Spec> {
        let first = self.inputs[0];
        self.axes(&[axis], first.shape.rank())?;
        let mut size = 0;
        for x in self.inputs {
            let fits = x.dtype == first.dtype
                && x.shape.rank() == first.shape.rank()
                && x.shape.without(&[axis]) == first.shape.without(&[axis]);
            self.check_shape(
                fits,
                format_args!("operands that differ only in axis {axis}"),
                format_args!("{} and {}", first, x),
            )?;
            size += x.shape[axis];
        }
        Ok(Spec {
            shape: first.shape.with(axis, size),
            dtype: first.dtype,
        })
    }

    pub(super) fn gathered(&self, axis: usize, batch: usize) -> Result<Shape> {
        let (x, indices) = (self.inputs[0], self.inputs[1]);
        let integers = matches!(indices.dtype, DType::I32 | DType::I64);
        self.check(
            integers,
            "indices of type int32 or int64",
            indices.dtype.name(),
        )?;
        let fits = batch <= axis
            && axis < x.shape.rank()
            && batch <= indices.shape.rank()
            && x.shape.dims()[..batch] == indices.shape.dims()[..batch];
        self.check_shape(
            fits,
            format_args!("{batch} equal leading axes and an axis {axis}"),
            format_args!("{} and {}", x.shape, indices.shape),
        )?;
        let mut dims = x.shape.dims()[..axis].to_vec();
        dims.extend(&indices.shape.dims()[batch..]);
        dims.extend(&x.shape.dims()[axis + 1..]);
        Ok(dims.into())
    }

    pub(super) fn gather(&self, axis: usize, batch: usize) -> Result<Spec> {
        Ok(Spec {
            shape: self.gathered(axis, batch)?,
            dtype: self.inputs[0].dtype,
        })
    }

    pub(super) fn scatter_add(&self, axis: usize, batch: usize) -> Result<Spec> {
        let shape = self.gathered(axis, batch)?;
        self.expect_spec(self.inputs[2], &shape, self.inputs[0].dtype)?;
        Ok(self.inputs[0].clone())
    }
}
