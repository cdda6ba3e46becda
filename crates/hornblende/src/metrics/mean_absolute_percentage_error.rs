//! Mean absolute percentage error as a metric.

use std::sync::Arc;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanAbsolutePercentageError",
    names: &["mean_absolute_percentage_error", "mape", "MAPE"],
    from_config: |config| Ok(Arc::new(MeanAbsolutePercentageError::from_config(config)?)),
};

/// The mean of `100 |y_pred - y_true| / max(|y_true|, 1e-7)`: first over the last axis, then over the samples.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::MeanAbsolutePercentageError, prelude::*};
/// let metric = MeanAbsolutePercentageError::new();
/// metric.update_state(&Tensor::from([2.0f32, 4.0]), &Tensor::from([1.0f32, 4.0]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 25.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.MeanAbsolutePercentageError`, the mean of [`losses::mean_absolute_percentage_error`](crate::losses::mean_absolute_percentage_error).
#[derive(Debug)]
pub struct MeanAbsolutePercentageError {
    mean: Mean,
}

mean_metric!(
    MeanAbsolutePercentageError,
    "mean_absolute_percentage_error",
    measures::mean_absolute_percentage_error,
    Some(Direction::Down)
);
