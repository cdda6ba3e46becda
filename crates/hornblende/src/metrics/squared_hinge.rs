//! Squared hinge loss as a metric.

use std::sync::Arc;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "SquaredHinge",
    names: &["squared_hinge"],
    from_config: |config| Ok(Arc::new(SquaredHinge::from_config(config)?)),
};

/// The mean of `max(1 - y_true y_pred, 0)^2`: first over the last axis, then over the samples. Labels are -1 or
/// 1; where all are 0 or 1, 0 stands for -1.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::SquaredHinge, prelude::*};
/// let metric = SquaredHinge::new();
/// metric.update_state(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[-1.0f32, 0.5]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.125);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.SquaredHinge`, the mean of [`losses::squared_hinge`](crate::losses::squared_hinge).
#[derive(Debug)]
pub struct SquaredHinge {
    mean: Mean,
}

mean_metric!(
    SquaredHinge,
    "squared_hinge",
    measures::squared_hinge,
    Some(Direction::Down)
);
