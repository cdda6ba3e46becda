// tidy: not an item
//! A metric made of a function.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::Mean;
use super::mean::mean_metric;
use crate::config::{self, Config};

type Values = dyn Fn(&Tensor, &Tensor) -> Tensor + Send + Sync;

/// The mean of a function of labels and predictions that gives one value a sample.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// fn mean_pred(_y_true: &Tensor, y_pred: &Tensor) -> Tensor {
///     y_pred.mean(-1)
/// }
/// let metric = MeanMetricWrapper::new(mean_pred);
/// assert_eq!(Metric::name(&metric), "mean_pred");
/// metric.update_state(&Tensor::from([[0.0f32]]), &Tensor::from([[3.0f32]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 3.0);
/// # Ok::<(), Error>(())
/// ```
pub struct MeanMetricWrapper {
    mean: Mean,
    values: Arc<Values>,
}

impl MeanMetricWrapper {
    /// The mean of this function, named as the function; a closure is named `custom`.
    #[must_use]
    pub fn new<F>(values: F) -> Self
    where
        F: Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static,
    {
        Self {
            mean: Mean::new().name(config::function_name::<F>()),
            values: Arc::new(values),
        }
    }

    #[track_caller]
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (self.values)(y_true, y_pred)
    }

    fn own_config(&self) -> Config {
        Config::new()
    }
}

mean_metric!(MeanMetricWrapper, None);
