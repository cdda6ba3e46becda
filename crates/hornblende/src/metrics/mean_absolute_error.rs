//! Mean absolute error.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanAbsoluteError",
    names: &["mean_absolute_error", "mae", "MAE"],
    from_config: |config| {
        config.only("MeanAbsoluteError", &["name", "dtype"])?;
        let mean = MeanAbsoluteError::new().mean.named_by(config)?;
        Ok(Arc::new(MeanAbsoluteError { mean }))
    },
};

/// The mean of `|y_pred - y_true|`.
///
/// # Example
/// ```
/// use hornblende::{metrics::MeanAbsoluteError, prelude::*};
/// let metric = MeanAbsoluteError::new();
/// metric.update_state(&Tensor::from([0.0f32, 1.0]), &Tensor::from([2.0f32, 1.0]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 1.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct MeanAbsoluteError {
    mean: Mean,
}

impl Default for MeanAbsoluteError {
    fn default() -> Self {
        Self::new()
    }
}

impl MeanAbsoluteError {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::new().name("mean_absolute_error"),
        }
    }

    #[track_caller]
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        mean_absolute_error(y_true, y_pred)
    }

    fn own_config(&self) -> Config {
        Config::new()
    }
}

mean_metric!(MeanAbsoluteError, Some(Direction::Down));

/// The mean of `|y_pred - y_true|` over the last axis.
#[track_caller]
#[must_use]
pub fn mean_absolute_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    match ops::same_shapes("mean_absolute_error", y_true, y_pred) {
        Ok((y_true, y_pred)) => (y_pred - y_true).abs().mean(-1),
        Err(error) => ops::invalid(error),
    }
}
