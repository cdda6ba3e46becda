//! Mean absolute error as a metric.

use std::sync::Arc;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanAbsoluteError",
    names: &["mean_absolute_error", "mae", "MAE"],
    from_config: |config| Ok(Arc::new(MeanAbsoluteError::from_config(config)?)),
};

/// The mean of `|y_pred - y_true|`: first over the last axis, then over the samples.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::MeanAbsoluteError, prelude::*};
/// let metric = MeanAbsoluteError::new();
/// metric.update_state(&Tensor::from([0.0f32, 1.0]), &Tensor::from([2.0f32, 1.0]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 1.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.MeanAbsoluteError`, the mean of [`losses::mean_absolute_error`](crate::losses::mean_absolute_error).
#[derive(Debug)]
pub struct MeanAbsoluteError {
    mean: Mean,
}

mean_metric!(
    MeanAbsoluteError,
    "mean_absolute_error",
    measures::mean_absolute_error,
    Some(Direction::Down)
);
