//! Mean squared error.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanSquaredError",
    names: &["mean_squared_error", "mse", "MSE"],
    from_config: |config| {
        config.only("MeanSquaredError", &["name", "dtype"])?;
        let mean = MeanSquaredError::new().mean.named_by(config)?;
        Ok(Arc::new(MeanSquaredError { mean }))
    },
};

/// The mean of `(y_pred - y_true)^2`.
///
/// # Example
/// ```
/// use hornblende::{metrics::MeanSquaredError, prelude::*};
/// let metric = MeanSquaredError::new();
/// metric.update_state(&Tensor::from([0.0f32, 1.0]), &Tensor::from([2.0f32, 1.0]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 2.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct MeanSquaredError {
    mean: Mean,
}

impl Default for MeanSquaredError {
    fn default() -> Self {
        Self::new()
    }
}

impl MeanSquaredError {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::new().name("mean_squared_error"),
        }
    }

    #[track_caller]
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        mean_squared_error(y_true, y_pred)
    }

    fn own_config(&self) -> Config {
        Config::new()
    }
}

mean_metric!(MeanSquaredError, Some(Direction::Down));

/// The mean of `(y_pred - y_true)^2` over the last axis.
#[track_caller]
#[must_use]
pub fn mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    match ops::same_shapes("mean_squared_error", y_true, y_pred) {
        Ok((y_true, y_pred)) => (y_pred - y_true).square().mean(-1),
        Err(error) => ops::invalid(error),
    }
}
