//! Loops: the body's own code, run turn by turn.
#![allow(unsafe_code)] // Addresses come from the memory plan.

use hornblende_core::Result;
use hornblende_core::engine::Report;

use super::{Memory, Place, Step};
use crate::Pool;
use crate::program::{Addresses, Bindings, Code};

/// A part of the state that a loop carries: two buffers, written in turn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carried {
    /// Where it is before the first turn.
    pub(crate) initial: Place,
    pub(crate) buffers: [Place; 2],
    pub(crate) bytes: usize,
    /// Where it is wanted after the last turn.
    pub(crate) last: Option<Place>,
    /// Where its values before each turn are wanted, one after the other.
    pub(crate) stacked: Option<Place>,
}

impl Carried {
    /// Where the value is before turn `turn`, counted in the order in which turns run.
    fn before(&self, memory: &Memory<'_>, turn: usize) -> *mut u8 {
        match turn {
            0 => memory.at(self.initial),
            _ => memory.at(self.buffers[(turn - 1) % 2]),
        }
    }

    fn after(&self, memory: &Memory<'_>, turn: usize) -> *mut u8 {
        memory.at(self.buffers[turn % 2])
    }

    /// # Safety
    /// As for [`Step::run`].
    unsafe fn hand_over(&self, memory: &Memory<'_>, turns: usize) {
        if let Some(last) = self.last {
            // SAFETY: both hold so many bytes and are different values.
            unsafe { copy(self.before(memory, turns), memory.at(last), self.bytes) };
        }
    }
}

/// # Safety
/// Both are valid for so many bytes and do not overlap.
unsafe fn copy(from: *const u8, to: *mut u8, bytes: usize) {
    // SAFETY: the caller's contract.
    unsafe { std::ptr::copy_nonoverlapping(from, to, bytes) };
}

/// `Op::Scan`.
pub(crate) struct ScanStep {
    pub(crate) body: Code,
    pub(crate) carried: Vec<Carried>,
    /// What is sliced: the whole, and the bytes of a slice.
    pub(crate) slices: Vec<(Place, usize)>,
    pub(crate) constants: Vec<Place>,
    /// Where the outputs go, one after the other or, if nobody wants them, over one another.
    pub(crate) outputs: Vec<(Place, usize)>,
    pub(crate) length: usize,
    pub(crate) reverse: bool,
    pub(crate) parameters: Addresses,
    pub(crate) results: Addresses,
}

impl Step for ScanStep {
    fn report(&self, report: &mut Report) {
        report.steps += 1;
        self.body.report(report);
    }

    unsafe fn run(&mut self, memory: &Memory<'_>, _pool: &Pool) -> Result<()> {
        for turn in 0..self.length {
            let slot = if self.reverse {
                self.length - 1 - turn
            } else {
                turn
            };
            let carried = self.carried.iter().map(|c| c.before(memory, turn));
            let slice =
                |(place, bytes): &(Place, usize)| memory.at(*place).wrapping_add(slot * bytes);
            let constants = self.constants.iter().map(|c| memory.at(*c));
            let operands = carried
                .chain(self.slices.iter().map(slice))
                .chain(constants);
            self.parameters
                .0
                .iter_mut()
                .zip(operands)
                .for_each(|(to, from)| *to = from);
            let next = self.carried.iter().map(|c| c.after(memory, turn));
            let results = next.chain(self.outputs.iter().map(slice));
            self.results
                .0
                .iter_mut()
                .zip(results)
                .for_each(|(to, from)| *to = from);
            for carried in &self.carried {
                if let Some(stacked) = carried.stacked {
                    let to = memory.at(stacked).wrapping_add(slot * carried.bytes);
                    // SAFETY: the stack holds a value for each turn.
                    unsafe { copy(carried.before(memory, turn), to, carried.bytes) };
                }
            }
            let bindings = Bindings {
                parameters: &self.parameters.0,
                states: &[],
                outputs: &self.results.0,
            };
            // SAFETY: the addresses are those of operands and results of the body's shapes; what a turn writes
            // is no operand of it.
            unsafe { self.body.run(bindings)? };
        }
        for carried in &self.carried {
            // SAFETY: the caller's contract.
            unsafe { carried.hand_over(memory, self.length) };
        }
        Ok(())
    }
}

/// `Op::While`.
pub(crate) struct WhileStep {
    pub(crate) condition: Code,
    pub(crate) body: Code,
    pub(crate) state: Vec<Carried>,
    /// The byte in which the condition leaves its truth value.
    pub(crate) goes_on: Place,
    pub(crate) parameters: Addresses,
    pub(crate) results: Addresses,
}

impl Step for WhileStep {
    fn report(&self, report: &mut Report) {
        report.steps += 1;
        self.condition.report(report);
        self.body.report(report);
    }

    unsafe fn run(&mut self, memory: &Memory<'_>, _pool: &Pool) -> Result<()> {
        let mut turn = 0;
        loop {
            let now = self.state.iter().map(|s| s.before(memory, turn));
            self.parameters
                .0
                .iter_mut()
                .zip(now)
                .for_each(|(to, from)| *to = from);
            let goes_on = memory.at(self.goes_on);
            let bindings = Bindings {
                parameters: &self.parameters.0,
                states: &[],
                outputs: &[goes_on],
            };
            // SAFETY: the addresses are those of the state and of the condition's result.
            unsafe {
                self.condition.run(bindings)?;
                if goes_on.read() == 0 {
                    break;
                }
            }
            let next = self.state.iter().map(|s| s.after(memory, turn));
            self.results
                .0
                .iter_mut()
                .zip(next)
                .for_each(|(to, from)| *to = from);
            let bindings = Bindings {
                parameters: &self.parameters.0,
                states: &[],
                outputs: &self.results.0,
            };
            // SAFETY: as above; the next state goes to the other buffers.
            unsafe { self.body.run(bindings)? };
            turn += 1;
        }
        for state in &self.state {
            // SAFETY: the caller's contract.
            unsafe { state.hand_over(memory, turn) };
        }
        Ok(())
    }
}
