//! The reference engine: a naive interpreter of graphs, which says what each primitive means.
//!
//! It is written to be read and to be right, not to be fast: every node is computed by itself into a
//! fresh value, with plain index arithmetic. The engines are tested against it.
//!
//! # Numbers
//! - `+ - * /`, comparisons and square roots of `F32` are done in `f32`. Functions such as `exp` are
//!   evaluated in `f64` and rounded once.
//! - Sums and products of many `F32` elements (reductions, running sums, matrix products, convolutions,
//!   scattered additions) are accumulated in `f64` and rounded once, so that this engine is the more
//!   exact side of a comparison.
//! - `F16` and `BF16` are computed as `F32` and rounded after each node.
//! - Integers wrap around and keep all their bits. Truth values add as `or` and multiply as `and`.
//! - Subnormal numbers are kept.

mod convolution;
mod elementwise;
mod index;
mod indexing;
mod interpreter;
mod loops;
mod movement;
mod number;
mod product;
mod reduction;
mod sources;
mod special;
mod windows;

use crate::engine::{Engine, Executable};
use crate::error::{Error, Result};
use crate::graph::verify::verify;
use crate::graph::{Graph, Spec};
use crate::value::Value;

pub(crate) use interpreter::evaluate_node;

/// The engine that interprets graphs node by node.
///
/// # Example
/// ```
/// use hornblende_core::engine::Engine;
/// use hornblende_core::graph::Graph;
/// use hornblende_core::reference::ReferenceEngine;
/// let mut nothing = ReferenceEngine.compile(&Graph::default())?;
/// nothing.run(&[], &mut [], &mut [])?;
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ReferenceEngine;

impl Engine for ReferenceEngine {
    fn name(&self) -> &str {
        "reference"
    }

    fn compile(&self, graph: &Graph) -> Result<Box<dyn Executable>> {
        verify(graph)?;
        Ok(Box::new(Interpreted {
            graph: graph.clone(),
        }))
    }
}

/// Runs a graph once: returns its outputs and updates `states`.
///
/// # Errors
/// [`Error::Engine`] if an argument has another shape or type than the graph says, or if an operation
/// is not defined for its element type.
pub fn run(graph: &Graph, parameters: &[Value], states: &mut [Value]) -> Result<Vec<Value>> {
    check("parameters", parameters, &graph.parameters)?;
    check("states", states, &graph.states)?;
    let (outputs, updates) = interpreter::evaluate(graph, parameters, states)?;
    for ((state, _), value) in graph.updates.iter().zip(updates) {
        states[*state] = value;
    }
    Ok(outputs)
}

struct Interpreted {
    graph: Graph,
}

impl Executable for Interpreted {
    fn run(
        &mut self,
        parameters: &[Value],
        states: &mut [Value],
        outputs: &mut [Value],
    ) -> Result<()> {
        let wanted = self.graph.outputs.iter().map(|id| {
            let node = &self.graph.nodes[*id];
            Spec {
                shape: node.shape.clone(),
                dtype: node.dtype,
            }
        });
        check("outputs", outputs, &wanted.collect::<Vec<_>>())?;
        let values = run(&self.graph, parameters, states)?;
        for (output, value) in outputs.iter_mut().zip(values) {
            *output = value;
        }
        Ok(())
    }
}

fn check(what: &str, values: &[Value], specs: &[Spec]) -> Result<()> {
    if values.len() != specs.len() {
        return Err(Error::engine(
            "reference",
            format!("{} {what}", specs.len()),
            values.len().to_string(),
            "",
        ));
    }
    for (k, (value, spec)) in values.iter().zip(specs).enumerate() {
        if *value.shape() != spec.shape || value.dtype() != spec.dtype {
            return Err(Error::engine(
                "reference",
                format!("{} {} as number {k} of the {what}", spec.dtype, spec.shape),
                format!("{} {}", value.dtype(), value.shape()),
                "",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
