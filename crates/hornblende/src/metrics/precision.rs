//! Precision.

use std::sync::Arc;

use super::ratio::ratio_metric;
use super::{Entry, MetricBase, Thresholds};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Precision",
    names: &["precision"],
    from_config: |config| Ok(Arc::new(Precision::from_config(config)?)),
};

/// The share of positive predictions that are right: `true positives / (true positives + false positives)`; 0 if there are none.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, of any rank; each element counts. Weights: one a sample, or one an element.
/// The result is a number, or `[thresholds]` for a list of several.
///
/// # Arguments
/// - `thresholds` (between 0 and 1; 0.5 by default): what a prediction must be above to be positive.
/// - `top_k` (1 to the number of classes): only so many of the largest predictions of a row can be positive;
///   without `thresholds` all of them are.
/// - `class_id` (a class along the last axis): only this class counts.
///
/// # At the edges
/// NaN is not positive. A mask on the predictions does not matter, as in Keras.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = Precision::new();
/// let (y_true, y_pred) = (Tensor::from([1i32, 0, 0, 1]), Tensor::from([0.9f32, 0.4, 0.6, 0.1]));
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.5);
///
/// let top = Precision::new().top_k(2);
/// let y_true = Tensor::from([[0i32, 1, 1], [0, 0, 1]]);
/// top.update_state(&y_true, &Tensor::from([[0.1f32, 0.6, 0.3], [0.5, 0.2, 0.3]]), None)?;
/// assert_eq!(top.result().item::<f32>()?, 0.75);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.Precision`.
#[derive(Debug)]
pub struct Precision {
    base: MetricBase,
    thresholds: Option<Thresholds>,
    top_k: Option<usize>,
    class_id: Option<i64>,
}

ratio_metric!(Precision, "precision", false_positives);
