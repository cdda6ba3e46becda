//! The logarithm of the hyperbolic cosine of the error as a metric.

use std::sync::Arc;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "LogCoshError",
    names: &["log_cosh_error", "logcosh"],
    from_config: |config| Ok(Arc::new(LogCoshError::from_config(config)?)),
};

/// The mean of `log(cosh(y_pred - y_true))`: first over the last axis, then over the samples.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::LogCoshError, prelude::*};
/// let metric = LogCoshError::new();
/// metric.update_state(&Tensor::from([0.0f32]), &Tensor::from([0.0f32]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.LogCoshError`, the mean of [`losses::log_cosh`](crate::losses::log_cosh).
#[derive(Debug)]
pub struct LogCoshError {
    mean: Mean,
}

mean_metric!(
    LogCoshError,
    "logcosh",
    measures::log_cosh,
    Some(Direction::Down)
);
