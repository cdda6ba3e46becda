//! Reductions along axes, running sums and sorting.

use crate::dtype::DType;
use crate::graph::op::{Op, Reduction};
use crate::tensor::shaping::here;
use crate::tensor::{Axes, Tensor};

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        // These methods differ in nothing but how elements are combined.
        impl Tensor {$(
            $(#[$doc])*
            #[track_caller]
            #[must_use]
            pub fn $name(&self, axes: impl Into<Axes>) -> Self {
                self.reduce(Reduction::$kind, axes.into(), false)
            }
        )*}
    };
}

reductions! {
    /// The sum along the axes, which vanish; 0 of nothing.
    sum => Sum;
    /// The product along the axes, which vanish; 1 of nothing.
    prod => Product;
    /// The largest along the axes, which vanish; NaN if any is. Equal ones share the gradient.
    max => Max;
    /// The smallest along the axes, which vanish; NaN if any is. Equal ones share the gradient.
    min => Min;
    /// True where all along the axes are.
    all => And;
    /// True where any along the axes is.
    any => Or;
}

impl Tensor {
    #[track_caller]
    pub(crate) fn reduce(&self, kind: Reduction, axes: Axes, keepdims: bool) -> Self {
        let logical = matches!(kind, Reduction::And | Reduction::Or);
        let x = if logical {
            self.cast(DType::Bool)
        } else {
            self.clone()
        };
        Self::lift(&[&x], move |x| match axes.resolve("reduce", x[0].shape()) {
            // The sum of one number is that number.
            Ok(axes) if axes.is_empty() => x[0].clone(),
            Ok(axes) => {
                let mut kept = x[0].shape().clone();
                axes.iter().for_each(|a| kept = kept.with(*a, 1));
                let reduced = Self::apply(Op::Reduce { kind, axes }, x);
                if keepdims {
                    reduced.reshape_to(kept)
                } else {
                    reduced
                }
            }
            Err(error) => Self::invalid(crate::scope::blame(error, here())),
        })
    }

    /// As [`Tensor::sum`], the axes staying with size 1.
    #[track_caller]
    #[must_use]
    pub fn sum_keepdims(&self, axes: impl Into<Axes>) -> Self {
        self.reduce(Reduction::Sum, axes.into(), true)
    }

    /// As [`Tensor::max`], the axes staying with size 1.
    #[track_caller]
    #[must_use]
    pub fn max_keepdims(&self, axes: impl Into<Axes>) -> Self {
        self.reduce(Reduction::Max, axes.into(), true)
    }

    /// As [`Tensor::mean`], the axes staying with size 1.
    #[track_caller]
    #[must_use]
    pub fn mean_keepdims(&self, axes: impl Into<Axes>) -> Self {
        self.mean_of(axes.into(), true)
    }

    /// The arithmetic mean along the axes, which vanish; NaN of nothing. Integers become `F32`.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.mean(..).item::<f32>()?, 2.5);
    /// assert_eq!(x.mean(-1).to_vec::<f32>()?, [1.5, 3.5]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn mean(&self, axes: impl Into<Axes>) -> Self {
        self.mean_of(axes.into(), false)
    }

    #[track_caller]
    fn mean_of(&self, axes: Axes, keepdims: bool) -> Self {
        let x = if self.dtype().is_float() {
            self.clone()
        } else {
            self.cast(DType::F32)
        };
        Self::lift(&[&x], move |x| {
            let shape = x[0].shape();
            let count: usize = match axes.resolve("mean", shape) {
                Ok(axes) => axes.iter().map(|a| shape[*a]).product(),
                Err(error) => return Self::invalid(crate::scope::blame(error, here())),
            };
            x[0].reduce(Reduction::Sum, axes.clone(), keepdims) / count as f64
        })
    }

    /// Mean squared distance from the mean (of the population) along the axes, which vanish.
    #[track_caller]
    #[must_use]
    pub fn variance(&self, axes: impl Into<Axes>) -> Self {
        let axes = axes.into();
        (self - self.mean_keepdims(axes.clone()))
            .square()
            .mean(axes)
    }

    /// The place (`I32`) of the first largest element along an axis; a NaN counts as the largest.
    #[track_caller]
    #[must_use]
    pub fn argmax(&self, axis: isize) -> Self {
        self.along("argmax", axis, Op::ArgMax)
    }

    /// The place (`I32`) of the first smallest element along an axis; a NaN counts as the smallest.
    #[track_caller]
    #[must_use]
    pub fn argmin(&self, axis: isize) -> Self {
        self.along("argmin", axis, Op::ArgMin)
    }

    /// The places (`I32`) that sort along an axis, stable, NaN last.
    #[track_caller]
    #[must_use]
    pub fn argsort(&self, axis: isize, descending: bool) -> Self {
        self.along("argsort", axis, move |axis| Op::ArgSort {
            axis,
            descending,
        })
    }

    /// Running sums along an axis.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// assert_eq!(Tensor::from([1.0f32, 2.0, 3.0]).cumsum(0).to_vec::<f32>()?, [1.0, 3.0, 6.0]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn cumsum(&self, axis: isize) -> Self {
        self.along("cumsum", axis, |axis| Op::CumSum {
            axis,
            reverse: false,
        })
    }

    /// Running sums from the end along an axis.
    #[track_caller]
    #[must_use]
    pub fn cumsum_reverse(&self, axis: isize) -> Self {
        self.along("cumsum", axis, |axis| Op::CumSum {
            axis,
            reverse: true,
        })
    }

    /// The elements in ascending order along an axis, NaN last.
    #[track_caller]
    #[must_use]
    pub fn sort(&self, axis: isize, descending: bool) -> Self {
        self.take_along_axis(&self.argsort(axis, descending), axis)
    }

    /// The `k` largest elements along the last axis, largest first, and their places (`I32`).
    #[track_caller]
    #[must_use]
    pub fn top_k(&self, k: usize) -> (Self, Self) {
        let places = self.argsort(-1, true).slice_axis(-1, 0..k);
        (self.take_along_axis(&places, -1), places)
    }

    #[track_caller]
    fn along(
        &self,
        subject: &'static str,
        axis: isize,
        op: impl Fn(usize) -> Op + Send + Sync + 'static,
    ) -> Self {
        Self::lift(&[self], move |x| match x[0].shape().axis(subject, axis) {
            Ok(axis) => Self::apply(op(axis), x),
            Err(error) => Self::invalid(crate::scope::blame(error, here())),
        })
    }
}
