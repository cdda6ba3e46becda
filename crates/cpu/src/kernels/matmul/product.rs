//! A (batched) product of two strided matrices.
#![allow(unsafe_code)] // Operands are pointers, whose extents the caller vouches for.

use super::block::{Block, Blocking, LeftCopy, Right, RowPointers, Summed};
use super::column::Column;
use super::epilogue::Epilogue;
use super::float::Float;
use super::tile::{MAX_ROWS, TileSet};
use crate::kernels::shared::Shared;
use crate::{CpuLevel, Pool};
use std::ops::Range;

/// `C[b] = A[b] B[b]` for each of `batch` products, where `A[b]` is `[m, k]`, `B[b]` is `[k, n]` and `C[b]` is `[m, n]`.
///
/// Strides count elements and may be anything: a transpose is a pair of strides in the other order, and a batch stride of
/// zero uses one matrix for all. The rows of C must not overlap; its columns are neighbours.
///
/// ```
/// use hornblende_cpu::Pool;
/// use hornblende_cpu::kernels::matmul::{Epilogue, Matmul};
///
/// let (a, b) = ([1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0_f32, 0.0, 0.0, 1.0, 1.0, 1.0]);
/// let product = Matmul::new(2, 3, 2);
/// let mut c = [f32::NAN; 4];
/// let mut workspace = vec![0.0; product.workspace_len::<f32>(Pool::global().threads())];
/// // SAFETY: the arrays have the extents of the product.
/// unsafe {
///     let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
///     product.run(Pool::global(), a, b, c, workspace.as_mut_ptr(), &Epilogue::NONE);
/// }
/// assert_eq!(c, [4.0, 5.0, 10.0, 11.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matmul {
    /// Rows of A and of C.
    pub m: usize,
    /// Columns of A and rows of B: what is summed over.
    pub k: usize,
    /// Columns of B and of C.
    pub n: usize,
    /// The distance of rows and of columns of A.
    pub a_strides: [isize; 2],
    /// The distance of rows and of columns of B.
    pub b_strides: [isize; 2],
    /// The distance of rows of C.
    pub c_row_stride: isize,
    /// How many products there are.
    pub batch: usize,
    /// The distance of the products' A, B and C within a group.
    pub batch_strides: [isize; 3],
    /// How many products make a group: the batch has two axes where they do not step as one, such as the heads
    /// of the samples of a batch. `usize::MAX` for a single group.
    pub group: usize,
    /// The distance of the groups' A, B and C.
    pub group_strides: [isize; 3],
    /// Whether the product is added to what C holds; without, C is only written.
    pub accumulate: bool,
}

impl Matmul {
    /// One product of row-major matrices `[m, k]` and `[k, n]`.
    pub fn new(m: usize, k: usize, n: usize) -> Self {
        Self {
            m,
            k,
            n,
            a_strides: [k as isize, 1],
            b_strides: [n as isize, 1],
            c_row_stride: n as isize,
            batch: 1,
            batch_strides: [(m * k) as isize, (k * n) as isize, (m * n) as isize],
            group: usize::MAX,
            group_strides: [0; 3],
            accumulate: false,
        }
    }

    /// The same product with A stored as its transpose, `[k, m]` row-major.
    #[must_use]
    pub fn transposed_a(self) -> Self {
        Self {
            a_strides: [1, self.m as isize],
            ..self
        }
    }

    /// The same product with B stored as its transpose, `[n, k]` row-major.
    #[must_use]
    pub fn transposed_b(self) -> Self {
        Self {
            b_strides: [1, self.k as isize],
            ..self
        }
    }

    /// Where A, B and C of a product of the batch begin.
    pub(super) fn offsets(&self, batch: usize) -> [isize; 3] {
        let (group, within) = (batch / self.group, batch % self.group);
        let offset = |k: usize| {
            self.group_strides[k] * group as isize + self.batch_strides[k] * within as isize
        };
        [offset(0), offset(1), offset(2)]
    }

    /// How many elements of workspace `run` needs on a pool of so many threads.
    pub fn workspace_len<T: Float>(&self, threads: usize) -> usize {
        self.workspace_len_on::<T>(CpuLevel::current(), threads)
    }

    /// [`Matmul::workspace_len`] for an instruction set of one's choice.
    pub(super) fn workspace_len_on<T: Float>(&self, level: CpuLevel, threads: usize) -> usize {
        let length = |product: &Self| {
            let plan = Plan::new(product, T::tiles(level));
            plan.workspace_each * threads.min(plan.tasks())
        };
        match Column::new(self, &Epilogue::<T>::NONE) {
            // What a bias would make of it needs no more.
            Column::Transposed => length(&self.transposed_column()).max(length(self)),
            _ => length(self),
        }
    }

    /// Computes the products.
    ///
    /// What `k = 0` sums to is zero. Overlapping operands are allowed as long as C overlaps neither.
    ///
    /// # Safety
    /// `a`, `b` and `c` are valid for every index that extents and strides allow; `epilogue.bias`, where there is one, for
    /// `n` elements; `workspace` for [`Matmul::workspace_len`] elements. Nobody else touches C or the workspace meanwhile.
    pub unsafe fn run<T: Float>(
        &self,
        pool: &Pool,
        a: *const T,
        b: *const T,
        c: *mut T,
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    ) {
        // SAFETY: the caller's contract.
        unsafe { self.run_on(CpuLevel::current(), pool, a, b, c, workspace, epilogue) };
    }

    /// [`Matmul::run`] on an instruction set of one's choice, so that tests reach all.
    ///
    /// # Safety
    /// As for [`Matmul::run`], with a workspace that suffices for the level; the machine has the level.
    pub(super) unsafe fn run_on<T: Float>(
        &self,
        level: CpuLevel,
        pool: &Pool,
        a: *const T,
        b: *const T,
        c: *mut T,
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    ) {
        if self.m == 0 || self.n == 0 || self.batch == 0 {
            return;
        }
        match Column::new(self, epilogue) {
            Column::Ordinary => {}
            // SAFETY: the caller's contract.
            Column::Dots => return unsafe { self.run_dots(level, pool, (a, b, c), epilogue) },
            Column::Transposed => {
                let call = epilogue.on_tile.map(|call| {
                    move |rows: Range<usize>, columns: Range<usize>| {
                        for row in rows {
                            call(
                                row * self.m + columns.start..row * self.m + columns.end,
                                0..1,
                            );
                        }
                    }
                });
                let on_tile = call.as_ref().map(|call| call as &(dyn Fn(_, _) + Sync));
                let epilogue = Epilogue {
                    on_tile,
                    ..*epilogue
                };
                let product = self.transposed_column();
                // SAFETY: the caller's contract; `workspace_len` has provided for this product.
                return unsafe { product.run_on(level, pool, b, a, c, workspace, &epilogue) };
            }
        }
        let plan = Plan::new(self, T::tiles(level));
        // SAFETY: each task writes a rectangle of C of its own, and the workspace of its worker.
        let operands = unsafe { Shared::new((a, b, c, workspace, *epilogue)) };
        pool.run(plan.tasks(), &|task, worker| {
            let (a, b, c, workspace, epilogue) = *operands.get();
            let workspace = workspace.wrapping_add(worker * plan.workspace_each);
            // SAFETY: the caller's contract; a worker's number is below the number of threads and, as it is one of the
            // first to take part, of tasks.
            unsafe { self.run_task(level, &plan, task, (a, b, c), workspace, &epilogue) };
        });
    }

    /// # Safety
    /// As for [`Matmul::run`], for the rectangle of the task.
    unsafe fn run_task<T: Float>(
        &self,
        level: CpuLevel,
        plan: &Plan,
        task: usize,
        (a, b, c): (*const T, *const T, *mut T),
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    ) {
        let (batches, rows, columns) = plan.part(self, task);
        for batch in batches {
            let [a_offset, b_offset, c_offset] = self.offsets(batch);
            let on_tile = epilogue.on_tile.map(|call| {
                move |rows: Range<usize>, columns| {
                    call(
                        batch * self.m + rows.start..batch * self.m + rows.end,
                        columns,
                    );
                }
            });
            // SAFETY: the caller's contract.
            unsafe {
                let pointers = Strided {
                    a: a.offset(a_offset),
                    a_stride: self.a_strides[0],
                    c: c.offset(c_offset),
                    c_stride: self.c_row_stride,
                };
                let block = Block {
                    level,
                    tiles: T::tiles(level),
                    blocking: plan.blocking,
                    pointers: &pointers,
                    rows: rows.clone(),
                    columns: columns.clone(),
                    summed: Summed {
                        a_runs: &[0],
                        b_runs: &[0],
                        run_length: self.k,
                        a_stride: self.a_strides[1],
                    },
                    right: Right {
                        b: b.offset(b_offset),
                        row_stride: self.b_strides[0],
                        column_stride: self.b_strides[1],
                        in_place: plan.in_place,
                    },
                    left_copy: plan.left_copy,
                    accumulate: self.accumulate,
                    bias: epilogue.bias_pointer(),
                    relu: epilogue.relu,
                    on_tile: on_tile.as_ref().map(|call| call as &dyn Fn(_, _)),
                    workspace,
                };
                block.compute();
            }
        }
    }
}

/// Rows at equal distances.
struct Strided<T> {
    a: *const T,
    a_stride: isize,
    c: *mut T,
    c_stride: isize,
}

impl<T> RowPointers<T> for Strided<T> {
    fn fill(
        &self,
        first: usize,
        count: usize,
        a: &mut [*const T; MAX_ROWS],
        c: &mut [*mut T; MAX_ROWS],
    ) {
        for row in 0..count {
            let index = (first + row) as isize;
            a[row] = self.a.wrapping_offset(index * self.a_stride);
            c[row] = self.c.wrapping_offset(index * self.c_stride);
        }
    }
}

/// Fewer multiply-adds than this are not worth a second thread.
const TASK: usize = 1 << 19;

/// How a product is cut; depends on its extents, its strides and the instruction set, never on threads.
struct Plan {
    blocking: Blocking,
    batch_parts: usize,
    row_parts: usize,
    column_parts: usize,
    in_place: bool,
    left_copy: LeftCopy,
    workspace_each: usize,
}

impl Plan {
    fn new<T: Float>(product: &Matmul, tiles: &TileSet<T>) -> Self {
        let Matmul { m, k, n, batch, .. } = *product;
        let mut blocking = Blocking::new(tiles, n);
        let work = m.saturating_mul(n).saturating_mul(k).max(1);
        let in_place = Self::reads_right_in_place(product, tiles);
        let is_small = work < 2 * TASK;
        // Each part of the columns reads all of A, and each part of the rows all of B: the larger is read once.
        let cuts_columns = n > m;
        if in_place && !is_small && m > 1 && cuts_columns {
            blocking.columns = n.div_ceil(4).next_multiple_of(tiles.max_columns());
        }
        let column_parts = if is_small {
            1
        } else {
            n.div_ceil(blocking.columns).max(1)
        };
        let row_parts = if is_small || (in_place && cuts_columns) {
            1
        } else if in_place {
            // Powers of two divide best among threads.
            let wanted = (work / TASK).max(1);
            let most = m.div_ceil(tiles.max_rows() / 2 + 1);
            1 << wanted.min(most).ilog2()
        } else {
            // Each part packs its columns of B again, which 128 rows pay for.
            let parts = m.div_ceil(256);
            if column_parts * parts < 8 {
                parts.max((m / 128).min(8 / column_parts)).max(1)
            } else {
                parts
            }
        };
        let batch_parts = if is_small {
            (work.saturating_mul(batch) / TASK).clamp(1, batch.max(1))
        } else {
            batch.max(1)
        };
        let panels = blocking.columns.min(n).div_ceil(tiles.max_columns());
        let left_copy = Self::left_copy(product, panels, size_of::<T>());
        let copies = left_copy != LeftCopy::InPlace;
        let workspace_each = blocking.workspace(tiles, copies, !in_place);
        Self {
            blocking,
            batch_parts,
            row_parts,
            column_parts,
            in_place,
            left_copy,
            workspace_each,
        }
    }

    /// Packing B costs a pass over it; it pays when many tiles of rows use the panels, and rows of B are far apart.
    fn reads_right_in_place<T: Float>(product: &Matmul, tiles: &TileSet<T>) -> bool {
        let readable = product.b_strides[1] == 1 || product.n == 1;
        let whole = tiles.cheap_masks || product.n.is_multiple_of(tiles.max_columns());
        let few_rows = product.m == 1;
        let narrow = product.n <= 128 && product.b_strides[0].unsigned_abs() <= 256;
        readable && whole && (few_rows || narrow)
    }

    fn left_copy(product: &Matmul, panels: usize, size: usize) -> LeftCopy {
        let [row_stride, stride] = product.a_strides;
        // Rows that are a multiple of 1 KiB apart share a few sets of the first-level cache and push one another out.
        let collide = |stride: isize| (stride.unsigned_abs() * size).is_multiple_of(1024);
        if stride == 1 || product.k == 1 {
            let collides = collide(row_stride) && panels >= 2 && product.k > 32;
            if panels >= 4 || collides {
                LeftCopy::Rows
            } else {
                LeftCopy::InPlace
            }
        } else if row_stride == 1 || product.m == 1 {
            let collides = collide(stride) && panels >= 2;
            if panels >= 4 || collides {
                LeftCopy::Columns
            } else {
                LeftCopy::InPlace
            }
        } else if panels >= 2 {
            LeftCopy::Rows
        } else {
            LeftCopy::InPlace
        }
    }

    fn tasks(&self) -> usize {
        self.batch_parts * self.row_parts * self.column_parts
    }

    /// The products, rows and columns of a task. Rows change slowest within a product, so that a thread, whose tasks follow
    /// one another, stays with the same rows.
    fn part(&self, product: &Matmul, task: usize) -> (Range<usize>, Range<usize>, Range<usize>) {
        let column_part = task % self.column_parts;
        let row_part = task / self.column_parts % self.row_parts;
        let batch_part = task / self.column_parts / self.row_parts;
        let columns = if self.column_parts == 1 {
            0..product.n
        } else {
            let start = column_part * self.blocking.columns;
            start..product.n.min(start + self.blocking.columns)
        };
        let rows = nth_part(product.m, self.row_parts, row_part);
        (
            nth_part(product.batch, self.batch_parts, batch_part),
            rows,
            columns,
        )
    }
}

fn nth_part(length: usize, parts: usize, part: usize) -> Range<usize> {
    length * part / parts..length * (part + 1) / parts
}
