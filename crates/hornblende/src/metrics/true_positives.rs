//! The number of true positives.

use std::sync::Arc;

use super::counting::counting_metric;
use super::{Entry, MetricBase, Thresholds};

pub(super) const ENTRY: Entry = Entry {
    class_name: "TruePositives",
    names: &["true_positives"],
    from_config: |config| Ok(Arc::new(TruePositives::from_config(config)?)),
};

/// The number of true positives: labels of 1 that are predicted to be 1. With weights, their sum.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, of any rank; each element counts. Weights: one a sample, or one an element.
/// The result is a number, or `[thresholds]` for a list of several.
///
/// # At the edges
/// A prediction is positive if it is above the threshold, not if it equals it; NaN is not positive. A mask on
/// the predictions does not matter, as in Keras.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = TruePositives::new();
/// let (y_true, y_pred) = (Tensor::from([1i32, 0, 0, 1]), Tensor::from([0.9f32, 0.4, 0.6, 0.1]));
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert_eq!(metric.result().item::<f32>()?, 1.0);
/// metric.reset_state()?;
/// let weight = Tensor::from([2.0f32, 0.5, 4.0, 1.0]);
/// metric.update_state(&y_true, &y_pred, Some(&weight))?;
/// assert_eq!(metric.result().item::<f32>()?, 2.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.TruePositives`.
#[derive(Debug)]
pub struct TruePositives {
    base: MetricBase,
    thresholds: Option<Thresholds>,
}

counting_metric!(TruePositives, true_positives);
