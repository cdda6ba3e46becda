//! A compiled program with the variables it reads and updates.

use std::sync::Arc;

use crate::deferred::Group;
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
    results: Vec<Spec>,
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
        let mut program = Self::of_any_variables(graph)?;
        if variables.len() != program.states.len() {
            return Err(Error::invalid_argument(
                "Program::from_graph",
                format!("{} variables, one for each state", program.states.len()),
                variables.len().to_string(),
                "",
            ));
        }
        program.order.sort_by_key(|k| variables[*k].id());
        program.variables = variables;
        Ok(program)
    }

    /// Optimises and compiles a graph whose states are those variables that a run is given.
    pub(crate) fn of_any_variables(graph: &Graph) -> Result<Self> {
        let graph = passes::optimize(graph);
        let executable = registry::engine().compile(&graph)?;
        let mut updated = vec![false; graph.states.len()];
        graph
            .updates
            .iter()
            .for_each(|(state, _)| updated[*state] = true);
        let results: Vec<Spec> = (graph.outputs.iter())
            .map(|id| spec_of(&graph.nodes[*id]))
            .collect();
        // A scalar's shape owns no memory, so that clones of it allocate nothing.
        let empty = Value::zeros(Shape::scalar(), crate::DType::U8);
        Ok(Self {
            executable,
            states: vec![empty.clone(); graph.states.len()],
            order: (0..graph.states.len()).collect(),
            outputs: (results.iter())
                .map(|spec| Value::zeros(spec.shape.clone(), spec.dtype))
                .collect(),
            results,
            parameters: graph.parameters,
            variables: Vec::new(),
            updated,
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
        // Nothing is held while assignments are computed that are not computed yet.
        while let Err(group) = self.take_states(None) {
            group.settle()?;
        }
        self.run_on_states(parameters)?;
        Ok(&self.outputs)
    }

    /// Runs once on these variables, as the work of this group: their assignments are what the program computes.
    pub(crate) fn run_for(
        &mut self,
        group: &Arc<Group>,
        variables: Vec<Variable>,
        parameters: &[Value],
    ) -> Result<&[Value]> {
        self.order.sort_by_key(|k| variables[*k].id());
        self.variables = variables;
        let ran = (self.check(parameters)).and_then(|()| match self.take_states(Some(group)) {
            Ok(()) => self.run_on_states(parameters),
            Err(_) => Err(Error::engine(
                "a deferred assignment",
                "variables that nobody else assigns to",
                "one that another thread assigned to",
                "",
            )),
        });
        // A program that waits for its next run must not keep the weights of a model that is gone.
        for variable in self.variables.drain(..) {
            if ran.is_err() {
                variable.keep(group);
            }
        }
        ran?;
        Ok(&self.outputs)
    }

    /// Takes the values of the variables; none if an assignment to one of them is to be computed first.
    fn take_states(&mut self, computing: Option<&Arc<Group>>) -> Result<(), Arc<Group>> {
        for (count, k) in self.order.iter().enumerate() {
            let variable = &self.variables[*k];
            let taken = if self.updated[*k] {
                let taken = variable.check_out(computing);
                taken.map(|value| self.states[*k] = value)
            } else {
                variable.share_with(&mut self.states[*k])
            };
            if let Err(group) = taken {
                self.give_back(count);
                return Err(group);
            }
        }
        Ok(())
    }

    /// Gives back the first `count` values in the order in which they were taken.
    fn give_back(&mut self, count: usize) {
        for k in &self.order[..count] {
            if self.updated[*k] {
                let value = std::mem::replace(&mut self.states[*k], self.empty.clone());
                self.variables[*k].give_back(value);
            } else {
                self.states[*k].clone_from(&self.empty);
            }
        }
    }

    fn run_on_states(&mut self, parameters: &[Value]) -> Result<()> {
        for (output, spec) in self.outputs.iter_mut().zip(&self.results) {
            // What a caller kept is his; writing into it would copy it first.
            if output.is_shared() {
                *output = Value::zeros(spec.shape.clone(), spec.dtype);
            }
        }
        Lent { program: self }.run(parameters)
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
            list(self.parameters.iter().map(ToString::to_string).collect()),
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
        self.program.give_back(self.program.order.len());
    }
}
