//! How often a probability is on the right side of a threshold.

use std::sync::Arc;

use hornblende_core::{DType, Result, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "BinaryAccuracy",
    names: &["binary_accuracy"],
    from_config: |config| Ok(Arc::new(BinaryAccuracy::from_config(config)?)),
};

/// How often a probability is on the right side of a threshold: above it for label 1, not above for 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = BinaryAccuracy::new();
/// metric.update_state(&Tensor::from([1.0f32, 1.0]), &Tensor::from([0.6f32, 0.5]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.BinaryAccuracy`.
#[derive(Debug)]
pub struct BinaryAccuracy {
    mean: Mean,
    threshold: f64,
}

impl BinaryAccuracy {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("binary_accuracy"),
            threshold: 0.5,
        }
    }

    /// What a prediction must be above to mean 1; 0.5 by default (0 suits logits).
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let known = ["threshold"];
        let metric = Self::new();
        Ok(Self {
            threshold: config.number("threshold")?.unwrap_or(metric.threshold),
            mean: metric.mean.configured("BinaryAccuracy", config, &known)?,
        })
    }

    #[track_caller]
    pub(super) fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        binary_accuracy(y_true, y_pred, self.threshold)
    }

    fn own_config(&self) -> Config {
        Config::new().with("threshold", self.threshold)
    }
}

mean_metric!(BinaryAccuracy, Some(Direction::Up));

/// 1 where the prediction is on the label's side of the threshold, else 0.
#[track_caller]
#[must_use]
pub fn binary_accuracy(y_true: &Tensor, y_pred: &Tensor, threshold: f64) -> Tensor {
    match ops::same_shapes("binary_accuracy", y_true, y_pred) {
        Ok((y_true, y_pred)) => {
            let side = y_pred.greater(threshold).cast(y_true.dtype());
            y_true.equal(side).cast(DType::F32)
        }
        Err(error) => ops::invalid(error),
    }
}
