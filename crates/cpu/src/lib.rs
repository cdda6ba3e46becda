//! The native CPU engine.

mod cpu_level;
mod engine;
mod flush_denormals;
pub mod kernels;
mod lower;
mod memory;
mod plan;
mod pool;
mod program;
mod startup;
mod steps;

pub use cpu_level::CpuLevel;
pub use engine::{CpuEngine, register};
pub use flush_denormals::FlushDenormals;
pub use pool::Pool;
