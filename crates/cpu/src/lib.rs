//! The native CPU engine.

mod cpu_level;
mod flush_denormals;
pub mod kernels;
mod pool;

pub use cpu_level::CpuLevel;
pub use flush_denormals::FlushDenormals;
pub use pool::Pool;
