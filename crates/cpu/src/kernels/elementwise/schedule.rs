//! The order in which the steps of a block run, and which of them are one chain.

use super::registers::Origin;
use super::spec::KernelSpec;
use super::step::{Register, Step};
use hornblende_core::DType;
use hornblende_core::graph::op::{Binary, Comparison, Unary};

/// What one instruction computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Group {
    /// One register, by a loop.
    Loop(Register),
    /// Registers of which each is made of the one before it.
    Chain(Vec<Register>),
}

/// The computed registers of a kernel in groups, each after what it reads.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    pub(super) groups: Vec<Group>,
    /// For each register, its place in the order; comparisons that are part of a choice have its place.
    pub(super) positions: Vec<usize>,
    /// The steps and outputs that read a register.
    uses: Vec<usize>,
    /// Comparisons that exist only within the choice that they decide.
    absorbed: Vec<bool>,
}

impl Schedule {
    /// Puts steps that pass an `f32` on to one another into chains, in an order that keeps to the order of
    /// the steps otherwise.
    pub(super) fn new(spec: &KernelSpec, dtypes: &[DType], origins: &[Origin]) -> Self {
        let steps = spec.steps.len();
        let mut schedule = Self {
            positions: vec![usize::MAX; steps],
            uses: vec![0; steps],
            absorbed: vec![false; steps],
            ..Self::default()
        };
        schedule.absorb(spec, dtypes, origins);
        let mut waiting: Vec<Register> = (0..steps)
            .filter(|r| origins[*r] == Origin::Computed && !schedule.absorbed[*r])
            .collect();
        let mut is_done: Vec<bool> = origins
            .iter()
            .map(|origin| *origin != Origin::Computed)
            .collect();
        let mut position = 0;
        while !waiting.is_empty() {
            let is_ready = |r: Register, is_done: &[bool]| {
                schedule
                    .reads(spec, r)
                    .iter()
                    .all(|operand| is_done[*operand])
            };
            // Steps stand after their operands, so the first that waits is ready.
            let first = waiting.remove(0);
            is_done[first] = true;
            let mut chain = vec![first];
            let mut last = first;
            while schedule.is_chainable(spec, dtypes, last) {
                let next = waiting.iter().position(|r| {
                    is_ready(*r, &is_done) && schedule.continues(spec, dtypes, last, *r)
                });
                let Some(next) = next else { break };
                last = waiting.remove(next);
                is_done[last] = true;
                chain.push(last);
            }
            for register in &chain {
                schedule.positions[*register] = position;
                if let Some((_, predicate, ..)) = schedule.choice(spec, *register) {
                    schedule.positions[predicate] = position;
                }
                position += 1;
            }
            let is_chain = chain.len() > 1 || schedule.choice(spec, first).is_some();
            schedule.groups.push(if is_chain {
                Group::Chain(chain)
            } else {
                Group::Loop(first)
            });
        }
        schedule
    }

    /// The registers that a step reads, those of an absorbed comparison in its place; each once.
    pub(super) fn reads(&self, spec: &KernelSpec, register: Register) -> Vec<Register> {
        let mut reads: Vec<Register> = Vec::new();
        for operand in spec.steps[register].operands() {
            if self.absorbed[operand] {
                reads.extend(spec.steps[operand].operands());
            } else {
                reads.push(operand);
            }
        }
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    /// Whether a register of a chain must be in memory, and not only in the accumulator of the chain.
    pub(super) fn is_stored(&self, chain: &[Register], place: usize) -> bool {
        place + 1 == chain.len() || self.uses[chain[place]] > 1
    }

    /// The parts of a step that picks by an absorbed comparison: how it compares, the register of the
    /// comparison, the two registers that it compares, and the two that it picks from.
    pub(super) fn choice(
        &self,
        spec: &KernelSpec,
        register: Register,
    ) -> Option<(Comparison, Register, [Register; 2], [Register; 2])> {
        match spec.steps[register] {
            Step::Select(predicate, yes, no) if self.absorbed[predicate] => {
                match spec.steps[predicate] {
                    Step::Compare(op, a, b) => Some((op, predicate, [a, b], [yes, no])),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Marks the comparisons of `f32` that decide one choice between `f32` and nothing else, and counts the
    /// uses of all registers.
    fn absorb(&mut self, spec: &KernelSpec, dtypes: &[DType], origins: &[Origin]) {
        let computed = |r: &Register| origins[*r] == Origin::Computed;
        let count = |schedule: &mut Self| {
            schedule.uses.fill(0);
            for register in (0..spec.steps.len()).filter(computed) {
                if !schedule.absorbed[register] {
                    for operand in schedule.reads(spec, register) {
                        schedule.uses[operand] += 1;
                    }
                }
            }
            for output in &spec.outputs {
                schedule.uses[output.register] += 1;
            }
        };
        count(self);
        for register in (0..spec.steps.len()).filter(computed) {
            if let Step::Select(predicate, yes, _) = spec.steps[register]
                && let Step::Compare(_, a, _) = spec.steps[predicate]
            {
                let is_float = dtypes[yes] == DType::F32 && dtypes[a] == DType::F32;
                self.absorbed[predicate] =
                    is_float && computed(&predicate) && self.uses[predicate] == 1;
            }
        }
        count(self);
    }

    /// Whether a chain can compute the step.
    fn is_chainable(&self, spec: &KernelSpec, dtypes: &[DType], register: Register) -> bool {
        use Binary::{Add, Divide, Maximum, Minimum, Multiply, Subtract};
        dtypes[register] == DType::F32
            && match spec.steps[register] {
                Step::Binary(op, ..) => {
                    matches!(op, Add | Subtract | Multiply | Divide | Maximum | Minimum)
                }
                Step::Unary(op, _) => {
                    matches!(op, Unary::Abs | Unary::Negate | Unary::Sqrt | Unary::Rsqrt)
                }
                Step::Select(..) => self.choice(spec, register).is_some(),
                _ => false,
            }
    }

    /// Whether `next` can be computed while `last` is in the accumulator, which it reads.
    fn continues(
        &self,
        spec: &KernelSpec,
        dtypes: &[DType],
        last: Register,
        next: Register,
    ) -> bool {
        if !self.is_chainable(spec, dtypes, next) {
            return false;
        }
        if let Some((_, _, compared, picked)) = self.choice(spec, next) {
            return (compared[0] == last) != (compared[1] == last) && !picked.contains(&last);
        }
        match spec.steps[next] {
            Step::Binary(op, a, b) if a == b => a == last && op == Binary::Multiply,
            Step::Binary(_, a, b) => a == last || b == last,
            Step::Unary(_, a) => a == last,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementwise::{Operand, Output, OutputKind, Scalar};

    fn groups(inputs: usize, steps: Vec<Step>, outputs: &[Register]) -> Vec<Group> {
        let operand = Operand {
            dtype: DType::F32,
            strides: vec![1],
        };
        let spec = KernelSpec {
            extents: vec![8],
            inputs: vec![operand; inputs],
            outputs: outputs
                .iter()
                .map(|register| Output {
                    register: *register,
                    kind: OutputKind::Store,
                })
                .collect(),
            steps,
        };
        let dtypes = super::super::registers::dtypes(&spec, crate::CpuLevel::Baseline).unwrap();
        let origins: Vec<Origin> = spec
            .steps
            .iter()
            .map(|step| match step {
                Step::Input(_) => Origin::Loaded,
                Step::Constant(_) => Origin::Uniform,
                _ => Origin::Computed,
            })
            .collect();
        Schedule::new(&spec, &dtypes, &origins).groups
    }

    #[test]
    fn what_waits_for_another_result_does_not_interrupt_a_chain() {
        use Binary::{Add, Divide, Multiply};
        let steps = vec![
            Step::Input(0),
            Step::Input(1),
            Step::Binary(Add, 0, 1),
            Step::Binary(Multiply, 1, 1),
            Step::Binary(Multiply, 2, 0),
            Step::Unary(Unary::Sqrt, 3),
            Step::Binary(Divide, 4, 5),
        ];
        let expected = vec![Group::Chain(vec![2, 4]), Group::Chain(vec![3, 5, 6])];
        assert_eq!(groups(2, steps, &[6]), expected);
    }

    #[test]
    fn functions_are_loops_between_chains() {
        let steps = vec![
            Step::Input(0),
            Step::Unary(Unary::Negate, 0),
            Step::Unary(Unary::Exponential, 1),
            Step::Binary(Binary::Add, 2, 0),
            Step::Binary(Binary::Multiply, 3, 3),
        ];
        let expected = vec![Group::Loop(1), Group::Loop(2), Group::Chain(vec![3, 4])];
        assert_eq!(groups(1, steps, &[4]), expected);
    }

    #[test]
    fn a_comparison_is_part_of_the_only_choice_that_it_decides() {
        let steps = |other_output: bool| {
            let steps = vec![
                Step::Input(0),
                Step::Constant(Scalar::F32(0.0)),
                Step::Compare(Comparison::Gt, 0, 1),
                Step::Select(2, 0, 1),
            ];
            groups(1, steps, if other_output { &[2, 3] } else { &[3] })
        };
        assert_eq!(steps(false), vec![Group::Chain(vec![3])]);
        assert_eq!(steps(true), vec![Group::Loop(2), Group::Loop(3)]);
    }
}
