//! Categorical crossentropy of one-hot labels as a metric.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CategoricalCrossentropy",
    names: &["categorical_crossentropy"],
    from_config: |config| Ok(Arc::new(CategoricalCrossentropy::from_config(config)?)),
};

/// Categorical crossentropy of one-hot labels: the mean of `-sum(y log(p))`; see
/// [`crate::losses::CategoricalCrossentropy`].
///
/// # Example
/// ```
/// use hornblende::{metrics::CategoricalCrossentropy, prelude::*};
/// let metric = CategoricalCrossentropy::new();
/// metric.update_state(&Tensor::from([[1.0f32, 0.0]]), &Tensor::from([[0.5f32, 0.5]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 2f32.ln());
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.CategoricalCrossentropy`.
#[derive(Debug)]
pub struct CategoricalCrossentropy {
    mean: Mean,
    from_logits: bool,
    label_smoothing: f64,
    axis: isize,
}

impl CategoricalCrossentropy {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("categorical_crossentropy"),
            from_logits: false,
            label_smoothing: 0.0,
            axis: -1,
        }
    }

    /// Whether `y_pred` are logits, not probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.from_logits = from_logits;
        self
    }

    /// Moves the labels towards equal shares of the classes by this share.
    #[must_use]
    pub fn label_smoothing(mut self, label_smoothing: f64) -> Self {
        self.label_smoothing = label_smoothing;
        self
    }

    /// The axis of the classes; -1 by default.
    #[must_use]
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = ["from_logits", "label_smoothing", "axis"];
        Ok(Self {
            mean: Self::new()
                .mean
                .configured("CategoricalCrossentropy", config, &known)?,
            from_logits: config.flag("from_logits")?.unwrap_or(false),
            label_smoothing: config.number("label_smoothing")?.unwrap_or(0.0),
            axis: config.whole("axis")?.unwrap_or(-1) as isize,
        })
    }

    #[track_caller]
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let y_true = ops::as_float(y_true);
        let classes = y_true.shape().dims().last().copied().unwrap_or(1);
        let y_true = ops::smooth_labels(&y_true, self.label_smoothing, classes);
        ops::categorical_crossentropy(&y_true, y_pred, self.from_logits, self.axis)
    }

    fn own_config(&self) -> Config {
        Config::new()
            .with("from_logits", self.from_logits)
            .with("label_smoothing", self.label_smoothing)
            .with("axis", self.axis)
    }
}

mean_metric!(CategoricalCrossentropy, Some(Direction::Down));
