//! From steps to instructions: which loop runs, and where its operands are.

use super::block::{BlockFunction, FIRST_FIXED, NONE_FIXED, SECOND_FIXED, THIRD_FIXED};
use super::chain::Link;
use super::links::add_links;
use super::opcodes;
use super::scalar::Cell;
use super::schedule::{Group, Schedule};
use super::spec::KernelSpec;
use super::step::{Register, Step};
use super::{BLOCK, LINE, block, lines};
use crate::CpuLevel;
use hornblende_core::{DType, Error, Result};
use std::ops::Range;

/// One loop over a block; operands are places in the table of addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loop {
    pub(super) function: BlockFunction,
    pub(super) to: u16,
    pub(super) from: [u16; 3],
}

/// What is run for each block.
#[derive(Debug, Clone)]
pub(super) enum Instruction {
    Loop(Loop),
    /// A range of the program's links.
    Chain(Range<usize>),
}

/// A number that fills a block, for the loops that have no form with a fixed operand, or one line, for
/// chains.
#[derive(Debug, Clone, Copy)]
pub(super) struct Splat {
    pub(super) to: u16,
    pub(super) from: u16,
    pub(super) size: usize,
    pub(super) count: usize,
}

/// How a register comes to its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// No output needs it.
    Unused,
    /// One number for the whole space.
    Uniform,
    /// Brought in from an input or counted, for each block.
    Loaded,
    /// The result of an instruction of each block.
    Computed,
}

/// The instructions of a kernel and the memory that they need.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// The number of entries in the table of addresses; those of the registers come first.
    pub(super) slots: usize,
    /// Run once, on single numbers.
    pub(super) prologue: Vec<Loop>,
    /// Filled once, after the prologue.
    pub(super) splats: Vec<Splat>,
    /// Run for each block.
    pub(super) instructions: Vec<Instruction>,
    /// The links of all chains.
    pub(super) links: Vec<Link>,
    /// Slots with a fixed place in scratch memory: the offset of each.
    pub(super) resident: Vec<(u16, usize)>,
    /// Slots of numbers known now.
    pub(super) constants: Vec<(u16, Cell)>,
    /// Slots of inputs of one element: the number of the input.
    pub(super) uniform_inputs: Vec<(u16, usize)>,
    /// Bytes of scratch memory up to here.
    pub(super) scratch: usize,
    /// The type of each register.
    pub(super) dtypes: Vec<DType>,
    /// The origin of each register.
    pub(super) origins: Vec<Origin>,
    pub(super) schedule: Schedule,
}

impl Program {
    /// Chooses the instructions. `dtypes` are those of [`dtypes`]; `is_uniform` tells for each step that
    /// reads or counts whether it gives one number for the whole space.
    pub(super) fn new(
        spec: &KernelSpec,
        dtypes: Vec<DType>,
        is_uniform: &[bool],
        level: CpuLevel,
    ) -> Result<Self> {
        let steps = spec.steps.len();
        // Each has a slot, and at most three operands that are repeated as blocks and as lines.
        if 7 * steps > usize::from(u16::MAX) {
            return Err(invalid("at most 9,000 steps", format!("{steps}")));
        }
        let mut program = Self {
            slots: steps,
            dtypes,
            origins: origins(spec, is_uniform),
            ..Self::default()
        };
        for register in 0..steps {
            if program.origins[register] == Origin::Uniform {
                program.uniform(register, &spec.steps[register], level)?;
            }
        }
        let schedule = Schedule::new(spec, &program.dtypes, &program.origins);
        for group in &schedule.groups {
            let instruction = match group {
                Group::Loop(register) => {
                    let step = &spec.steps[*register];
                    Instruction::Loop(program.instruction(*register, step, level)?)
                }
                Group::Chain(chain) => {
                    let first = program.links.len();
                    add_links(&mut program, spec, &schedule, chain);
                    Instruction::Chain(first..program.links.len())
                }
            };
            program.instructions.push(instruction);
        }
        program.schedule = schedule;
        Ok(program)
    }

    /// Takes `bytes` of scratch memory; gives where they begin.
    pub(super) fn take(&mut self, bytes: usize) -> usize {
        let offset = self.scratch;
        self.scratch += lines(bytes);
        offset
    }

    /// Takes the memory of one block of the register's type.
    pub(super) fn take_block(&mut self, register: Register) -> usize {
        self.take((BLOCK + block::SLACK) * self.dtypes[register].size())
    }

    /// Where the block of a computed register is.
    pub(super) fn home(&self, slot: u16) -> usize {
        self.resident
            .iter()
            .find(|(s, _)| *s == slot)
            .map_or(0, |(_, offset)| *offset)
    }

    /// The slot of a block filled with the number in this register.
    pub(super) fn splat_of(&mut self, register: Register) -> u16 {
        self.repeated(register, BLOCK)
    }

    /// The slot of a cache line filled with the number in this register.
    pub(super) fn line_of(&mut self, register: Register) -> u16 {
        self.repeated(register, LINE / self.dtypes[register].size())
    }

    fn repeated(&mut self, register: Register, count: usize) -> u16 {
        let from = slot(register);
        let is_it = |splat: &&Splat| splat.from == from && splat.count == count;
        if let Some(splat) = self.splats.iter().find(is_it) {
            return splat.to;
        }
        let to = slot(self.slots);
        self.slots += 1;
        let size = self.dtypes[register].size();
        let offset = self.take(count * size);
        self.resident.push((to, offset));
        self.splats.push(Splat {
            to,
            from,
            size,
            count,
        });
        to
    }

    /// Gives the computed registers that are in memory their blocks of scratch memory. A register that
    /// `lives_on` keeps its block to the end; the others hand it on when the last group has read it.
    pub(super) fn assign_blocks(&mut self, spec: &KernelSpec, lives_on: impl Fn(Register) -> bool) {
        let schedule = std::mem::take(&mut self.schedule);
        let members = |group: &Group| match group {
            Group::Loop(register) => vec![*register],
            Group::Chain(chain) => chain.clone(),
        };
        let mut last_use = vec![0; spec.steps.len()];
        for (k, group) in schedule.groups.iter().enumerate() {
            for register in members(group) {
                for operand in schedule.reads(spec, register) {
                    last_use[operand] = k;
                }
            }
        }
        // Blocks that are free, each with the bytes of an element.
        let mut free: Vec<(usize, usize)> = Vec::new();
        let mut places: Vec<Option<usize>> = vec![None; spec.steps.len()];
        for (k, group) in schedule.groups.iter().enumerate() {
            let members = members(group);
            for (place, &register) in members.iter().enumerate() {
                if schedule.is_stored(&members, place) {
                    let size = self.dtypes[register].size();
                    let found = free.iter().rposition(|(_, free_size)| *free_size == size);
                    let block = match found {
                        Some(k) => free.remove(k).0,
                        None => self.take_block(register),
                    };
                    places[register] = Some(block);
                    self.resident.push((slot(register), block));
                }
            }
            // The results have their own places already: no loop writes where it reads.
            for &register in &members {
                for operand in schedule.reads(spec, register) {
                    if last_use[operand] == k
                        && !lives_on(operand)
                        && let Some(block) = places[operand].take()
                    {
                        free.push((block, self.dtypes[operand].size()));
                    }
                }
            }
        }
        self.schedule = schedule;
    }

    /// A step whose result is one number: known now, read where it is, or computed by the prologue.
    fn uniform(&mut self, register: Register, step: &Step, level: CpuLevel) -> Result<()> {
        match *step {
            Step::Constant(scalar) => self.constants.push((slot(register), scalar.cell())),
            Step::Input(input) => self.uniform_inputs.push((slot(register), input)),
            // A count along an axis of size 1.
            Step::Iota { .. } => self.constants.push((slot(register), Cell([0; 8]))),
            _ => {
                let operands = fixed_slots(step);
                let function = function(step, &self.dtypes, NONE_FIXED, level)
                    .ok_or_else(|| unsupported(step, &self.dtypes))?;
                let offset = self.take(8);
                self.resident.push((slot(register), offset));
                self.prologue.push(Loop {
                    function,
                    to: slot(register),
                    from: operands,
                });
            }
        }
        Ok(())
    }

    /// The instruction for a step that is computed for each block, with numbers as they are where the
    /// loop has a form for it, and filled blocks where it has not.
    fn instruction(&mut self, register: Register, step: &Step, level: CpuLevel) -> Result<Loop> {
        let mut step = *step;
        let is_uniform = |r: Register| self.origins[r] == Origin::Uniform;
        if let Step::Binary(op, a, b) = step
            && opcodes::is_commutative(op)
            && is_uniform(a)
        {
            step = Step::Binary(op, b, a);
        }
        let operands: Vec<Register> = step.operands().collect();
        let bits = [FIRST_FIXED, SECOND_FIXED, THIRD_FIXED];
        let fixed = operands
            .iter()
            .zip(bits)
            .filter(|(r, _)| is_uniform(**r))
            .map(|(_, bit)| bit)
            .sum();
        let mut from = fixed_slots(&step);
        let direct = function(&step, &self.dtypes, fixed, level);
        let function = match direct {
            Some(function) => function,
            None => {
                for (slot, operand) in from.iter_mut().zip(&operands) {
                    if self.origins[*operand] == Origin::Uniform {
                        *slot = self.splat_of(*operand);
                    }
                }
                function(&step, &self.dtypes, NONE_FIXED, level)
                    .ok_or_else(|| unsupported(&step, &self.dtypes))?
            }
        };
        Ok(Loop {
            function,
            to: slot(register),
            from,
        })
    }
}

/// The place in the table of addresses; [`Program::new`] checks that it fits.
pub(super) fn slot(register: Register) -> u16 {
    register as u16
}

/// The slots of a step's operands; unused ones repeat the first.
fn fixed_slots(step: &Step) -> [u16; 3] {
    let mut slots = [0; 3];
    for (k, operand) in step.operands().enumerate() {
        slots[k..].fill(slot(operand));
    }
    slots
}

fn function(step: &Step, dtypes: &[DType], fixed: u8, level: CpuLevel) -> Option<BlockFunction> {
    match *step {
        Step::Unary(op, a) => opcodes::unary(op, dtypes[a], level).map(|(function, _)| function),
        Step::Binary(op, a, _) => opcodes::binary(op, dtypes[a], fixed, level),
        Step::Compare(op, a, _) => opcodes::compare(op, dtypes[a], fixed, level),
        Step::Select(_, a, _) => opcodes::select_loop(dtypes[a], fixed, level),
        Step::Convert(to, a) => opcodes::convert(dtypes[a], to, level),
        Step::Input(_) | Step::Constant(_) | Step::Iota { .. } => None,
    }
}

/// The type of each register; checks that each step reads what it may.
pub(super) fn dtypes(spec: &KernelSpec, level: CpuLevel) -> Result<Vec<DType>> {
    let mut dtypes: Vec<DType> = Vec::with_capacity(spec.steps.len());
    for (register, step) in spec.steps.iter().enumerate() {
        if step.operands().any(|operand| operand >= register) {
            return Err(invalid(
                "registers of earlier steps",
                format!("{step:?} in {register}"),
            ));
        }
        let fits = match *step {
            Step::Input(input) => input < spec.inputs.len(),
            Step::Iota { axis, dtype } => {
                let counts = dtype.is_integer() || matches!(dtype, DType::F32 | DType::F64);
                axis < spec.extents.len() && counts
            }
            Step::Binary(_, a, b) | Step::Compare(_, a, b) => dtypes[a] == dtypes[b],
            Step::Select(p, a, b) => dtypes[p] == DType::Bool && dtypes[a] == dtypes[b],
            _ => true,
        };
        if !fits {
            return Err(invalid(
                "operands that are there and agree",
                format!("{step:?}"),
            ));
        }
        dtypes.push(match *step {
            Step::Input(input) => spec.inputs[input].dtype,
            Step::Constant(scalar) => scalar.dtype(),
            Step::Unary(op, a) => match opcodes::unary(op, dtypes[a], level) {
                Some((_, dtype)) => dtype,
                None => return Err(unsupported(step, &dtypes)),
            },
            Step::Binary(_, a, _) | Step::Select(_, a, _) => dtypes[a],
            Step::Compare(..) => DType::Bool,
            Step::Iota { dtype, .. } | Step::Convert(dtype, _) => dtype,
        });
    }
    Ok(dtypes)
}

fn origins(spec: &KernelSpec, is_uniform: &[bool]) -> Vec<Origin> {
    let mut used = vec![false; spec.steps.len()];
    for output in &spec.outputs {
        used[output.register] = true;
    }
    for register in (0..spec.steps.len())
        .rev()
        .filter(|r| used[*r])
        .collect::<Vec<_>>()
    {
        mark(spec, register, &mut used);
    }
    let mut origins: Vec<Origin> = Vec::with_capacity(spec.steps.len());
    for (register, step) in spec.steps.iter().enumerate() {
        origins.push(match step {
            _ if !used[register] => Origin::Unused,
            Step::Constant(_) => Origin::Uniform,
            Step::Input(_) | Step::Iota { .. } if is_uniform[register] => Origin::Uniform,
            Step::Input(_) | Step::Iota { .. } => Origin::Loaded,
            _ if step
                .operands()
                .all(|operand| origins[operand] == Origin::Uniform) =>
            {
                Origin::Uniform
            }
            _ => Origin::Computed,
        });
    }
    origins
}

/// Marks what a register needs; operands stand before it.
fn mark(spec: &KernelSpec, register: Register, used: &mut [bool]) {
    for operand in spec.steps[register].operands() {
        if !std::mem::replace(&mut used[operand], true) {
            mark(spec, operand, used);
        }
    }
}

fn unsupported(step: &Step, dtypes: &[DType]) -> Error {
    let types: Vec<&str> = step
        .operands()
        .map(|operand| dtypes[operand].name())
        .collect();
    Error::engine(
        "fused kernel",
        "operations that are defined for the types of their operands",
        format!("{step:?} of {}", types.join(", ")),
        "Convert the operands with cast",
    )
}

pub(super) fn invalid(expected: &str, got: String) -> Error {
    Error::engine("fused kernel", expected, got, "")
}
