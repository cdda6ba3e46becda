//! Runs one operation by the reference interpreter: for rare operations and element types.
#![allow(unsafe_code)] // Values are copied from and to planned memory.

use hornblende_core::engine::Report;
use hornblende_core::graph::infer::spec_of;
use hornblende_core::graph::{Graph, Spec};
use hornblende_core::{Result, Storage, Value, reference};

use super::{Memory, Place, Step};
use crate::Pool;

/// One operation with the places of its operands and its result, all dense.
pub(crate) struct InterpretedStep {
    graph: Graph,
    inputs: Vec<Place>,
    outputs: Vec<Place>,
}

impl InterpretedStep {
    /// A graph of parameters and outputs without states.
    pub(crate) fn new(graph: Graph, inputs: Vec<Place>, outputs: Vec<Place>) -> Self {
        Self {
            graph,
            inputs,
            outputs,
        }
    }
}

impl Step for InterpretedStep {
    fn report(&self, report: &mut Report) {
        report.steps += 1;
        let outputs = self.graph.outputs.iter();
        report
            .interpreted
            .extend(outputs.map(|id| self.graph.nodes[*id].op.name()));
    }

    unsafe fn run(&mut self, memory: &Memory<'_>, _pool: &Pool) -> Result<()> {
        let mut operands = Vec::with_capacity(self.inputs.len());
        for (spec, place) in self.graph.parameters.iter().zip(&self.inputs) {
            // SAFETY: the caller's contract.
            operands.push(unsafe { value_at(spec, memory.at(*place)) }?);
        }
        let results = reference::run(&self.graph, &operands, &mut [])?;
        for ((result, place), id) in results.iter().zip(&self.outputs).zip(&self.graph.outputs) {
            let bytes = spec_of(&self.graph.nodes[*id]).shape.len() * result.dtype().size();
            let from = result.elements().as_ptr();
            // SAFETY: both hold so many bytes; the result is fresh memory.
            unsafe { std::ptr::copy_nonoverlapping(from, memory.at(*place), bytes) };
        }
        Ok(())
    }
}

/// # Safety
/// The address is valid for the elements of the spec.
unsafe fn value_at(spec: &Spec, address: *const u8) -> Result<Value> {
    let mut storage = Storage::zeros(spec.dtype, spec.shape.len());
    let bytes = spec.shape.len() * spec.dtype.size();
    // SAFETY: the caller's contract; the storage has as many bytes.
    unsafe { std::ptr::copy_nonoverlapping(address, storage.as_mut_ptr(), bytes) };
    Value::new(spec.shape.clone(), storage)
}
