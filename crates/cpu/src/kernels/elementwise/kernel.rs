//! One fused kernel.
#![allow(unsafe_code)] // Inputs and outputs are raw pointers into the caller's memory.

use super::body::{Body, Worker};
use super::build::{Choices, reduction};
use super::spec::KernelSpec;
use super::write::Gathering;
use super::{BLOCK, LINE};
use crate::kernels::reduce::Reducer;
use crate::{CpuLevel, Pool};
use hornblende_core::{DType, Result};
use std::ops::Range;

/// A fused kernel, ready to run.
///
/// Running it allocates nothing. Its results depend on the specification and the inputs alone, never
/// on the number of threads: the space is cut into tasks by its size, each reduction has a fixed order,
/// and less than about 20 microseconds of work stay on the calling thread.
///
/// Sums of `f32` are exact to about one rounding of the result for each 512 elements of a block, and
/// their blocks are added in `f64`; sums and products of integers wrap around. The reduction of nothing
/// is the neutral element.
///
/// # Example
/// ```
/// use hornblende_core::{DType, graph::op::Binary};
/// use hornblende_cpu::Pool;
/// use hornblende_cpu::kernels::elementwise::{
///     CompiledKernel, KernelSpec, Operand, Output, OutputKind, Step,
/// };
///
/// // y = x + bias, with a row of x for each bias to be added to.
/// let spec = KernelSpec {
///     extents: vec![2, 3],
///     inputs: vec![
///         Operand { dtype: DType::F32, strides: vec![3, 1] },
///         Operand { dtype: DType::F32, strides: vec![0, 1] },
///     ],
///     steps: vec![Step::Input(0), Step::Input(1), Step::Binary(Binary::Add, 0, 1)],
///     outputs: vec![Output { register: 2, kind: OutputKind::Store }],
/// };
/// let kernel = CompiledKernel::new(&spec)?;
/// let (mut x, mut bias) = ([1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], [10.0_f32, 20.0, 30.0]);
/// let pool = Pool::new(1);
/// let mut scratch = vec![0_u8; kernel.scratch_len(pool.threads())];
/// let x_address = x.as_mut_ptr().cast();
/// // SAFETY: the buffers have the sizes of the specification; the output is x itself, in place.
/// unsafe {
///     let buffers = [x_address, bias.as_mut_ptr().cast(), x_address];
///     kernel.run(&buffers, &pool, scratch.as_mut_ptr());
/// }
/// assert_eq!(x, [11.0, 22.0, 33.0, 14.0, 25.0, 36.0]);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[derive(Debug)]
pub struct CompiledKernel {
    /// Nothing if the space has no points.
    body: Option<Body>,
    /// Of a space without points: the folds, each with its buffer and its length.
    neutral: Vec<(Reducer, usize, usize)>,
    split: Split,
    buffers: usize,
    /// The last extent, for tiles.
    columns: usize,
}

/// How a kernel is cut into tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Split {
    tasks: usize,
    /// The last axis is cut, not the ones before it.
    by_columns: bool,
    /// Copies of the shared accumulators: one for each task, or one if tasks do not meet there.
    copies: usize,
}

/// The work of a task, in picoseconds.
pub(super) const TASK_COST: usize = 20_000_000;
/// More tasks than this help on no machine, and accumulators would have to be kept for each.
pub(super) const MOST_TASKS: usize = 64;
/// What shared accumulators may take, in bytes.
pub(super) const MOST_SHARED: usize = 4 << 20;

impl CompiledKernel {
    /// Compiles for the CPU level of this process.
    ///
    /// # Errors
    /// `Error::Engine` if the specification is not well formed, or an operation is not defined for the
    /// type of its operands.
    pub fn new(spec: &KernelSpec) -> Result<Self> {
        Self::for_level(spec, CpuLevel::current())
    }

    /// Compiles for a CPU level; one that this machine does not have is as good as the baseline.
    ///
    /// # Errors
    /// As for [`CompiledKernel::new`].
    pub fn for_level(spec: &KernelSpec, level: CpuLevel) -> Result<Self> {
        let is_there = CpuLevel::available().contains(&level);
        let level = if is_there { level } else { CpuLevel::Baseline };
        Self::build(
            spec,
            Choices {
                level,
                keeps_axes: false,
                shares_all: false,
            },
        )
    }

    /// Compiles a kernel over `[rows, columns]` that will be run tile by tile; see
    /// [`CompiledKernel::run_tile`].
    ///
    /// # Errors
    /// As for [`CompiledKernel::new`]; also if the space has not two axes, or an output is not stored.
    pub fn for_tiles(spec: &KernelSpec) -> Result<Self> {
        if spec.extents.len() != 2 || spec.outputs.iter().any(|o| reduction(spec, o).is_some()) {
            return Err(super::registers::invalid(
                "two extents and no reductions for a kernel on tiles",
                format!("{:?}", spec.extents),
            ));
        }
        let level = CpuLevel::current();
        Self::build(
            spec,
            Choices {
                level,
                keeps_axes: true,
                shares_all: false,
            },
        )
    }

    fn build(spec: &KernelSpec, choices: Choices) -> Result<Self> {
        let columns = spec.extents.last().copied().unwrap_or(1);
        let buffers = spec.inputs.len() + spec.outputs.len();
        if spec.extents.contains(&0) {
            // Compiled over one point instead, the specification is checked in the same way.
            let point = KernelSpec {
                extents: vec![1; spec.extents.len()],
                ..spec.clone()
            };
            Body::new(&point, choices)?;
            let neutral = neutral(spec, choices.level)?;
            return Ok(Self {
                body: None,
                neutral,
                split: Split::whole(),
                buffers,
                columns,
            });
        }
        let mut body = Body::new(spec, choices)?;
        let mut split = Split::of(&body);
        let units = body.len() / body.unit;
        let has_local = body.folds(Gathering::Local).next().is_some();
        let has_direct = body.folds(Gathering::Direct).next().is_some();
        if has_local && !has_direct && 2 * units <= split.tasks {
            // Too few units to keep the threads busy: long rows are cut instead.
            body = Body::new(
                spec,
                Choices {
                    shares_all: true,
                    ..choices
                },
            )?;
            split = Split::of(&body);
        }
        Ok(Self {
            body: Some(body),
            neutral: Vec::new(),
            split,
            buffers,
            columns,
        })
    }

    /// Bytes of scratch memory that a run on so many threads needs.
    #[must_use]
    pub fn scratch_len(&self, threads: usize) -> usize {
        self.body.as_ref().map_or(0, |body| {
            LINE + threads.min(self.split.tasks) * body.worker_len()
                + self.split.copies * body.shared_len
        })
    }

    /// Runs over the whole space. `buffers` are the inputs, then the outputs.
    ///
    /// An output may be an input of the same type whose strides are dense: it is then updated in place.
    ///
    /// # Safety
    /// Each buffer is valid for what the specification reads or writes there, and aligned to its type;
    /// outputs overlap neither each other nor inputs but for updates in place; `scratch` is valid for
    /// [`CompiledKernel::scratch_len`] bytes for the threads of the pool, and no other run uses it.
    ///
    /// # Panics
    /// If the number of buffers is not that of the specification.
    pub unsafe fn run(&self, buffers: &[*mut u8], pool: &Pool, scratch: *mut u8) {
        assert_eq!(
            buffers.len(),
            self.buffers,
            "a buffer for each input and output"
        );
        let Some(body) = &self.body else {
            for (reducer, buffer, len) in &self.neutral {
                // SAFETY: the output has this many elements.
                unsafe { reducer.finish_nothing(buffers[*buffer], *len) }
            }
            return;
        };
        let scratch = scratch.wrapping_add(scratch.align_offset(LINE));
        let workers = pool.threads().min(self.split.tasks);
        let shared = scratch.wrapping_add(workers * body.worker_len());
        let run = Run {
            kernel: self,
            body,
            buffers,
            scratch,
            shared,
        };
        // SAFETY: as the caller vouches; the accumulators lie behind the memory of the workers.
        unsafe {
            if body.shared_len > 0 && self.split.copies < self.split.tasks {
                body.start_shared(shared);
            }
            pool.run(self.split.tasks, &|task, worker| run.task(task, worker));
            if body.shared_len > 0 {
                body.finish_shared(buffers, shared, self.split.copies);
            }
        }
    }

    /// Runs over one tile of a kernel made by [`CompiledKernel::for_tiles`], on the calling thread: what
    /// a matrix product has just computed, while it is in cache.
    ///
    /// # Safety
    /// As for [`CompiledKernel::run`], with scratch memory for one thread; the tile lies in the space, and
    /// no other thread writes to it.
    ///
    /// # Panics
    /// If the number of buffers is not that of the specification.
    pub unsafe fn run_tile(
        &self,
        buffers: &[*mut u8],
        rows: Range<usize>,
        columns: Range<usize>,
        scratch: *mut u8,
    ) {
        assert_eq!(
            buffers.len(),
            self.buffers,
            "a buffer for each input and output"
        );
        let Some(body) = &self.body else { return };
        let scratch = scratch.wrapping_add(scratch.align_offset(LINE));
        debug_assert_eq!(body.columns, self.columns, "a kernel made for tiles");
        // SAFETY: the contract is the caller's.
        unsafe {
            Worker::new(body, buffers, scratch, std::ptr::null_mut()).region(rows, columns);
        }
    }
}

impl Split {
    fn whole() -> Self {
        Self {
            tasks: 1,
            by_columns: false,
            copies: 1,
        }
    }

    /// Chosen by the size of the problem alone, so that the results are.
    fn of(body: &Body) -> Self {
        let wanted = (body.len().saturating_mul(body.cost) / TASK_COST).clamp(1, MOST_TASKS);
        let units = body.len() / body.unit;
        let has_local = body.folds(Gathering::Local).next().is_some();
        // Rows cannot be cut where they are folded without leaving the block.
        let pieces = if has_local {
            1
        } else {
            body.columns / (2 * BLOCK)
        };
        let rows = if has_local { units } else { body.rows };
        let memory = MOST_SHARED / body.shared_len.max(1);
        let are_apart = body.folds(Gathering::Shared).all(|fold| fold.keeps_columns);
        let by_columns = pieces > 1 && (rows < wanted || are_apart && memory < wanted);
        if by_columns {
            let copies_fit = if are_apart { usize::MAX } else { memory.max(1) };
            let tasks = wanted.min(pieces).min(copies_fit);
            return Self {
                tasks,
                by_columns,
                copies: if are_apart { 1 } else { tasks },
            };
        }
        let tasks = wanted.min(rows).min(memory.max(1));
        Self {
            tasks,
            by_columns,
            copies: tasks,
        }
    }
}

/// One run of a kernel: what its tasks share.
struct Run<'a> {
    kernel: &'a CompiledKernel,
    body: &'a Body,
    buffers: &'a [*mut u8],
    scratch: *mut u8,
    shared: *mut u8,
}

// SAFETY: each task writes to its own part of the outputs and to its own copy of the accumulators or its
// own part of the only one; each worker has its own part of the scratch memory.
unsafe impl Sync for Run<'_> {}

impl Run<'_> {
    /// # Safety
    /// As for [`CompiledKernel::run`]; the pool gives each task once, and each worker one task at a time.
    unsafe fn task(&self, task: usize, worker: usize) {
        let (body, split) = (self.body, self.kernel.split);
        let scratch = self.scratch.wrapping_add(worker * body.worker_len());
        let copy = if split.copies == split.tasks { task } else { 0 };
        let shared = self.shared.wrapping_add(copy * body.shared_len);
        let part = |total: usize| total * task / split.tasks..total * (task + 1) / split.tasks;
        // SAFETY: the contract is the caller's.
        unsafe {
            if body.shared_len > 0 && split.copies == split.tasks {
                body.start_shared(shared);
            }
            let mut worker = Worker::new(body, self.buffers, scratch, shared);
            if split.by_columns {
                let blocks = part(body.columns.div_ceil(BLOCK));
                let end = body.columns.min(blocks.end * BLOCK);
                worker.region(0..body.rows, blocks.start * BLOCK..end);
            } else {
                let has_local = body.folds(Gathering::Local).next().is_some();
                let unit = if has_local { body.unit } else { body.columns };
                let units = part(body.len() / unit);
                worker.span(units.start * unit..units.end * unit);
            }
        }
    }
}

/// The folds of a space without points.
pub(super) fn neutral(spec: &KernelSpec, level: CpuLevel) -> Result<Vec<(Reducer, usize, usize)>> {
    let dtypes: Vec<DType> = super::registers::dtypes(spec, level)?;
    let mut folds = Vec::new();
    for (k, output) in spec.outputs.iter().enumerate() {
        if let Some((kind, axes)) = reduction(spec, output) {
            let len = (0..spec.extents.len())
                .filter(|axis| !axes.contains(axis))
                .map(|axis| spec.extents[axis])
                .product();
            let dtype = dtypes[output.register];
            let reducer = Reducer::new(kind, dtype, level).ok_or_else(|| {
                let got = format!("{kind:?} of {dtype}");
                super::registers::invalid("a reduction that is defined for the type", got)
            })?;
            folds.push((reducer, spec.inputs.len() + k, len));
        }
    }
    Ok(folds)
}
