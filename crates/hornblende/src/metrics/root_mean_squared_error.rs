//! The root of the mean squared error.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::base::metric_arguments;
use super::{Direction, Entry, Mean, Metric, MetricBase};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "RootMeanSquaredError",
    names: &["root_mean_squared_error"],
    from_config: |config| {
        let mean = RootMeanSquaredError::new().mean;
        let mean = mean.configured("RootMeanSquaredError", config, &[])?;
        Ok(Arc::new(RootMeanSquaredError { mean }))
    },
};

/// The root of the mean of `(y_pred - y_true)^2` over everything taken in.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Units
/// Unit of `y`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = RootMeanSquaredError::new();
/// metric.update_state(&Tensor::from([0.0f32, 0.0]), &Tensor::from([1.0f32, 7.0]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 5.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.RootMeanSquaredError`, which like this one ignores masks.
#[derive(Debug)]
pub struct RootMeanSquaredError {
    mean: Mean,
}

metric_arguments!(RootMeanSquaredError, mean.base);

impl Default for RootMeanSquaredError {
    fn default() -> Self {
        Self::new()
    }
}

impl RootMeanSquaredError {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("root_mean_squared_error"),
        }
    }
}

impl Metric for RootMeanSquaredError {
    fn base(&self) -> &MetricBase {
        &self.mean.base
    }

    fn class_name(&self) -> &'static str {
        "RootMeanSquaredError"
    }

    fn variables(&self) -> Vec<Variable> {
        self.mean.variables()
    }

    fn update_state(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        let (y_true, y_pred) = ops::same_shapes("root_mean_squared_error", y_true, y_pred)?;
        self.mean
            .update_state(&(y_pred - y_true).square(), sample_weight)
    }

    fn result(&self) -> Tensor {
        Metric::result(&self.mean).sqrt()
    }

    fn direction(&self) -> Option<Direction> {
        Some(Direction::Down)
    }
}
