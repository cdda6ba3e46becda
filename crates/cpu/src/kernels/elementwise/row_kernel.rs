//! Several passes over the same rows, block of rows by block of rows.
#![allow(unsafe_code)] // Inputs and outputs are raw pointers into the caller's memory.

use super::body::{Body, Worker};
use super::build::{Choices, reduction};
use super::kernel::{MOST_SHARED, MOST_TASKS, TASK_COST, neutral};
use super::registers::{dtypes, invalid};
use super::row_stage::{Internal, RowStage};
use super::{LINE, lines};
use crate::kernels::reduce::Reducer;
use crate::{CpuLevel, Pool};
use hornblende_core::Result;
use std::ops::Range;

/// A sequence of stages over the same rows, ready to run: what one stage leaves, later ones read while
/// it is in cache. A softmax is three stages: the largest of each row, the exponentials with their
/// sum, the quotients.
///
/// A stage may also combine values over the rows themselves (a loss, the gradient of a bias); such a
/// result is there when the run ends, and no stage can read it. The bits of a row depend on the row
/// alone, those of a result over rows on the shapes; neither depends on the number of threads.
#[derive(Debug)]
pub struct RowKernel {
    rows: usize,
    stages: Vec<Stage>,
    /// Of a kernel without rows: the results over rows, each with its buffer and its length.
    neutral: Vec<(Reducer, usize, usize)>,
    buffers: usize,
    /// Bytes of a row of each internal buffer, and where the buffer begins in a worker's memory.
    internal: Vec<(usize, usize)>,
    block_rows: usize,
    tasks: usize,
    /// Bytes of scratch memory of a worker: addresses, internal buffers, then what a stage needs.
    stage_scratch: usize,
    worker_len: usize,
    shared_len: usize,
}

#[derive(Debug)]
struct Stage {
    body: Body,
    /// The buffers of the inputs, then of the outputs.
    buffers: Vec<usize>,
    /// Points of a row.
    row_points: usize,
    /// Where its shared accumulators begin among those of a task.
    shared: usize,
}

/// What the buffers of a block of rows may take together, so that they stay in a small cache.
const BLOCK_BYTES: usize = 32 << 10;

impl RowKernel {
    /// Compiles for the CPU level of this process. A run takes `buffers` buffers; the internal ones are
    /// numbered after them.
    ///
    /// # Errors
    /// `Error::Engine` if a stage is not well formed, has another number of rows or no columns, or reads
    /// what is not there yet.
    pub fn new(
        rows: usize,
        buffers: usize,
        internal: &[Internal],
        stages: &[RowStage],
    ) -> Result<Self> {
        Self::for_level(rows, buffers, internal, stages, CpuLevel::current())
    }

    pub(super) fn for_level(
        rows: usize,
        buffers: usize,
        internal: &[Internal],
        stages: &[RowStage],
        level: CpuLevel,
    ) -> Result<Self> {
        check(rows, buffers, internal, stages, level)?;
        let mut kernel = Self {
            rows,
            stages: Vec::new(),
            neutral: Vec::new(),
            buffers,
            internal: Vec::new(),
            block_rows: 1,
            tasks: 1,
            stage_scratch: 0,
            worker_len: 0,
            shared_len: 0,
        };
        if rows == 0 {
            for stage in stages {
                for (reducer, output, len) in neutral(&stage.kernel, level)? {
                    let buffer = stage.outputs[output - stage.inputs.len()];
                    if buffer < buffers {
                        kernel.neutral.push((reducer, buffer, len));
                    }
                }
            }
            return Ok(kernel);
        }
        for stage in stages {
            let choices = Choices {
                level,
                keeps_axes: false,
                shares_all: false,
            };
            let body = Body::new(&stage.kernel, choices)?;
            let shared = kernel.shared_len;
            kernel.shared_len += body.shared_len;
            let buffers = [&stage.inputs[..], &stage.outputs[..]].concat();
            let row_points = body.len() / rows;
            kernel.stages.push(Stage {
                body,
                buffers,
                row_points,
                shared,
            });
        }
        kernel.lay_out(internal, stages);
        Ok(kernel)
    }

    /// Chooses the blocks and the tasks, and gives everything its place in a worker's memory.
    fn lay_out(&mut self, internal: &[Internal], stages: &[RowStage]) {
        let internal_bytes: usize = internal
            .iter()
            .map(|buffer| buffer.row_len * buffer.dtype.size())
            .sum();
        let widest = self
            .stages
            .iter()
            .map(|stage| stage.row_points)
            .max()
            .unwrap_or(1);
        let mut external: Vec<usize> = stages
            .iter()
            .flat_map(|stage| stage.inputs.iter().chain(&stage.outputs))
            .copied()
            .collect();
        external.retain(|buffer| *buffer < self.buffers);
        external.sort_unstable();
        external.dedup();
        let row_bytes = internal_bytes + external.len() * widest * 4;
        self.block_rows = (BLOCK_BYTES / row_bytes.max(1)).clamp(1, self.rows);

        let cost: usize = self.stages.iter().map(|s| s.row_points * s.body.cost).sum();
        let wanted = self.rows.saturating_mul(cost) / TASK_COST;
        let memory = MOST_SHARED / self.shared_len.max(1);
        let blocks = self.rows.div_ceil(self.block_rows);
        self.tasks = wanted.min(MOST_TASKS).min(memory).min(blocks).max(1);

        let addresses = self
            .stages
            .iter()
            .map(|stage| stage.buffers.len())
            .max()
            .unwrap_or(0);
        let mut bytes = lines(addresses * size_of::<*mut u8>());
        for buffer in internal {
            let row = buffer.row_len * buffer.dtype.size();
            self.internal.push((row, bytes));
            bytes += lines(row * self.block_rows);
        }
        self.stage_scratch = bytes;
        let largest = self
            .stages
            .iter()
            .map(|stage| stage.body.worker_len())
            .max()
            .unwrap_or(0);
        self.worker_len = bytes + largest;
    }

    /// Bytes of scratch memory that a run on so many threads needs.
    #[must_use]
    pub fn scratch_len(&self, threads: usize) -> usize {
        LINE + threads.min(self.tasks) * self.worker_len + self.tasks * self.shared_len
    }

    /// Runs all stages over all rows.
    ///
    /// An output may be a dense input of the same type if no later stage reads that input: it is then
    /// updated in place.
    ///
    /// # Safety
    /// Each buffer is valid for what the stages read or write there, and aligned to its type; outputs
    /// overlap neither each other nor inputs but for updates in place; `scratch` is valid for
    /// [`RowKernel::scratch_len`] bytes for the threads of the pool, and no other run uses it.
    ///
    /// # Panics
    /// If the number of buffers is not the one that the kernel was made for.
    pub unsafe fn run(&self, buffers: &[*mut u8], pool: &Pool, scratch: *mut u8) {
        assert_eq!(
            buffers.len(),
            self.buffers,
            "a buffer for each one that the kernel was made for"
        );
        for (reducer, buffer, len) in &self.neutral {
            // SAFETY: the output has this many elements.
            unsafe { reducer.finish_nothing(buffers[*buffer], *len) }
        }
        if self.rows == 0 {
            return;
        }
        let scratch = scratch.wrapping_add(scratch.align_offset(LINE));
        let workers = pool.threads().min(self.tasks);
        let shared = scratch.wrapping_add(workers * self.worker_len);
        let run = Run {
            kernel: self,
            buffers,
            scratch,
            shared,
        };
        // SAFETY: as the caller vouches; the accumulators lie behind the memory of the workers.
        pool.run(self.tasks, &|task, worker| unsafe {
            run.task(task, worker)
        });
        if self.rows > 1 {
            for stage in self.stages.iter().filter(|stage| stage.body.shared_len > 0) {
                // SAFETY: each task has started and filled its copy of the accumulators.
                unsafe { run.finish(stage, shared, self.tasks) }
            }
        }
    }
}

/// One run of a kernel: what its tasks share.
struct Run<'a> {
    kernel: &'a RowKernel,
    buffers: &'a [*mut u8],
    scratch: *mut u8,
    shared: *mut u8,
}

// SAFETY: each task writes to its own rows and to its own copy of the accumulators; each worker has its own
// part of the scratch memory.
unsafe impl Sync for Run<'_> {}

impl Run<'_> {
    /// # Safety
    /// As for [`RowKernel::run`]; the pool gives each task once, and each worker one task at a time.
    unsafe fn task(&self, task: usize, worker: usize) {
        let kernel = self.kernel;
        let scratch = self.scratch.wrapping_add(worker * kernel.worker_len);
        let shared = self.shared.wrapping_add(task * kernel.shared_len);
        for stage in &kernel.stages {
            // SAFETY: the copy of the task has room for the accumulators of all stages.
            unsafe { stage.body.start_shared(shared.wrapping_add(stage.shared)) }
        }
        let end = kernel.rows * (task + 1) / kernel.tasks;
        let mut row = kernel.rows * task / kernel.tasks;
        while row < end {
            let block = row..end.min(row + kernel.block_rows);
            row = block.end;
            for stage in &kernel.stages {
                // SAFETY: the rows are the task's, and earlier stages have left what this one reads.
                unsafe { self.stage(stage, block.clone(), scratch, shared) }
            }
        }
    }

    /// # Safety
    /// As for [`Run::task`].
    unsafe fn stage(&self, stage: &Stage, rows: Range<usize>, scratch: *mut u8, shared: *mut u8) {
        let kernel = self.kernel;
        let body = &stage.body;
        let addresses = scratch.cast::<*mut u8>();
        for (k, &buffer) in stage.buffers.iter().enumerate() {
            let address = match buffer.checked_sub(kernel.buffers) {
                None => self.buffers[buffer],
                Some(k) => {
                    // Where row 0 would be, so that the block's rows are where they belong.
                    let (row_bytes, offset) = kernel.internal[k];
                    scratch
                        .wrapping_add(offset)
                        .wrapping_sub(rows.start * row_bytes)
                }
            };
            // SAFETY: there is room for the addresses of any stage.
            unsafe { *addresses.add(k) = address }
        }
        let shared = shared.wrapping_add(stage.shared);
        // SAFETY: the addresses were written above, and lie apart from the memory of the stage.
        unsafe {
            let buffers = std::slice::from_raw_parts(addresses, stage.buffers.len());
            let memory = scratch.wrapping_add(kernel.stage_scratch);
            let mut worker = Worker::new(body, buffers, memory, shared);
            worker.span(rows.start * stage.row_points..rows.end * stage.row_points);
            if kernel.rows == 1 && body.shared_len > 0 {
                // The only row: what is combined over all of it is complete, and later stages may read it.
                body.finish_shared(buffers, shared, 1);
            }
        }
    }

    /// Writes the results over rows of a stage.
    ///
    /// # Safety
    /// As for [`Body::finish_shared`], but that copies are those of all stages.
    unsafe fn finish(&self, stage: &Stage, shared: *mut u8, copies: usize) {
        let first = shared.wrapping_add(stage.shared);
        let step = self.kernel.shared_len;
        // SAFETY: the contract is the caller's. Results over rows go to buffers of the run.
        unsafe {
            stage.body.finish_folds(first, step, copies, |output| {
                self.buffers[stage.buffers[output]]
            });
        }
    }
}

/// Checks what the kernels of the stages do not show.
fn check(
    rows: usize,
    buffers: usize,
    internal: &[Internal],
    stages: &[RowStage],
    level: CpuLevel,
) -> Result<()> {
    let mut is_written = vec![false; internal.len()];
    let mut over_rows = Vec::new();
    for stage in stages {
        let kernel = &stage.kernel;
        let extents = &kernel.extents;
        if extents.first() != Some(&rows) || extents[1..].contains(&0) {
            return Err(invalid(
                "stages over the same rows",
                format!("{rows} and {extents:?}"),
            ));
        }
        let counts = (kernel.inputs.len(), kernel.outputs.len());
        if (stage.inputs.len(), stage.outputs.len()) != counts {
            return Err(invalid(
                "a buffer for each input and output",
                format!("{stage:?}"),
            ));
        }
        for (operand, &buffer) in kernel.inputs.iter().zip(&stage.inputs) {
            let fits = match buffer.checked_sub(buffers) {
                None => !over_rows.contains(&buffer),
                Some(k) => internal.get(k).is_some_and(|internal| {
                    let steps_by_rows =
                        operand.strides.first() == Some(&(internal.row_len as isize));
                    is_written[k] && operand.dtype == internal.dtype && (steps_by_rows || rows == 1)
                }),
            };
            if !fits {
                return Err(invalid(
                    "buffers that an earlier stage has written",
                    format!("{buffer}"),
                ));
            }
        }
        let types = dtypes(kernel, level)?;
        for (output, &buffer) in kernel.outputs.iter().zip(&stage.outputs) {
            let axes = reduction(kernel, output).map_or(&[][..], |(_, axes)| axes);
            let kept = (1..extents.len()).filter(|axis| !axes.contains(axis));
            let row_len: usize = kept.map(|axis| extents[axis]).product();
            let joins_rows = rows != 1 && axes.contains(&0);
            let fits = match buffer.checked_sub(buffers) {
                None => {
                    if joins_rows {
                        over_rows.push(buffer);
                    }
                    true
                }
                Some(k) => internal.get(k).is_some_and(|internal| {
                    is_written[k] = true;
                    let register = types.get(output.register);
                    let same_type = register == Some(&internal.dtype);
                    same_type && internal.row_len == row_len && !joins_rows
                }),
            };
            if !fits {
                return Err(invalid(
                    "internal buffers as large as a stage's rows",
                    format!("{buffer}"),
                ));
            }
        }
    }
    Ok(())
}
