//! Takes and adds elements by index.
#![allow(unsafe_code)] // Addresses come from the memory plan.

use std::marker::PhantomData;

use hornblende_core::{DType, Result, Shape};

use super::element::{Element, Indices};
use super::{Memory, Place, Step};
use crate::Pool;
use crate::kernels::shared::Shared;

/// The sizes of a gather: `[batches, before, size, after]` is the array, `[batches, each]` the indices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GatherShape {
    batches: usize,
    before: usize,
    size: usize,
    after: usize,
    each: usize,
    indices: DType,
}

impl GatherShape {
    /// The sizes for an array and indices of these shapes.
    pub(crate) fn new(
        array: &Shape,
        indices: &Shape,
        dtype: DType,
        axis: usize,
        batch: usize,
    ) -> Self {
        let product = |dims: &[usize]| dims.iter().product::<usize>();
        Self {
            batches: product(&array.dims()[..batch]),
            before: product(&array.dims()[batch..axis]),
            size: array[axis],
            after: product(&array.dims()[axis + 1..]),
            each: product(&indices.dims()[batch..]),
            indices: dtype,
        }
    }
}

/// Elements that are moved by one task.
const TASK: usize = 1 << 15;

/// `Op::Gather` on dense operands.
pub(crate) struct GatherStep<T> {
    pub(crate) shape: GatherShape,
    pub(crate) array: Place,
    pub(crate) indices: Place,
    pub(crate) result: Place,
    pub(crate) element: PhantomData<T>,
}

impl<T: Element> Step for GatherStep<T> {
    unsafe fn run(&mut self, memory: &Memory<'_>, pool: &Pool) -> Result<()> {
        let GatherShape {
            batches,
            before,
            size,
            after,
            each,
            indices,
        } = self.shape;
        let indices = Indices::new(memory.at(self.indices), indices);
        let array = memory.at(self.array).cast::<T>().cast_const();
        let result = memory.at(self.result).cast::<T>();
        // SAFETY: each task writes rows of the result of its own.
        let shared = unsafe { Shared::new((array, indices, result)) };
        let rows = batches * before * each;
        let rows_each = (TASK / after.max(1)).max(1);
        pool.run(rows.div_ceil(rows_each), &|task, _| {
            let (array, indices, result) = *shared.get();
            for row in task * rows_each..rows.min((task + 1) * rows_each) {
                let (outer, k) = (row / each, row % each);
                // SAFETY: the sizes are those of the operands, and the index was checked.
                unsafe {
                    let to = result.add(row * after);
                    match indices.get(outer / before * each + k, size) {
                        Some(index) => {
                            let from = array.add((outer * size + index) * after);
                            std::ptr::copy_nonoverlapping(from, to, after);
                        }
                        None => (0..after).for_each(|q| to.add(q).write(T::MISSING)),
                    }
                }
            }
        });
        Ok(())
    }
}

/// `Op::ScatterAdd` on dense operands. Updates are added in their order, by one thread.
pub(crate) struct ScatterAddStep<T> {
    pub(crate) shape: GatherShape,
    pub(crate) array: Place,
    pub(crate) indices: Place,
    pub(crate) updates: Place,
    pub(crate) result: Place,
    pub(crate) element: PhantomData<T>,
}

impl<T: Element> Step for ScatterAddStep<T> {
    unsafe fn run(&mut self, memory: &Memory<'_>, _pool: &Pool) -> Result<()> {
        let GatherShape {
            batches,
            before,
            size,
            after,
            each,
            indices,
        } = self.shape;
        let indices = Indices::new(memory.at(self.indices), indices);
        let array = memory.at(self.array).cast::<T>().cast_const();
        let updates = memory.at(self.updates).cast::<T>().cast_const();
        let result = memory.at(self.result).cast::<T>();
        // SAFETY: the sizes are those of the operands, and each index is checked.
        unsafe {
            std::ptr::copy_nonoverlapping(array, result, batches * before * size * after);
            for row in 0..batches * before * each {
                let (outer, k) = (row / each, row % each);
                let Some(index) = indices.get(outer / before * each + k, size) else {
                    continue;
                };
                let to = result.add((outer * size + index) * after);
                let from = updates.add(row * after);
                for q in 0..after {
                    to.add(q).write(to.add(q).read().plus(from.add(q).read()));
                }
            }
        }
        Ok(())
    }
}
