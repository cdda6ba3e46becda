//! The native engine.

use std::sync::Arc;

use hornblende_core::engine::{Engine, Executable};
use hornblende_core::graph::Graph;
use hornblende_core::{Result, registry};

use crate::{Pool, lower};

/// Compiles graphs for this machine's processor.
///
/// # Example
/// ```
/// use hornblende_core::engine::Engine;
/// use hornblende_core::graph::Graph;
/// use hornblende_cpu::CpuEngine;
/// let mut nothing = CpuEngine.compile(&Graph::default())?;
/// nothing.run(&[], &mut [], &mut [])?;
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct CpuEngine;

impl Engine for CpuEngine {
    fn name(&self) -> &str {
        "cpu"
    }

    fn compile(&self, graph: &Graph) -> Result<Box<dyn Executable>> {
        Ok(Box::new(lower::compile(graph, Pool::global())?))
    }
}

/// Makes this engine the default of the process. Done when the process starts; calling it again is
/// harmless, and makes sure that the linker keeps this crate.
pub fn register() {
    registry::set_default_engine(|| Arc::new(CpuEngine));
}
