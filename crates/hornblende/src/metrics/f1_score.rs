//! The F1 score.

use std::sync::Arc;

use super::Entry;
use super::f_score::{FScore, f_score_metric};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "F1Score",
    names: &["f1_score"],
    from_config: |config| Ok(Arc::new(F1Score::from_config(config)?)),
};

/// The F1 score: the harmonic mean of precision and recall.
///
/// ```text
/// F = 2 precision recall / (precision + recall + 1e-7)
/// ```
///
/// # Shapes
/// `y_true`, `y_pred`: `[samples, classes]`. Weights: `[samples]`. The result is a number, or `[classes]` without
/// `average`, of which a history records the mean.
///
/// # Arguments
/// - `average`: none (default) for one score a class, `"micro"` for the score of all elements together, `"macro"`
///   for the mean over the classes, `"weighted"` for their mean weighted by how often they occur.
/// - `threshold` (above 0, at most 1): what a prediction must be above to be positive. Without, the largest
///   prediction of a row is, with all that equal it.
///
/// # At the edges
/// A class that neither occurs nor is predicted scores 0. A mask does not matter, as in Keras.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] unless there are two axes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = F1Score::new().average("micro").threshold(0.5);
/// let (y_true, y_pred) = (Tensor::from([[1i32, 0], [0, 1]]), Tensor::from([[0.9f32, 0.8], [0.1, 0.7]]));
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert!((metric.result().item::<f32>()? - 0.8).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.F1Score`.
#[derive(Debug)]
pub struct F1Score {
    score: FScore,
}

f_score_metric!(F1Score, "f1_score");

impl F1Score {
    fn own_config(&self, config: Config) -> Config {
        config
    }
}
