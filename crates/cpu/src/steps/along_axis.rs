//! Operations along one axis: places of extremes, sorting, running sums.
#![allow(unsafe_code)] // Addresses come from the memory plan.

use std::cmp::Ordering;
use std::marker::PhantomData;

use hornblende_core::{Result, Shape};

use super::element::Element;
use super::{Memory, Place, Step};
use crate::Pool;

/// What is done along the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Along {
    /// The place of the first largest element.
    ArgMax,
    /// The place of the first smallest element.
    ArgMin,
    /// The places that sort, stable, NaN last.
    ArgSort {
        /// Largest first.
        descending: bool,
    },
    /// Running sums.
    CumSum {
        /// From the end.
        reverse: bool,
    },
}

/// One of these on a dense operand: `[outer, size, inner]`.
pub(crate) struct AlongAxisStep<T> {
    along: Along,
    sizes: [usize; 3],
    from: Place,
    to: Place,
    /// The places that are being sorted.
    order: Vec<i32>,
    element: PhantomData<T>,
}

impl<T: Element> AlongAxisStep<T> {
    /// The operation along `axis` of an operand of this shape.
    pub(crate) fn new(along: Along, shape: &Shape, axis: usize, from: Place, to: Place) -> Self {
        let product = |dims: &[usize]| dims.iter().product::<usize>();
        let sizes = [
            product(&shape.dims()[..axis]),
            shape[axis],
            product(&shape.dims()[axis + 1..]),
        ];
        let order = match along {
            Along::ArgSort { .. } => (0..sizes[1] as i32).collect(),
            _ => Vec::new(),
        };
        Self {
            along,
            sizes,
            from,
            to,
            order,
            element: PhantomData,
        }
    }

    /// # Safety
    /// `from` and `to` are valid for the line of `size` elements at steps of `inner`; an extreme writes one.
    unsafe fn line(&mut self, from: *const T, to: *mut u8, result: usize) {
        let [_, size, inner] = self.sizes;
        // SAFETY: the caller's contract.
        let at = |k: usize| unsafe { from.add(k * inner).read() };
        match self.along {
            Along::ArgMax | Along::ArgMin => {
                let wanted = if self.along == Along::ArgMax {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
                let mut best = 0;
                for k in 1..size {
                    let (x, b) = (at(k), at(best));
                    let better = x.partial_cmp(&b) == Some(wanted) || (x.is_nan() && !b.is_nan());
                    best = if better { k } else { best };
                }
                // SAFETY: the caller's contract.
                unsafe { to.cast::<i32>().add(result).write(best as i32) };
            }
            Along::ArgSort { descending } => {
                self.order
                    .iter_mut()
                    .enumerate()
                    .for_each(|(k, place)| *place = k as i32);
                // Equal elements are ordered by their place, so that sorting need not be stable, and so
                // need no memory.
                self.order.sort_unstable_by(|a, b| {
                    let (x, y) = (at(*a as usize), at(*b as usize));
                    sorted(x, y, descending).then(a.cmp(b))
                });
                for (k, place) in self.order.iter().enumerate() {
                    // SAFETY: the caller's contract.
                    unsafe { to.cast::<i32>().add(result + k * inner).write(*place) };
                }
            }
            Along::CumSum { reverse } => {
                let mut sum = T::ZERO;
                for k in 0..size {
                    let k = if reverse { size - 1 - k } else { k };
                    sum = sum.plus(at(k));
                    // SAFETY: the caller's contract.
                    unsafe { to.cast::<T>().add(result + k * inner).write(sum) };
                }
            }
        }
    }
}

/// The order of two elements; NaN comes last either way.
fn sorted<T: Element>(x: T, y: T, descending: bool) -> Ordering {
    match (x.is_nan(), y.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let order = x.partial_cmp(&y).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
    }
}

impl<T: Element> Step for AlongAxisStep<T> {
    unsafe fn run(&mut self, memory: &Memory<'_>, _pool: &Pool) -> Result<()> {
        let [outer, size, inner] = self.sizes;
        let from = memory.at(self.from).cast::<T>().cast_const();
        let to = memory.at(self.to);
        let one = matches!(self.along, Along::ArgMax | Along::ArgMin);
        for o in 0..outer {
            for i in 0..inner {
                let result = if one {
                    o * inner + i
                } else {
                    o * size * inner + i
                };
                // SAFETY: the sizes are those of the operand.
                unsafe { self.line(from.add(o * size * inner + i), to, result) };
            }
        }
        Ok(())
    }
}
