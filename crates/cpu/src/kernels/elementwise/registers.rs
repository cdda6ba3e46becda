//! From steps to instructions: which loop runs, and where its operands are.

use super::block::{BlockFunction, FIRST_FIXED, NONE_FIXED, SECOND_FIXED, THIRD_FIXED};
use super::opcodes;
use super::scalar::Cell;
use super::spec::KernelSpec;
use super::step::{Register, Step};
use super::{BLOCK, block, lines};
use crate::CpuLevel;
use hornblende_core::{DType, Error, Result};

/// One loop over a block; operands are places in the table of addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instruction {
    pub(super) function: BlockFunction,
    pub(super) to: u16,
    pub(super) from: [u16; 3],
}

/// A number that fills a block, for the loops that have no form with a fixed operand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Splat {
    pub(super) to: u16,
    pub(super) from: u16,
    pub(super) size: usize,
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
    pub(super) prologue: Vec<Instruction>,
    /// Filled once, after the prologue.
    pub(super) splats: Vec<Splat>,
    /// Run for each block.
    pub(super) instructions: Vec<Instruction>,
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
    /// For each register, the instruction that computes it.
    pub(super) computed_by: Vec<usize>,
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
        if steps + 3 * steps > usize::from(u16::MAX) {
            return Err(invalid("at most 16,000 steps", format!("{steps}")));
        }
        let mut program = Self {
            slots: steps,
            dtypes,
            origins: origins(spec, is_uniform),
            computed_by: vec![usize::MAX; steps],
            ..Self::default()
        };
        for register in 0..steps {
            let step = &spec.steps[register];
            match program.origins[register] {
                Origin::Unused => {}
                Origin::Uniform => program.uniform(register, step, level)?,
                Origin::Loaded => {}
                Origin::Computed => {
                    program.computed_by[register] = program.instructions.len();
                    let instruction = program.instruction(register, step, level)?;
                    program.instructions.push(instruction);
                }
            }
        }
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
        let from = slot(register);
        if let Some(splat) = self.splats.iter().find(|splat| splat.from == from) {
            return splat.to;
        }
        let to = slot(self.slots);
        self.slots += 1;
        let offset = self.take_block(register);
        self.resident.push((to, offset));
        self.splats.push(Splat {
            to,
            from,
            size: self.dtypes[register].size(),
        });
        to
    }

    /// Gives computed registers their blocks of scratch memory. A register that `lives_on` keeps its
    /// block to the end; the others hand it on when the last instruction has read it.
    pub(super) fn assign_blocks(&mut self, spec: &KernelSpec, lives_on: impl Fn(Register) -> bool) {
        let steps = spec.steps.len();
        let computed: Vec<Register> = (0..steps)
            .filter(|r| self.origins[*r] == Origin::Computed)
            .collect();
        let mut last_use = vec![0; steps];
        for &register in &computed {
            for operand in spec.steps[register].operands() {
                last_use[operand] = register;
            }
        }
        // Blocks that are free, each with the bytes of an element.
        let mut free: Vec<(usize, usize)> = Vec::new();
        let mut place = vec![0; steps];
        for register in computed {
            let size = self.dtypes[register].size();
            let found = free.iter().rposition(|(_, free_size)| *free_size == size);
            place[register] = match found {
                Some(k) => free.remove(k).0,
                None => self.take_block(register),
            };
            self.resident.push((slot(register), place[register]));
            // The result has its own place already: a loop never writes where it reads.
            let mut operands: Vec<Register> = spec.steps[register].operands().collect();
            operands.sort_unstable();
            operands.dedup();
            for operand in operands {
                let ends = last_use[operand] == register && !lives_on(operand);
                if ends && self.origins[operand] == Origin::Computed {
                    free.push((place[operand], self.dtypes[operand].size()));
                }
            }
        }
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
                self.prologue.push(Instruction {
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
    fn instruction(
        &mut self,
        register: Register,
        step: &Step,
        level: CpuLevel,
    ) -> Result<Instruction> {
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
        Ok(Instruction {
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
