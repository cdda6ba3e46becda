//! Concordance correlation.

use std::sync::Arc;

use hornblende_core::{Axes, Result, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::{Config, axes_value};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "ConcordanceCorrelation",
    names: &["concordance_correlation"],
    from_config: |config| Ok(Arc::new(ConcordanceCorrelation::from_config(config)?)),
};

/// The mean of the agreement of labels and predictions along one or several axes: a correlation that also falls with their
/// distance.
///
/// ```text
/// 2 mean((y_true - mean(y_pred)) (y_pred - mean(y_pred)))
///   / (var(y_true) + var(y_pred) + (mean(y_true) - mean(y_pred))^2 + 1e-7)
/// ```
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One value for each index of the other axes.
///
/// # At the edges
/// 0 where labels and predictions are the same constant.
///
/// # Example
/// ```
/// use hornblende::{metrics::ConcordanceCorrelation, prelude::*};
/// let metric = ConcordanceCorrelation::new();
/// let y = Tensor::from([[0.0f32, 1.0, 2.0]]);
/// metric.update_state(&y, &y, None)?;
/// assert!((metric.result().item::<f32>()? - 1.0).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Lin 1989, "A concordance correlation coefficient to evaluate reproducibility"; computed as
/// `keras.metrics.ConcordanceCorrelation` does. That the covariance takes the mean of the predictions twice does
/// not matter, because the second factor has the mean 0.
#[derive(Debug)]
pub struct ConcordanceCorrelation {
    mean: Mean,
    axis: Axes,
}

mean_metric!(ConcordanceCorrelation, Some(Direction::Up));

impl ConcordanceCorrelation {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("concordance_correlation"),
            axis: Axes::from(-1),
        }
    }

    /// The axis or axes along which numbers are compared; -1 by default.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let metric = Self::new();
        Ok(Self {
            mean: metric
                .mean
                .configured("ConcordanceCorrelation", config, &["axis"])?,
            axis: config.axes_or_all("axis")?.unwrap_or(metric.axis),
        })
    }

    #[track_caller]
    pub(super) fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        concordance_correlation(y_true, y_pred, self.axis.clone())
    }

    fn own_config(&self) -> Config {
        Config::new().with("axis", axes_value(&self.axis))
    }
}

/// The agreement along one or several axes.
#[track_caller]
#[must_use]
pub fn concordance_correlation(y_true: &Tensor, y_pred: &Tensor, axis: impl Into<Axes>) -> Tensor {
    let axes = axis.into();
    let mean = |x: &Tensor| x.mean_keepdims(axes.clone());
    let (y_true, y_pred) = match ops::same_shapes("concordance_correlation", y_true, y_pred) {
        Ok(both) => both,
        Err(error) => return ops::invalid(error),
    };
    let (mean_true, mean_pred) = (mean(&y_true), mean(&y_pred));
    let variance = |centred: &Tensor| mean(&(centred - mean(centred)).square());
    let distance = (&mean_true - &mean_pred).square();
    let spread = variance(&(&y_true - &mean_true)) + variance(&(&y_pred - &mean_pred)) + distance;
    let covariance = (y_true - &mean_pred) * (y_pred - &mean_pred);
    (2.0 * covariance / (spread + ops::EPSILON)).mean(axes.clone())
}
