//! Binary crossentropy as a metric.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "BinaryCrossentropy",
    names: &["binary_crossentropy", "bce", "BCE"],
    from_config: |config| Ok(Arc::new(BinaryCrossentropy::from_config(config)?)),
};

/// Binary crossentropy: the mean of `-(y log(p) + (1 - y) log(1 - p))`; see [`crate::losses::BinaryCrossentropy`].
///
/// # Example
/// ```
/// use hornblende::{metrics::BinaryCrossentropy, prelude::*};
/// let metric = BinaryCrossentropy::new();
/// metric.update_state(&Tensor::from([1.0f32]), &Tensor::from([0.5f32]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 2f32.ln());
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.BinaryCrossentropy`.
#[derive(Debug)]
pub struct BinaryCrossentropy {
    mean: Mean,
    from_logits: bool,
    label_smoothing: f64,
}

impl BinaryCrossentropy {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("binary_crossentropy"),
            from_logits: false,
            label_smoothing: 0.0,
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

    fn from_config(config: &Config) -> Result<Self> {
        let known = ["from_logits", "label_smoothing"];
        Ok(Self {
            mean: Self::new()
                .mean
                .configured("BinaryCrossentropy", config, &known)?,
            from_logits: config.flag("from_logits")?.unwrap_or(false),
            label_smoothing: config.number("label_smoothing")?.unwrap_or(0.0),
        })
    }

    #[track_caller]
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        match ops::same_shapes("binary_crossentropy", y_true, y_pred) {
            Ok((y_true, y_pred)) => {
                let y_true = ops::smooth_labels(&y_true, self.label_smoothing, 2);
                ops::binary_crossentropy(&y_true, &y_pred, self.from_logits).mean(-1)
            }
            Err(error) => ops::invalid(error),
        }
    }

    fn own_config(&self) -> Config {
        Config::new()
            .with("from_logits", self.from_logits)
            .with("label_smoothing", self.label_smoothing)
    }
}

mean_metric!(BinaryCrossentropy, Some(Direction::Down));
