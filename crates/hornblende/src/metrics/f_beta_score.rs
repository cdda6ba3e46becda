//! The F-beta score.

use std::sync::Arc;

use super::Entry;
use super::f_score::{FScore, f_score_metric};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "FBetaScore",
    names: &["f_beta_score", "fbeta_score"],
    from_config: |config| Ok(Arc::new(FBetaScore::from_config(config)?)),
};

/// The F-beta score: the weighted harmonic mean of precision and recall, in which recall counts `beta` times as
/// much.
///
/// ```text
/// F = (1 + beta^2) precision recall / (beta^2 precision + recall + 1e-7)
/// ```
///
/// # Shapes
/// `y_true`, `y_pred`: `[samples, classes]`. Weights: `[samples]`. The result is a number, or `[classes]` without
/// `average`, of which a history records the mean.
///
/// # Arguments
/// - `beta` (above 0; 1 by default): how much recall counts.
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
/// let metric = FBetaScore::new().average("micro").threshold(0.5);
/// let (y_true, y_pred) = (Tensor::from([[1i32, 0], [0, 1]]), Tensor::from([[0.9f32, 0.8], [0.1, 0.7]]));
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert!((metric.result().item::<f32>()? - 0.8).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.FBetaScore`.
#[derive(Debug)]
pub struct FBetaScore {
    score: FScore,
}

f_score_metric!(FBetaScore, "fbeta_score");

impl FBetaScore {
    /// How much recall counts beside precision; above 0; 1 by default.
    #[must_use]
    pub fn beta(mut self, beta: f64) -> Self {
        self.score.set_beta(beta);
        self
    }

    fn own_config(&self, config: Config) -> Config {
        config.with("beta", self.score.beta)
    }
}
