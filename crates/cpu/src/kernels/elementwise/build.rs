//! From a specification to a body.

use super::body::Body;
use super::chain::chain_function;
use super::load::{Load, Source};
use super::output::{Output, OutputKind};
use super::registers::{self, Origin, Program, invalid, slot};
use super::schedule::Group;
use super::space::{RowOffsets, Space, dense_strides};
use super::spec::KernelSpec;
use super::step::Step;
use super::write::{Fold, Gathering, Store};
use super::{BLOCK, LINE, block, lines};
use crate::CpuLevel;
use crate::kernels::reduce::Reducer;
use hornblende_core::{DType, Result};

/// How a body may be built.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choices {
    pub(super) level: CpuLevel,
    /// Keep two axes apart although they could be one, for callers that ask for rectangles.
    pub(super) keeps_axes: bool,
    /// Gather in shared accumulators what local ones could.
    pub(super) shares_all: bool,
}

/// Points that are worth a turn of starting and finishing local accumulators.
const GROUP_POINTS: usize = 8 * BLOCK;
/// Local accumulators of one group, so that they stay in the first-level cache.
const GROUP_ACCUMULATORS: usize = 1024;

impl Body {
    /// Compiles a specification; its space has at least one point.
    pub(super) fn new(spec: &KernelSpec, choices: Choices) -> Result<Self> {
        check(spec)?;
        let dtypes = registers::dtypes(spec, choices.level)?;
        let (counts, operands) = operands(spec);
        let space = if choices.keeps_axes {
            Space {
                extents: spec.extents.clone(),
                strides: operands,
            }
        } else {
            Space::collapsed(&spec.extents, &operands)
        };
        let (inputs, rest) = space.strides.split_at(spec.inputs.len());
        let (iotas, folds) = rest.split_at(counts.len());
        let strides_of = |register: usize, step: &Step| match *step {
            Step::Input(input) => Some(&inputs[input]),
            Step::Iota { .. } => counts
                .iter()
                .position(|count| *count == register)
                .map(|k| &iotas[k]),
            _ => None,
        };
        let uniform: Vec<bool> = spec
            .steps
            .iter()
            .enumerate()
            .map(|(r, step)| strides_of(r, step).is_some_and(|s| s.iter().all(|s| *s == 0)))
            .collect();
        let mut program = Program::new(spec, dtypes, &uniform, choices.level)?;
        program.assign_blocks(spec, |r| {
            spec.outputs.iter().any(|output| output.register == r)
        });
        let mut body = Self::empty(spec, &space, choices.level);
        for (register, step) in spec.steps.iter().enumerate() {
            if let (Origin::Loaded, Some(strides)) =
                (program.origins[register], strides_of(register, step))
            {
                body.loads
                    .push(load(&mut program, register, step, &space.extents, strides));
            }
        }
        body.add_outputs(spec, &space, folds, &mut program, choices)?;
        body.cost = cost(spec, &program, body.loads.len());
        body.choose_units(&space);
        body.lay_out(program);
        Ok(body)
    }

    fn empty(spec: &KernelSpec, space: &Space, level: CpuLevel) -> Self {
        let columns = space.extents[space.extents.len() - 1];
        let rows = space.extents[..space.extents.len() - 1].iter().product();
        let (block_rows, block_columns) = block_shape(columns);
        Self {
            program: Program::default(),
            loads: Vec::new(),
            stores: Vec::new(),
            folds: Vec::new(),
            inputs: spec.inputs.len(),
            rows,
            columns,
            block_rows,
            block_columns,
            unit: 1,
            group_units: 1,
            run_chain: chain_function(level),
            table: 0,
            spare: 0,
            local: 0,
            shared_len: 0,
            cost: 0,
        }
    }

    fn add_outputs(
        &mut self,
        spec: &KernelSpec,
        space: &Space,
        folds: &[Vec<isize>],
        program: &mut Program,
        choices: Choices,
    ) -> Result<()> {
        let mut strides = folds.iter();
        let mut homes: Vec<usize> = Vec::new();
        for (k, output) in spec.outputs.iter().enumerate() {
            let buffer = spec.inputs.len() + k;
            let register = output.register;
            let is_uniform = program.origins[register] == Origin::Uniform;
            let slot = if is_uniform {
                program.splat_of(register)
            } else {
                slot(register)
            };
            let size = program.dtypes[register].size();
            let Some((kind, _)) = reduction(spec, output) else {
                let is_new = !homes.contains(&register) && self.stores.len() < 64;
                let is_early =
                    program.origins[register] == Origin::Computed && spec.inputs.len() <= 64;
                let home = (is_new && is_early).then(|| program.home(slot));
                homes.push(register);
                let conflicts = conflicts(spec, program, register);
                self.stores.push(Store {
                    slot,
                    buffer,
                    size,
                    home,
                    conflicts,
                });
                continue;
            };
            let dtype = program.dtypes[register];
            let reducer = Reducer::new(kind, dtype, choices.level).ok_or_else(|| {
                invalid(
                    "a reduction that is defined for the type",
                    format!("{kind:?} of {dtype}"),
                )
            })?;
            let strides = strides.next().map_or(&[][..], |strides| strides);
            self.folds
                .push(self.fold(slot, buffer, reducer, space, strides, choices.shares_all));
        }
        Ok(())
    }

    fn fold(
        &self,
        slot: u16,
        buffer: usize,
        reducer: Reducer,
        space: &Space,
        strides: &[isize],
        shares_all: bool,
    ) -> Fold {
        let last = strides.len() - 1;
        let prefix = strides.iter().take_while(|stride| **stride != 0).count();
        let keeps_columns = strides[last] != 0;
        let gathering = if prefix == last && last > 0 && self.columns <= BLOCK {
            Gathering::Direct
        } else if prefix == 0 || shares_all {
            Gathering::Shared
        } else {
            Gathering::Local
        };
        let kept = |axes: std::ops::Range<usize>| -> usize {
            axes.filter(|axis| strides[*axis] != 0)
                .map(|axis| space.extents[axis])
                .product()
        };
        let rows = RowOffsets::new(&space.extents, strides);
        // For now `unit_len` is the number of leading axes that are all kept; see `choose_units`.
        let len = kept(0..strides.len());
        Fold {
            slot,
            buffer,
            reducer,
            gathering,
            keeps_columns,
            rows,
            len,
            unit_len: prefix,
            offset: 0,
        }
    }

    /// Chooses the units of the local folds: what lies below the leading axes that all of them keep.
    fn choose_units(&mut self, space: &Space) {
        let prefix = self.folds(Gathering::Local).map(|fold| fold.unit_len).min();
        let Some(prefix) = prefix else { return };
        let units: usize = space.extents[..prefix].iter().product();
        self.unit = self.len() / units;
        let mut accumulators = 1;
        for fold in &mut self.folds {
            fold.unit_len = fold.len / units;
            if fold.gathering == Gathering::Local {
                accumulators = accumulators.max(fold.unit_len);
            }
        }
        let by_points = GROUP_POINTS / self.unit;
        self.group_units = by_points
            .min(GROUP_ACCUMULATORS / accumulators)
            .clamp(1, units);
    }

    /// Gives everything its place in scratch memory.
    fn lay_out(&mut self, mut program: Program) {
        self.table = program.take(program.slots * size_of::<*mut u8>());
        if !self.folds.is_empty() {
            self.spare = program.take(BLOCK * 8 + LINE);
        }
        let (mut local, mut shared) = (0, 0);
        for fold in &mut self.folds {
            let wide = fold.reducer.wide_size;
            match fold.gathering {
                Gathering::Direct => {}
                Gathering::Local => {
                    fold.offset = local;
                    local += lines(self.group_units * fold.unit_len * wide);
                }
                Gathering::Shared => {
                    fold.offset = shared;
                    shared += lines(fold.len * wide);
                }
            }
        }
        self.local = program.take(local);
        self.shared_len = shared;
        self.program = program;
    }
}

/// Checks what the steps do not show.
fn check(spec: &KernelSpec) -> Result<()> {
    let rank = spec.extents.len();
    if let Some(input) = spec.inputs.iter().find(|input| input.strides.len() != rank) {
        return Err(invalid(
            "a stride for each extent",
            format!("{:?}", input.strides),
        ));
    }
    for output in &spec.outputs {
        if output.register >= spec.steps.len() {
            return Err(invalid("outputs of registers", format!("{output:?}")));
        }
        if let OutputKind::Reduce { axes, .. } = &output.kind
            && !(axes.iter().all(|axis| *axis < rank) && axes.windows(2).all(|w| w[0] < w[1]))
        {
            return Err(invalid("ascending axes of the space", format!("{axes:?}")));
        }
    }
    let computed = |dtype: DType| !matches!(dtype, DType::F16 | DType::BF16);
    match spec.inputs.iter().find(|input| !computed(input.dtype)) {
        Some(input) => Err(invalid(
            "types that can be computed with",
            input.dtype.to_string(),
        )),
        None => Ok(()),
    }
}

/// The reduction of an output, unless all its axes have size 1.
pub(super) fn reduction<'a>(
    spec: &KernelSpec,
    output: &'a Output,
) -> Option<(hornblende_core::graph::op::Reduction, &'a [usize])> {
    match &output.kind {
        OutputKind::Reduce { kind, axes } if axes.iter().any(|axis| spec.extents[*axis] != 1) => {
            Some((*kind, axes))
        }
        _ => None,
    }
}

/// The registers that count, and the strides of everything that is read, counted or folded.
fn operands(spec: &KernelSpec) -> (Vec<usize>, Vec<Vec<isize>>) {
    let mut counts = Vec::new();
    let mut operands: Vec<Vec<isize>> = spec
        .inputs
        .iter()
        .map(|input| input.strides.clone())
        .collect();
    for (register, step) in spec.steps.iter().enumerate() {
        if let Step::Iota { axis, .. } = *step {
            counts.push(register);
            operands.push(
                (0..spec.extents.len())
                    .map(|k| isize::from(k == axis))
                    .collect(),
            );
        }
    }
    for output in &spec.outputs {
        if let Some((_, axes)) = reduction(spec, output) {
            operands.push(dense_strides(&spec.extents, |axis| !axes.contains(&axis)));
        }
    }
    (counts, operands)
}

fn load(
    program: &mut Program,
    register: usize,
    step: &Step,
    extents: &[usize],
    strides: &[isize],
) -> Load {
    let source = match *step {
        Step::Input(input) => Source::Input(input),
        _ => Source::Iota(program.dtypes[register]),
    };
    let last = extents.len() - 1;
    let mut row_stride = strides[last] * extents[last] as isize;
    let mut is_dense = true;
    for axis in (0..last).rev() {
        is_dense &= strides[axis] == row_stride;
        row_stride *= extents[axis] as isize;
    }
    let size = program.dtypes[register].size();
    Load {
        slot: slot(register),
        source,
        size,
        staging: program.take((BLOCK + block::SLACK) * size),
        column_stride: strides[last],
        rows: RowOffsets::new(extents, strides),
        is_dense,
    }
}

/// The rows and columns of a block, where a row of the space has this many columns: several short rows,
/// or a piece of a long one.
fn block_shape(columns: usize) -> (usize, usize) {
    if columns > BLOCK {
        // Pieces of about the same size, in whole vectors.
        let pieces = columns.div_ceil(BLOCK);
        return (1, columns.div_ceil(pieces).next_multiple_of(16).min(BLOCK));
    }
    let rows = BLOCK / columns;
    // Rows that together are whole vectors, where that leaves most of the block in use.
    let whole = 16 >> columns.trailing_zeros().min(4);
    (
        if rows >= 2 * whole {
            rows / whole * whole
        } else {
            rows
        },
        columns,
    )
}

/// The inputs, as bits, that are read after the instruction that computes a register has begun to write.
fn conflicts(spec: &KernelSpec, program: &Program, register: usize) -> u64 {
    let schedule = &program.schedule;
    // A chain reads what a step needs before it writes its result; a loop must not write where it reads.
    let is_chained = !schedule.groups.contains(&Group::Loop(register));
    let from = schedule.positions[register].saturating_add(usize::from(is_chained));
    let mut conflicts = 0;
    let mut add = |operand: usize| {
        if let Step::Input(input) = spec.steps[operand]
            && input < 64
        {
            conflicts |= 1 << input;
        }
    };
    for (later, step) in spec.steps.iter().enumerate() {
        if program.origins[later] == Origin::Computed && schedule.positions[later] >= from {
            step.operands().for_each(&mut add);
        }
    }
    spec.outputs.iter().for_each(|output| add(output.register));
    conflicts
}

/// Picoseconds for a point, with what it takes to bring operands in and results out.
fn cost(spec: &KernelSpec, program: &Program, loads: usize) -> usize {
    let computed = |r: &usize| program.origins[*r] == Origin::Computed;
    let steps: usize = (0..spec.steps.len())
        .filter(computed)
        .map(|r| spec.steps[r].cost())
        .sum();
    steps + 50 * (loads + spec.outputs.len())
}
