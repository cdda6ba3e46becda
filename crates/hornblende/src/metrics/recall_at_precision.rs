//! The best recall at a given precision.

use std::sync::Arc;

use super::at_constraint::{AtConstraint, at_constraint_metric};
use super::{Entry, MetricBase};

pub(super) const ENTRY: Entry = Entry {
    class_name: "RecallAtPrecision",
    names: &["recall_at_precision"],
    from_config: |config| Ok(Arc::new(RecallAtPrecision::from_config(config)?)),
};

/// The best recall among the thresholds at which the precision is at least a given one; 0 if there is none.
///
/// `recall = true positives / labels of 1`, `precision = true positives / positive predictions`; 0 of nothing.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, of any rank; each element counts. Weights: one a sample, or one an element.
///
/// # Arguments
/// - `precision` (between 0 and 1): the precision that is asked for.
/// - `num_thresholds` (at least 1; 200 by default): how many thresholds, evenly spaced from 0 to 1; one lies
///   at 0.5.
/// - `class_id` (a class along the last axis): only this class counts.
///
/// # At the edges
/// Predictions are clipped to `[0, 1]`; NaN is above no threshold. A mask on the predictions does not matter,
/// as in Keras.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = RecallAtPrecision::new(0.5);
/// let (y_true, y_pred) = (Tensor::from([0i32, 0, 1, 1]), Tensor::from([0.0f32, 0.3, 0.6, 0.8]));
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert_eq!(metric.result().item::<f32>()?, 1.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.RecallAtPrecision`.
#[derive(Debug)]
pub struct RecallAtPrecision {
    base: MetricBase,
    at: AtConstraint,
}

at_constraint_metric!(
    RecallAtPrecision,
    "recall_at_precision",
    precision,
    precisions,
    recalls
);
