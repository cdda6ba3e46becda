//! A compiled program with the variables it reads and updates.

use crate::engine::{Executable, Report};
use crate::error::{Error, Result};
use crate::graph::infer::spec_of;
use crate::graph::{Graph, Spec};
use crate::lower::Lowered;
use crate::passes;
use crate::registry;
use crate::shape::Shape;
use crate::value::Value;
use crate::variable::Variable;

/// A compiled program: run it many times; a steady run allocates nothing.
pub struct Program {
    executable: Box<dyn Executable>,
    parameters: Vec<Spec>,
    variables: Vec<Variable>,
    updated: Vec<bool>,
    /// The variables' numbers in the order of their identities: two programs that share variables take
    /// them in the same order, so that neither waits for the other forever.
    order: Vec<usize>,
    /// Room for the values of the variables during a run.
    states: Vec<Value>,
    outputs: Vec<Value>,
    /// What stands in `states` between runs.
    empty: Value,
}

impl Program {
    /// Optimises and compiles with the current engine.
    pub(crate) fn compile(lowered: Lowered) -> Result<Self> {
        let Lowered {
            graph, variables, ..
        } = lowered;
        Self::from_graph(&graph, variables)
    }

    /// Optimises and compiles a graph whose states are these variables.
    ///
    /// # Errors
    /// [`Error::Engine`] if the engine cannot compile it.
    pub fn from_graph(graph: &Graph, variables: Vec<Variable>) -> Result<Self> {
        let graph = passes::optimize(graph);
        let executable = registry::engine().compile(&graph)?;
        let mut updated = vec![false; variables.len()];
        graph
            .updates
            .iter()
            .for_each(|(state, _)| updated[*state] = true);
        let mut order: Vec<usize> = (0..variables.len()).collect();
        order.sort_by_key(|k| variables[*k].id());
        // A scalar's shape owns no memory, so that clones of it allocate nothing.
        let empty = Value::zeros(Shape::scalar(), crate::DType::U8);
        Ok(Self {
            executable,
            states: vec![empty.clone(); variables.len()],
            outputs: fresh_outputs(&graph),
            parameters: graph.parameters,
            variables,
            updated,
            order,
            empty,
        })
    }

    /// What the parameters must be.
    #[must_use]
    pub fn parameters(&self) -> &[Spec] {
        &self.parameters
    }

    /// The variables that the program reads or updates.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// What the engine made of the graph.
    #[must_use]
    pub fn report(&self) -> Report {
        self.executable.report()
    }

    /// Runs once and updates the variables in place. The outputs stay in the program's own memory: if the
    /// caller keeps a clone of one, the next run makes a new one.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if a parameter is not what the program was compiled for; what the engine
    /// reports.
    pub fn run(&mut self, parameters: &[Value]) -> Result<&[Value]> {
        self.check(parameters)?;
        for k in &self.order {
            let variable = &self.variables[*k];
            if self.updated[*k] {
                self.states[*k] = variable.check_out();
            } else {
                variable.share_with(&mut self.states[*k]);
            }
        }
        let mut lent = Lent { program: self };
        lent.run(parameters)?;
        drop(lent);
        Ok(&self.outputs)
    }

    fn check(&self, parameters: &[Value]) -> Result<()> {
        let fits = |(wanted, got): (&Spec, &Value)| {
            wanted.dtype == got.dtype() && wanted.shape == *got.shape()
        };
        let same_number = parameters.len() == self.parameters.len();
        if same_number && self.parameters.iter().zip(parameters).all(fits) {
            return Ok(());
        }
        let list = |specs: Vec<String>| specs.join(", ");
        Err(Error::shape_mismatch(
            "a compiled program",
            list(
                self.parameters
                    .iter()
                    .map(|s| format!("{} {}", s.dtype, s.shape))
                    .collect(),
            ),
            list(
                parameters
                    .iter()
                    .map(|v| format!("{} {}", v.dtype(), v.shape()))
                    .collect(),
            ),
            "",
        ))
    }
}

/// A program that holds its variables' values: it gives them back however the run ends.
struct Lent<'a> {
    program: &'a mut Program,
}

impl Lent<'_> {
    fn run(&mut self, parameters: &[Value]) -> Result<()> {
        let program = &mut *self.program;
        program
            .executable
            .run(parameters, &mut program.states, &mut program.outputs)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let program = &mut *self.program;
        for (k, variable) in program.variables.iter().enumerate() {
            if program.updated[k] {
                let value = std::mem::replace(&mut program.states[k], program.empty.clone());
                variable.give_back(value);
            } else {
                program.states[k].clone_from(&program.empty);
            }
        }
    }
}

/// Values for the outputs of a graph, to be written by a run.
fn fresh_outputs(graph: &Graph) -> Vec<Value> {
    let output = |id: &usize| {
        let spec = spec_of(&graph.nodes[*id]);
        Value::zeros(spec.shape, spec.dtype)
    };
    graph.outputs.iter().map(output).collect()
}
