//! Mean squared error as a metric.

use std::sync::Arc;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanSquaredError",
    names: &["mean_squared_error", "mse", "MSE"],
    from_config: |config| Ok(Arc::new(MeanSquaredError::from_config(config)?)),
};

/// The mean of `(y_pred - y_true)^2`: first over the last axis, then over the samples.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::MeanSquaredError, prelude::*};
/// let metric = MeanSquaredError::new();
/// metric.update_state(&Tensor::from([0.0f32, 1.0]), &Tensor::from([2.0f32, 1.0]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 2.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.MeanSquaredError`, the mean of [`losses::mean_squared_error`](crate::losses::mean_squared_error).
#[derive(Debug)]
pub struct MeanSquaredError {
    mean: Mean,
}

mean_metric!(
    MeanSquaredError,
    "mean_squared_error",
    measures::mean_squared_error,
    Some(Direction::Down)
);
