//! Inference of products, convolutions and moving windows.

use crate::error::{Error, Result};
use crate::graph::Spec;
use crate::graph::infer::Rule;
use crate::graph::op::{ConvDims, DotDims, Window};
use crate::shape::Shape;

impl Rule<'_> {
    pub(super) fn dot_general(&self, dims: &DotDims) -> Result<Spec> {
        let (a, b) = (self.inputs[0], self.inputs[1]);
        if a.dtype != b.dtype {
            return self.same_operands().cloned();
        }
        let lhs: Vec<usize> = dims
            .lhs_batch
            .iter()
            .chain(&dims.lhs_contract)
            .copied()
            .collect();
        let rhs: Vec<usize> = dims
            .rhs_batch
            .iter()
            .chain(&dims.rhs_contract)
            .copied()
            .collect();
        let legal = |axes: &[usize], rank: usize| {
            axes.iter()
                .enumerate()
                .all(|(k, a)| *a < rank && !axes[..k].contains(a))
        };
        let fits = lhs.len() == rhs.len()
            && dims.lhs_batch.len() == dims.rhs_batch.len()
            && legal(&lhs, a.shape.rank())
            && legal(&rhs, b.shape.rank())
            && lhs
                .iter()
                .zip(&rhs)
                .all(|(l, r)| a.shape[*l] == b.shape[*r]);
        self.check_shape(
            fits,
            "equal sizes along the contracted and batch axes",
            format_args!("{} along {lhs:?} and {} along {rhs:?}", a.shape, b.shape),
        )?;
        let mut shape: Vec<usize> = dims.lhs_batch.iter().map(|k| a.shape[*k]).collect();
        shape.extend(a.shape.without(&lhs).dims());
        shape.extend(b.shape.without(&rhs).dims());
        Ok(Spec {
            shape: shape.into(),
            dtype: a.dtype,
        })
    }

    /// The size of the result along one axis under a window, or `None` if no window fits.
    pub(super) fn window_count(&self, size: usize, window: &Window, k: usize) -> Option<usize> {
        let (low, high) = window.padding[k];
        let padded = size as isize + low + high;
        let reach = (window.size[k].checked_sub(1)? * window.dilation[k] + 1) as isize;
        (padded >= 0 && window.strides[k] > 0 && window.dilation[k] > 0).then(|| {
            if padded < reach {
                0
            } else {
                (padded - reach) as usize / window.strides[k] + 1
            }
        })
    }

    pub(super) fn window_counts(&self, sizes: &[usize], window: &Window) -> Result<Vec<usize>> {
        let lengths = [
            window.size.len(),
            window.strides.len(),
            window.padding.len(),
        ];
        let whole = lengths
            .iter()
            .chain([&window.dilation.len()])
            .all(|n| *n == sizes.len());
        self.check(
            whole,
            format_args!("a window of {} axes", sizes.len()),
            format_args!("{lengths:?}"),
        )?;
        (0..sizes.len())
            .map(|k| self.window_count(sizes[k], window, k))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| {
                Error::shape_mismatch(
                    self.op.name(),
                    "window sizes, strides and dilations above 0",
                    format!("{window:?} over {sizes:?}"),
                    "",
                )
            })
    }

    pub(super) fn windowed(&self, shape: &Shape, window: &Window) -> Result<Shape> {
        Ok(self.window_counts(shape.dims(), window)?.into())
    }

    pub(super) fn conv_output(
        &self,
        input: &Shape,
        kernel: &Shape,
        conv: &ConvDims,
    ) -> Result<Shape> {
        let rank = input.rank();
        let same_rank = rank >= 2 && kernel.rank() == rank;
        self.check_shape(
            same_rank,
            "an input and a kernel of one rank, at least 2",
            format_args!("{input} and {kernel}"),
        )?;
        let (channels, filters) = (input[rank - 1], kernel[rank - 1]);
        let fits = conv.groups > 0
            && channels == kernel[rank - 2] * conv.groups
            && filters % conv.groups == 0
            && kernel.dims()[..rank - 2] == conv.window.size[..];
        self.check_shape(
            fits,
            "a kernel [spatial.., channels / groups, filters] that fits the input",
            format!("input {input}, kernel {kernel}, groups {}", conv.groups),
        )?;
        let mut dims = vec![input[0]];
        dims.extend(self.window_counts(&input.dims()[1..rank - 1], &conv.window)?);
        dims.push(filters);
        Ok(dims.into())
    }

    pub(super) fn convolution(&self, conv: &ConvDims) -> Result<Spec> {
        let (x, kernel) = (self.inputs[0], self.inputs[1]);
        if x.dtype != kernel.dtype {
            return self.same_operands().cloned();
        }
        Ok(Spec {
            shape: self.conv_output(&x.shape, &kernel.shape, conv)?,
            dtype: x.dtype,
        })
    }

    pub(super) fn input_gradient(&self, conv: &ConvDims, input: &Shape) -> Result<Spec> {
        let (gradient, kernel) = (self.inputs[0], self.inputs[1]);
        let output = self.conv_output(input, &kernel.shape, conv)?;
        self.expect_spec(gradient, &output, kernel.dtype)?;
        Ok(Spec {
            shape: input.clone(),
            dtype: kernel.dtype,
        })
    }

    pub(super) fn filter_gradient(&self, conv: &ConvDims) -> Result<Spec> {
        let (x, gradient) = (self.inputs[0], self.inputs[1]);
        let rank = x.shape.rank();
        self.check_shape(
            rank >= 2 && gradient.shape.rank() == rank && conv.groups > 0,
            "an input and a gradient of one rank, at least 2",
            format_args!("{} and {}", x.shape, gradient.shape),
        )?;
        let mut dims = conv.window.size.clone();
        dims.push(x.shape[rank - 1] / conv.groups);
        dims.push(gradient.shape[rank - 1]);
        let kernel = Shape::from(dims);
        let output = self.conv_output(&x.shape, &kernel, conv)?;
        self.expect_spec(gradient, &output, x.dtype)?;
        Ok(Spec {
            shape: kernel,
            dtype: x.dtype,
        })
    }
}
