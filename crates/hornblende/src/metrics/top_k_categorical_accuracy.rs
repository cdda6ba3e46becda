//! How often the class of a one-hot label is among the most probable ones.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::mean::mean_metric;
use super::sparse_top_k_categorical_accuracy::in_top_k;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "TopKCategoricalAccuracy",
    names: &["top_k_categorical_accuracy"],
    from_config: |config| Ok(Arc::new(TopKCategoricalAccuracy::from_config(config)?)),
};

/// How often the class of a one-hot label is among the `k` most probable ones.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, the classes along the last axis.
///
/// # Arguments
/// - `k` (5 by default): how many classes may be more probable, and this one.
///
/// # At the edges
/// A class as probable as the one at place `k` is among them. A row with NaN or infinity counts as wrong.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = TopKCategoricalAccuracy::new().k(2);
/// let y_true = Tensor::from([[0i32, 0, 1], [1, 0, 0]]);
/// metric.update_state(&y_true, &Tensor::from([[0.1f32, 0.5, 0.4], [0.2, 0.5, 0.3]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.TopKCategoricalAccuracy`.
#[derive(Debug)]
pub struct TopKCategoricalAccuracy {
    mean: Mean,
    k: usize,
}

mean_metric!(TopKCategoricalAccuracy, Some(Direction::Up));

impl TopKCategoricalAccuracy {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("top_k_categorical_accuracy"),
            k: 5,
        }
    }

    /// Among how many of the most probable classes the right one must be; 5 by default.
    #[must_use]
    pub fn k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let mean = Self::new().mean;
        Ok(Self {
            mean: mean.configured("TopKCategoricalAccuracy", config, &["k"])?,
            k: config.size("k")?.unwrap_or(5),
        })
    }

    #[track_caller]
    pub(super) fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        top_k_categorical_accuracy(y_true, y_pred, self.k)
    }

    fn own_config(&self) -> Config {
        Config::new().with("k", self.k)
    }
}

/// 1 where the class of the label is among the `k` most probable ones, else 0; one a sample.
#[track_caller]
#[must_use]
pub fn top_k_categorical_accuracy(y_true: &Tensor, y_pred: &Tensor, k: usize) -> Tensor {
    match ops::same_shapes("top_k_categorical_accuracy", y_true, y_pred) {
        Ok((y_true, y_pred)) => in_top_k(&y_true.argmax(-1), &y_pred, k),
        Err(error) => ops::invalid(error),
    }
}
