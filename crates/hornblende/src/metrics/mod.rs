//! Metrics: what is measured while a model is trained or evaluated.

mod metric;

pub use metric::{Direction, Metric};
