//! One kind of reduction of one type.
#![allow(unsafe_code)] // Blocks and accumulators are raw pointers.

use super::accumulate::{AccumulateFunction, accumulate};
use super::fold::{FoldFunction, fold_rows};
use super::fold_lanes::fold_rows_of_f32;
use crate::CpuLevel;
use crate::kernels::elementwise::block::{BlockFunction, Map2, NONE_FIXED, map2};
use crate::kernels::elementwise::number::{Bits, ConvertTo, Element, Number, Truth};
use crate::kernels::elementwise::opcodes::{Add, And, Maximum, Minimum, Multiply, Or, convert};
use crate::kernels::elementwise::scalar::{Cell, Scalar};
use hornblende_core::DType;
use hornblende_core::graph::op::Reduction;

/// The loops of one kind of reduction of one type.
///
/// A block is folded in its own type, pairwise or in fixed lanes; the results of the blocks go into
/// accumulators, which are `f64` for sums of `f32`: a sum of any length is then as exact as the sum
/// of one block.
#[derive(Debug, Clone)]
pub(in crate::kernels) struct Reducer {
    /// Bytes of an element.
    pub(in crate::kernels) size: usize,
    /// Bytes of an accumulator.
    pub(in crate::kernels) wide_size: usize,
    /// An accumulator of nothing.
    neutral: Cell,
    fold_rows: FoldFunction,
    combine: BlockFunction,
    combine_into: AccumulateFunction,
    accumulate: AccumulateFunction,
    merge: AccumulateFunction,
    finish: BlockFunction,
}

impl Reducer {
    /// The loops for a CPU level, if elements of the type can be combined like this.
    pub(in crate::kernels) fn new(kind: Reduction, dtype: DType, level: CpuLevel) -> Option<Self> {
        match dtype {
            DType::F32 => {
                let fold_rows = match kind {
                    Reduction::Sum => Some(fold_rows_of_f32::<Add>(level)),
                    Reduction::Max => Some(fold_rows_of_f32::<Maximum>(level)),
                    Reduction::Min => Some(fold_rows_of_f32::<Minimum>(level)),
                    _ => None,
                };
                let reducer = Self::of_floats::<f32>(kind, dtype, Scalar::F32, level)?;
                let fold_rows = fold_rows.unwrap_or(reducer.fold_rows);
                Some(Self {
                    fold_rows,
                    ..reducer
                })
            }
            DType::F64 => Self::of_floats::<f64>(kind, dtype, Scalar::F64, level),
            DType::I32 => Self::of_integers::<i32>(kind, dtype, Scalar::I32, level),
            DType::I64 => Self::of_integers::<i64>(kind, dtype, Scalar::I64, level),
            DType::U8 => Self::of_integers::<u8>(kind, dtype, Scalar::U8, level),
            DType::Bool => match kind {
                Reduction::Sum | Reduction::Max | Reduction::Or => {
                    Self::of::<Truth, Truth, Or, Or>(dtype, dtype, Scalar::Bool(false), level)
                }
                Reduction::Product | Reduction::Min | Reduction::And => {
                    Self::of::<Truth, Truth, And, And>(dtype, dtype, Scalar::Bool(true), level)
                }
            },
            _ => None,
        }
    }

    fn of_floats<T: Number + ConvertTo<T> + ConvertTo<f64>>(
        kind: Reduction,
        dtype: DType,
        scalar: fn(T) -> Scalar,
        level: CpuLevel,
    ) -> Option<Self> {
        match kind {
            Reduction::Sum => {
                Self::of::<T, f64, Add, Add>(dtype, DType::F64, Scalar::F64(0.0), level)
            }
            _ => Self::of_numbers::<T>(kind, dtype, scalar, level),
        }
    }

    fn of_integers<T: Number + Bits + ConvertTo<T>>(
        kind: Reduction,
        dtype: DType,
        scalar: fn(T) -> Scalar,
        level: CpuLevel,
    ) -> Option<Self> {
        let ones = scalar(T::ZERO.not());
        match kind {
            Reduction::And => Self::of::<T, T, And, And>(dtype, dtype, ones, level),
            Reduction::Or => Self::of::<T, T, Or, Or>(dtype, dtype, scalar(T::ZERO), level),
            Reduction::Sum => Self::of::<T, T, Add, Add>(dtype, dtype, scalar(T::ZERO), level),
            _ => Self::of_numbers::<T>(kind, dtype, scalar, level),
        }
    }

    fn of_numbers<T: Number + ConvertTo<T>>(
        kind: Reduction,
        dtype: DType,
        scalar: fn(T) -> Scalar,
        level: CpuLevel,
    ) -> Option<Self> {
        let (one, lowest, highest) = (scalar(T::ONE), scalar(T::LOWEST), scalar(T::HIGHEST));
        match kind {
            Reduction::Product => Self::of::<T, T, Multiply, Multiply>(dtype, dtype, one, level),
            Reduction::Max => Self::of::<T, T, Maximum, Maximum>(dtype, dtype, lowest, level),
            Reduction::Min => Self::of::<T, T, Minimum, Minimum>(dtype, dtype, highest, level),
            Reduction::Sum | Reduction::And | Reduction::Or => None,
        }
    }

    /// Of elements `T` combined by `F`, accumulated in `W` by `G`.
    fn of<T, W, F, G>(narrow: DType, wide: DType, neutral: Scalar, level: CpuLevel) -> Option<Self>
    where
        T: Element + ConvertTo<T> + ConvertTo<W>,
        W: Element + ConvertTo<W>,
        F: Map2<T, Result = T>,
        G: Map2<W, Result = W>,
    {
        Some(Self {
            size: narrow.size(),
            wide_size: wide.size(),
            neutral: neutral.cell(),
            fold_rows: fold_rows::<T, F>(level),
            combine: map2::<T, F, NONE_FIXED>(level),
            combine_into: accumulate::<T, T, F>(level),
            accumulate: accumulate::<T, W, G>(level),
            merge: accumulate::<W, W, G>(level),
            finish: convert(wide, narrow, level)?,
        })
    }

    /// Makes `n` accumulators those of nothing.
    ///
    /// # Safety
    /// `to` is valid for them.
    pub(in crate::kernels) unsafe fn start(&self, to: *mut u8, n: usize) {
        for k in 0..n {
            // SAFETY: the contract is the caller's.
            unsafe {
                let to = to.add(k * self.wide_size);
                std::ptr::copy_nonoverlapping(self.neutral.0.as_ptr(), to, self.wide_size);
            }
        }
    }

    /// Folds each row of a dense block to one element.
    ///
    /// # Safety
    /// `to` is valid for a column of the block and does not overlap the block `from`; there is at
    /// least one column.
    pub(in crate::kernels) unsafe fn fold_rows(
        &self,
        to: *mut u8,
        from: *const u8,
        rows: usize,
        columns: usize,
    ) {
        // SAFETY: the contract is the caller's.
        unsafe { (self.fold_rows)(to, from, rows, columns) }
    }

    /// Folds the rows of a dense block to one row, pairwise; gives where that row is, which is the
    /// block itself if it has one row.
    ///
    /// # Safety
    /// `spare` is valid for the block and does not overlap it; there is at least one row.
    pub(in crate::kernels) unsafe fn fold_columns(
        &self,
        spare: *mut u8,
        from: *const u8,
        mut rows: usize,
        columns: usize,
    ) -> *const u8 {
        if rows == 1 {
            return from;
        }
        let row_bytes = columns * self.size;
        let mut first = true;
        while rows > 1 {
            let kept = rows.div_ceil(2);
            let n = (rows - kept) * columns;
            // SAFETY: both halves are inside the block, of which `spare` holds the rows that are left; they
            // do not overlap each other.
            unsafe {
                if first {
                    let other = from.add(kept * row_bytes);
                    (self.combine)(spare, from, other, std::ptr::null(), n);
                    // With an odd number of rows the middle one has no partner yet.
                    let (middle, bytes) = (n * self.size, kept * row_bytes - n * self.size);
                    std::ptr::copy_nonoverlapping(from.add(middle), spare.add(middle), bytes);
                } else {
                    (self.combine_into)(spare, spare.add(kept * row_bytes), n);
                }
            }
            first = false;
            rows = kept;
        }
        spare
    }

    /// Combines `n` elements into accumulators.
    ///
    /// # Safety
    /// Both are valid for `n` of them and do not overlap.
    pub(in crate::kernels) unsafe fn accumulate(&self, to: *mut u8, from: *const u8, n: usize) {
        // SAFETY: the contract is the caller's.
        unsafe { (self.accumulate)(to, from, n) }
    }

    /// Combines `n` accumulators into others.
    ///
    /// # Safety
    /// Both are valid for `n` of them and do not overlap.
    pub(in crate::kernels) unsafe fn merge(&self, to: *mut u8, from: *const u8, n: usize) {
        // SAFETY: the contract is the caller's.
        unsafe { (self.merge)(to, from, n) }
    }

    /// Turns `n` accumulators into elements.
    ///
    /// # Safety
    /// Both are valid for `n` of them and do not overlap.
    pub(in crate::kernels) unsafe fn finish(&self, to: *mut u8, from: *const u8, n: usize) {
        // SAFETY: the contract is the caller's.
        unsafe { (self.finish)(to, from, std::ptr::null(), std::ptr::null(), n) }
    }

    /// Writes the reduction of nothing to `n` elements; `cell` lends the place for an accumulator.
    ///
    /// # Safety
    /// `to` is valid for `n` elements.
    pub(in crate::kernels) unsafe fn finish_nothing(&self, to: *mut u8, n: usize) {
        for k in 0..n {
            // SAFETY: a cell holds an accumulator of any type, and the caller's pointer is valid.
            unsafe { self.finish(to.add(k * self.size), self.neutral.0.as_ptr(), 1) }
        }
    }
}
