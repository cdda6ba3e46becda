//! A program of the native engine: a flat list of steps on memory that was laid out in advance.
#![allow(unsafe_code)] // Addresses of the caller's values are handed to the kernels.

use hornblende_core::engine::Executable;
use hornblende_core::{Error, Result, Spec, Value};

use crate::memory::AlignedBytes;
use crate::steps::{Memory, Step};
use crate::{FlushDenormals, Pool};

/// Where a value of the program is.
#[derive(Debug, Clone)]
pub(crate) enum Home {
    /// The parameter of this number.
    Parameter(usize),
    /// The state of this number.
    State(usize),
    /// The output of this number.
    Output(usize),
    /// A constant, which the program keeps.
    Constant(Value),
    /// So many bytes from the start of the arena.
    Arena(usize),
}

/// A compiled graph.
pub(crate) struct Program {
    pub(crate) steps: Vec<Box<dyn Step>>,
    pub(crate) homes: Vec<Home>,
    pub(crate) arena: AlignedBytes,
    pub(crate) workspace: AlignedBytes,
    pub(crate) parameters: Vec<Spec>,
    pub(crate) states: Vec<Spec>,
    pub(crate) outputs: Vec<Spec>,
    /// Which states are written: the others may be shared with other values.
    pub(crate) updated: Vec<bool>,
    pub(crate) addresses: Addresses,
    pub(crate) pool: &'static Pool,
}

/// The address of each value during a run, kept so that a run allocates nothing.
pub(crate) struct Addresses(pub(crate) Vec<*mut u8>);

// SAFETY: between runs the addresses mean nothing, and a run sets them anew.
unsafe impl Send for Addresses {}

impl Executable for Program {
    fn run(
        &mut self,
        parameters: &[Value],
        states: &mut [Value],
        outputs: &mut [Value],
    ) -> Result<()> {
        check("parameters", parameters, &self.parameters)?;
        check("states", states, &self.states)?;
        check("outputs", outputs, &self.outputs)?;
        for (home, address) in self.homes.iter().zip(&mut self.addresses.0) {
            *address = match home {
                Home::Parameter(k) => parameters[*k].storage().as_ptr().cast_mut(),
                Home::State(k) if self.updated[*k] => states[*k].make_mut().as_mut_ptr(),
                Home::State(k) => states[*k].storage().as_ptr().cast_mut(),
                Home::Output(k) => outputs[*k].make_mut().as_mut_ptr(),
                Home::Constant(value) => value.storage().as_ptr().cast_mut(),
                Home::Arena(offset) => self.arena.start().wrapping_add(*offset),
            };
        }
        let memory = Memory {
            values: &self.addresses.0,
            workspace: self.workspace.start(),
        };
        let _flush = FlushDenormals::new();
        for step in &mut self.steps {
            // SAFETY: the plan gave each value the room it needs, the caller's values were just checked, only
            // states that are updated and outputs are written to, and `make_mut` has made those unshared.
            unsafe { step.run(&memory, self.pool)? };
        }
        Ok(())
    }
}

fn check(what: &str, values: &[Value], specs: &[Spec]) -> Result<()> {
    let fits = |(v, s): (&Value, &Spec)| v.dtype() == s.dtype && *v.shape() == s.shape;
    if values.len() == specs.len() && values.iter().zip(specs).all(fits) {
        return Ok(());
    }
    let list = |items: Vec<String>| items.join(", ");
    Err(Error::engine(
        format!("the {what} of a program"),
        list(
            specs
                .iter()
                .map(|s| format!("{} {}", s.dtype, s.shape))
                .collect(),
        ),
        list(
            values
                .iter()
                .map(|v| format!("{} {}", v.dtype(), v.shape()))
                .collect(),
        ),
        "",
    ))
}
