//! What an engine is: it takes whole graphs.

mod report;

pub use report::Report;

use crate::error::Result;
use crate::graph::Graph;
use crate::value::Value;

/// Compiles graphs. There is no method for a single operation: a new primitive does not touch this.
pub trait Engine: Send + Sync {
    /// A short name for messages, such as `cpu`.
    fn name(&self) -> &str;

    /// Compiles a graph into something that can be run many times.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if the engine cannot compute an operation or element type.
    fn compile(&self, graph: &Graph) -> Result<Box<dyn Executable>>;
}

/// A compiled graph with the memory it needs.
pub trait Executable: Send {
    /// Runs once: reads `parameters` and `states`, writes `outputs` in place (they have the shapes and
    /// types of the graph's outputs), and updates `states` in place.
    ///
    /// A steady run allocates nothing, provided that no other value shares the elements of `states`
    /// and `outputs`.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if an argument has another shape or type than the graph says.
    fn run(
        &mut self,
        parameters: &[Value],
        states: &mut [Value],
        outputs: &mut [Value],
    ) -> Result<()>;

    /// What the program consists of; empty for an engine that does not tell.
    fn report(&self) -> Report {
        Report::default()
    }
}
