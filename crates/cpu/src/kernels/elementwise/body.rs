//! A program with its loads and writes, run over parts of its iteration space.
#![allow(unsafe_code)] // Blocks, inputs and outputs are raw pointers into the caller's memory.

use super::BLOCK;
use super::chain::ChainFunction;
use super::load::{Load, Rectangle, Source};
use super::registers::{Instruction, Program};
use super::write::{Fold, Gathering, Store};
use std::ops::Range;

/// A compiled kernel without the decision how it is cut into tasks.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) program: Program,
    pub(super) loads: Vec<Load>,
    pub(super) stores: Vec<Store>,
    pub(super) folds: Vec<Fold>,
    /// The number of input buffers.
    pub(super) inputs: usize,
    /// The collapsed space: all axes but the last as one, and the last.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The blocks that whole rows are cut into.
    pub(super) block_rows: usize,
    pub(super) block_columns: usize,
    /// Points that share accumulators of [`Gathering::Local`] with no others, and how many such units are
    /// one group.
    pub(super) unit: usize,
    pub(super) group_units: usize,
    /// Runs chains on the CPU level.
    pub(super) run_chain: ChainFunction,
    /// Places in scratch memory: the table of addresses, two spare blocks, local accumulators.
    pub(super) table: usize,
    pub(super) spare: usize,
    pub(super) local: usize,
    /// Bytes of the accumulators of [`Gathering::Shared`].
    pub(super) shared_len: usize,
    /// Picoseconds for a point.
    pub(super) cost: usize,
}

/// A body at work on one thread.
pub(super) struct Worker<'a> {
    body: &'a Body,
    buffers: &'a [*mut u8],
    scratch: *mut u8,
    shared: *mut u8,
    /// The stores, as bits, whose instruction writes to the output itself.
    direct: u64,
    /// What the operands that are the same in all rows were repeated for.
    repeated: Rectangle,
    /// The unit that the local accumulators begin with.
    first_unit: usize,
}

impl Body {
    /// Bytes of scratch memory for a worker.
    pub(super) fn worker_len(&self) -> usize {
        self.program.scratch
    }

    /// Points of the space.
    pub(super) fn len(&self) -> usize {
        self.rows * self.columns
    }

    /// The folds that gather like this.
    pub(super) fn folds(&self, gathering: Gathering) -> impl Iterator<Item = &Fold> {
        self.folds
            .iter()
            .filter(move |fold| fold.gathering == gathering)
    }

    /// Makes the shared accumulators those of nothing.
    ///
    /// # Safety
    /// `shared` is valid for [`Body::shared_len`] bytes.
    pub(super) unsafe fn start_shared(&self, shared: *mut u8) {
        for fold in self.folds(Gathering::Shared) {
            // SAFETY: the contract is the caller's.
            unsafe { fold.reducer.start(shared.add(fold.offset), fold.len) }
        }
    }

    /// Merges copies of the shared accumulators in their order, and writes the outputs.
    ///
    /// # Safety
    /// `shared` is valid for the copies, `buffers` are those of the run.
    pub(super) unsafe fn finish_shared(&self, buffers: &[*mut u8], shared: *mut u8, copies: usize) {
        // SAFETY: the contract is the caller's.
        unsafe { self.finish_folds(shared, self.shared_len, copies, |output| buffers[output]) }
    }

    /// As [`Body::finish_shared`], for copies that lie `step` bytes apart and outputs where `address` says.
    ///
    /// # Safety
    /// As for [`Body::finish_shared`].
    pub(super) unsafe fn finish_folds(
        &self,
        shared: *mut u8,
        step: usize,
        copies: usize,
        address: impl Fn(usize) -> *mut u8,
    ) {
        for fold in self.folds(Gathering::Shared) {
            // SAFETY: the contract is the caller's.
            unsafe {
                let first = shared.add(fold.offset);
                for copy in 1..copies {
                    fold.reducer.merge(first, first.add(copy * step), fold.len);
                }
                fold.reducer.finish(address(fold.buffer), first, fold.len);
            }
        }
    }
}

impl<'a> Worker<'a> {
    /// Makes scratch memory ready.
    ///
    /// # Safety
    /// The buffers are valid for what the body reads and writes, and outputs overlap inputs only where
    /// the kernel's contract allows it; `scratch` is aligned to a cache line and valid for
    /// [`Body::worker_len`] bytes; `shared` holds started accumulators if the body has shared ones.
    pub(super) unsafe fn new(
        body: &'a Body,
        buffers: &'a [*mut u8],
        scratch: *mut u8,
        shared: *mut u8,
    ) -> Self {
        let repeated = Rectangle::default();
        let direct = body.direct(buffers);
        let worker = Self {
            body,
            buffers,
            scratch,
            shared,
            direct,
            repeated,
            first_unit: 0,
        };
        let program = &body.program;
        // SAFETY: the offsets lie within the worker's scratch memory, and the slots within the table.
        unsafe {
            for &(slot, offset) in &program.resident {
                worker.set(slot, scratch.add(offset));
            }
            for (slot, cell) in &program.constants {
                worker.set(*slot, cell.0.as_ptr().cast_mut());
            }
            for &(slot, input) in &program.uniform_inputs {
                worker.set(slot, buffers[input]);
            }
            for instruction in &program.prologue {
                let [a, b, c] = instruction.from.map(|slot| worker.get(slot).cast_const());
                (instruction.function)(worker.get(instruction.to), a, b, c, 1);
            }
            for splat in &program.splats {
                let (to, from) = (worker.get(splat.to), worker.get(splat.from));
                super::block::splat(to, from, splat.size, splat.count);
            }
        }
        worker
    }

    /// Runs over a range of points in row-major order that is whole units long, and whole rows where
    /// there are several.
    ///
    /// # Safety
    /// As for [`Worker::new`]; no other thread writes the outputs of these points.
    pub(super) unsafe fn span(&mut self, points: Range<usize>) {
        let body = self.body;
        let step = body.unit * body.group_units;
        let has_local = body.folds(Gathering::Local).next().is_some();
        if !has_local {
            // SAFETY: the contract is the caller's.
            return unsafe { self.points(points) };
        }
        let mut start = points.start;
        while start < points.end {
            let end = points.end.min(start + step);
            self.first_unit = start / body.unit;
            // SAFETY: the group is part of the range, and its accumulators have room for all its units.
            unsafe {
                self.each_local(start, end, |fold, accumulators, _, len| {
                    fold.reducer.start(accumulators, len);
                });
                self.points(start..end);
                self.each_local(start, end, |fold, accumulators, output, len| {
                    fold.reducer.finish(output, accumulators, len);
                });
            }
            start = end;
        }
    }

    /// Calls `f` with each local fold, its accumulators for these points, where they go in the output,
    /// and how many they are.
    ///
    /// # Safety
    /// The points are units of one group.
    unsafe fn each_local(
        &self,
        start: usize,
        end: usize,
        f: impl Fn(&Fold, *mut u8, *mut u8, usize),
    ) {
        let body = self.body;
        for fold in body.folds(Gathering::Local) {
            let accumulators = self.scratch.wrapping_add(body.local + fold.offset);
            let first = start / body.unit * fold.unit_len;
            let output = self.buffers[fold.buffer].wrapping_add(first * fold.reducer.size);
            f(
                fold,
                accumulators,
                output,
                (end - start) / body.unit * fold.unit_len,
            );
        }
    }

    /// # Safety
    /// As for [`Worker::span`].
    unsafe fn points(&mut self, points: Range<usize>) {
        let columns = self.body.columns;
        // SAFETY: the contract is the caller's.
        unsafe {
            if self.body.rows == 1 {
                self.region(0..1, points);
            } else {
                self.region(points.start / columns..points.end / columns, 0..columns);
            }
        }
    }

    /// Runs over a rectangle of the collapsed space, block by block.
    ///
    /// # Safety
    /// As for [`Worker::span`].
    pub(super) unsafe fn region(&mut self, rows: Range<usize>, columns: Range<usize>) {
        let body = self.body;
        let width = columns.len();
        let (tall, wide) = if width == body.columns {
            (body.block_rows, body.block_columns)
        } else if width <= BLOCK {
            (BLOCK / width.max(1), width.max(1))
        } else {
            (1, BLOCK)
        };
        for row in rows.clone().step_by(tall) {
            let count = tall.min(rows.end - row);
            for column in columns.clone().step_by(wide) {
                let block = Rectangle {
                    row,
                    rows: count,
                    column,
                    columns: wide.min(columns.end - column),
                };
                // SAFETY: the block is part of the region.
                unsafe { self.block(block) }
            }
        }
    }

    /// # Safety
    /// As for [`Worker::span`]; the block has at most [`BLOCK`] points.
    unsafe fn block(&mut self, block: Rectangle) {
        let body = self.body;
        let n = block.len();
        // SAFETY: the body's slots, offsets and buffers are those that `Worker::new` was given, and all
        // inputs of the block are read before outputs that may alias them are written: a store that
        // writes early does not alias what is read later.
        unsafe {
            self.load(block);
            let in_one_piece = block.rows == 1 || block.columns == body.columns;
            for (k, store) in body.stores.iter().enumerate() {
                if self.is_direct(k) {
                    let start = (block.row * body.columns + block.column) * store.size;
                    let output = self.buffers[store.buffer].add(start);
                    let home = self.scratch.add(store.home.unwrap_or_default());
                    self.set(store.slot, if in_one_piece { output } else { home });
                }
            }
            for instruction in &body.program.instructions {
                match instruction {
                    Instruction::Loop(loop_) => {
                        let [a, b, c] = loop_.from.map(|slot| self.get(slot).cast_const());
                        (loop_.function)(self.get(loop_.to), a, b, c, n);
                    }
                    Instruction::Chain(range) => {
                        let links = &body.program.links[range.clone()];
                        let table = self.scratch.add(body.table).cast();
                        (body.run_chain)(links.as_ptr(), links.len(), table, n);
                    }
                }
            }
            // Folds go first: they may read an input that a store is about to change.
            for fold in &body.folds {
                self.fold(fold, block);
            }
            for (k, store) in body.stores.iter().enumerate() {
                if !self.is_direct(k) || !in_one_piece {
                    let output = self.buffers[store.buffer];
                    store.store(output, self.get(store.slot), block, body.columns);
                }
            }
        }
    }

    /// # Safety
    /// As for [`Worker::block`].
    unsafe fn load(&mut self, block: Rectangle) {
        let body = self.body;
        let before = self.repeated;
        let is_repeated = before.column == block.column
            && before.columns == block.columns
            && before.rows >= block.rows;
        for load in &body.loads {
            let input = match load.source {
                Source::Input(input) => self.buffers[input],
                Source::Iota(_) => std::ptr::null_mut(),
            };
            // SAFETY: the load's input covers the space, and its staging block is its own.
            unsafe {
                let staging = self.scratch.add(load.staging);
                let place = load.load(input, staging, block, is_repeated, body.columns);
                self.set(load.slot, place);
            }
        }
        if !is_repeated {
            self.repeated = block;
        }
    }

    /// # Safety
    /// As for [`Worker::block`].
    unsafe fn fold(&self, fold: &Fold, block: Rectangle) {
        let body = self.body;
        // SAFETY: accumulators of a group begin with those of its first unit.
        unsafe {
            let from = self.get(fold.slot);
            let spare = self.scratch.add(body.spare);
            match fold.gathering {
                Gathering::Direct => fold.fold_direct(self.buffers[fold.buffer], from, block),
                Gathering::Shared => {
                    fold.fold(self.shared.add(fold.offset), from, spare, block);
                }
                Gathering::Local => {
                    let before = self.first_unit * fold.unit_len * fold.reducer.wide_size;
                    let accumulators = self.scratch.add(body.local + fold.offset);
                    fold.fold(accumulators.wrapping_sub(before), from, spare, block);
                }
            }
        }
    }

    fn is_direct(&self, store: usize) -> bool {
        store < 64 && self.direct >> store & 1 == 1
    }

    /// # Safety
    /// The slot is one of the body's.
    unsafe fn get(&self, slot: u16) -> *mut u8 {
        let table = self.scratch.wrapping_add(self.body.table).cast::<*mut u8>();
        // SAFETY: the table has an entry for each slot.
        unsafe { *table.add(usize::from(slot)) }
    }

    /// # Safety
    /// The slot is one of the body's.
    unsafe fn set(&self, slot: u16, address: *mut u8) {
        let table = self.scratch.wrapping_add(self.body.table).cast::<*mut u8>();
        // SAFETY: the table has an entry for each slot.
        unsafe { *table.add(usize::from(slot)) = address }
    }
}

impl Body {
    /// The stores, as bits, whose instruction may write to the output at once: their output is none of
    /// the inputs that are read after it.
    fn direct(&self, buffers: &[*mut u8]) -> u64 {
        let mut direct = 0;
        for (k, store) in self.stores.iter().enumerate().take(64) {
            let is_read = |input: &usize| store.conflicts >> input & 1 == 1;
            let is_input = |input: usize| buffers[input] == buffers[store.buffer];
            if store.home.is_some() && !(0..self.inputs).filter(is_read).any(is_input) {
                direct |= 1 << k;
            }
        }
        direct
    }
}
