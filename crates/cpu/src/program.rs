//! A program of the native engine: a flat list of steps on memory that was laid out in advance.
#![allow(unsafe_code)] // Addresses of the caller's values are handed to the kernels.

use hornblende_core::engine::{Executable, Report};
use hornblende_core::graph::Graph;
use hornblende_core::graph::infer::spec_of;
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

/// The steps of a graph with the memory that they need.
pub(crate) struct Code {
    pub(crate) steps: Vec<Box<dyn Step>>,
    pub(crate) homes: Vec<Home>,
    pub(crate) arena: AlignedBytes,
    pub(crate) workspace: AlignedBytes,
    pub(crate) addresses: Addresses,
    pub(crate) pool: &'static Pool,
}

/// Addresses of one run, kept so that a run allocates nothing.
#[derive(Default)]
pub(crate) struct Addresses(pub(crate) Vec<*mut u8>);

// SAFETY: between runs the addresses mean nothing, and a run sets them anew.
unsafe impl Send for Addresses {}

impl Addresses {
    /// Room for so many addresses.
    pub(crate) fn room(len: usize) -> Self {
        Self(vec![std::ptr::null_mut(); len])
    }
}

/// What belongs to the caller of a run.
#[derive(Clone, Copy)]
pub(crate) struct Bindings<'a> {
    pub(crate) parameters: &'a [*mut u8],
    pub(crate) states: &'a [*mut u8],
    pub(crate) outputs: &'a [*mut u8],
}

impl Code {
    /// Adds what this code consists of.
    pub(crate) fn report(&self, report: &mut Report) {
        report.arena += self.arena.len();
        report.workspace += self.workspace.len();
        self.steps.iter().for_each(|step| step.report(report));
    }

    /// Runs the steps once.
    ///
    /// # Safety
    /// The addresses are valid for the graph's parameters, states and outputs. Parameters are only read;
    /// nobody else touches the outputs or the states that are updated meanwhile.
    pub(crate) unsafe fn run(&mut self, bindings: Bindings<'_>) -> Result<()> {
        for (home, address) in self.homes.iter().zip(&mut self.addresses.0) {
            *address = match home {
                Home::Parameter(k) => bindings.parameters[*k],
                Home::State(k) => bindings.states[*k],
                Home::Output(k) => bindings.outputs[*k],
                Home::Constant(value) => value.elements().as_ptr().cast_mut(),
                Home::Arena(offset) => self.arena.start().wrapping_add(*offset),
            };
        }
        let memory = Memory {
            values: &self.addresses.0,
            workspace: self.workspace.start(),
        };
        for step in &mut self.steps {
            // SAFETY: the plan gave each value the room it needs; for the rest, the caller's contract.
            unsafe { step.run(&memory, self.pool)? };
        }
        Ok(())
    }
}

/// A compiled graph.
pub(crate) struct Program {
    code: Code,
    specs: [Vec<Spec>; 3],
    /// Which states are written: the others may be shared with other values.
    updated: Vec<bool>,
    /// The addresses of parameters, states and outputs.
    bound: [Addresses; 3],
}

impl Program {
    /// The program of a graph whose code this is.
    pub(crate) fn new(graph: &Graph, code: Code) -> Self {
        let mut updated = vec![false; graph.states.len()];
        graph
            .updates
            .iter()
            .for_each(|(state, _)| updated[*state] = true);
        let outputs = graph
            .outputs
            .iter()
            .map(|id| spec_of(&graph.nodes[*id]))
            .collect();
        let specs = [graph.parameters.clone(), graph.states.clone(), outputs];
        let bound = [0, 1, 2].map(|k| Addresses::room(specs[k].len()));
        Self {
            code,
            specs,
            updated,
            bound,
        }
    }
}

impl Executable for Program {
    fn run(
        &mut self,
        parameters: &[Value],
        states: &mut [Value],
        outputs: &mut [Value],
    ) -> Result<()> {
        check("parameters", parameters, &self.specs[0])?;
        check("states", states, &self.specs[1])?;
        check("outputs", outputs, &self.specs[2])?;
        let [for_parameters, for_states, for_outputs] = &mut self.bound;
        for (address, value) in for_parameters.0.iter_mut().zip(parameters) {
            *address = value.elements().as_ptr().cast_mut();
        }
        for (k, (address, value)) in for_states.0.iter_mut().zip(states).enumerate() {
            *address = match self.updated[k] {
                true => value.make_mut().as_mut_ptr(),
                false => value.elements().as_ptr().cast_mut(),
            };
        }
        for (address, value) in for_outputs.0.iter_mut().zip(outputs) {
            *address = value.make_mut().as_mut_ptr();
        }
        let _flush = FlushDenormals::new();
        let bindings = Bindings {
            parameters: &for_parameters.0,
            states: &for_states.0,
            outputs: &for_outputs.0,
        };
        // SAFETY: the values were just checked; only states that are updated and outputs are written to, and
        // `make_mut` has made those unshared.
        unsafe { self.code.run(bindings) }
    }

    fn report(&self) -> Report {
        let mut report = Report::default();
        self.code.report(&mut report);
        report
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
