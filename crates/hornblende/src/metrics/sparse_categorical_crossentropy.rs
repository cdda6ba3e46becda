//! Categorical crossentropy of class numbers as a metric.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "SparseCategoricalCrossentropy",
    names: &["sparse_categorical_crossentropy"],
    from_config: |config| {
        Ok(Arc::new(SparseCategoricalCrossentropy::from_config(
            config,
        )?))
    },
};

/// Categorical crossentropy of class numbers: the mean of `-log(p)` of the class that each sample has; see
/// [`crate::losses::SparseCategoricalCrossentropy`]. Samples of an
/// ignored class count as 0, and with sample weights not at all: so it is in Keras.
///
/// # Example
/// ```
/// use hornblende::{metrics::SparseCategoricalCrossentropy, prelude::*};
/// let metric = SparseCategoricalCrossentropy::new();
/// metric.update_state(&Tensor::from([1i32]), &Tensor::from([[0.5f32, 0.5]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 2f32.ln());
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.SparseCategoricalCrossentropy`.
#[derive(Debug)]
pub struct SparseCategoricalCrossentropy {
    mean: Mean,
    from_logits: bool,
    ignore_class: Option<i64>,
    axis: isize,
}

impl SparseCategoricalCrossentropy {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("sparse_categorical_crossentropy"),
            from_logits: false,
            ignore_class: None,
            axis: -1,
        }
    }

    /// Whether `y_pred` are logits, not probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.from_logits = from_logits;
        self
    }

    /// Samples of this class count as 0.
    #[must_use]
    pub fn ignore_class(mut self, ignore_class: i64) -> Self {
        self.ignore_class = Some(ignore_class);
        self
    }

    /// The axis of the classes; -1 by default.
    #[must_use]
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = ["from_logits", "ignore_class", "axis"];
        Ok(Self {
            mean: Self::new()
                .mean
                .configured("SparseCategoricalCrossentropy", config, &known)?,
            from_logits: config.flag("from_logits")?.unwrap_or(false),
            ignore_class: config.whole("ignore_class")?,
            axis: config.whole("axis")?.unwrap_or(-1) as isize,
        })
    }

    #[track_caller]
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (logits, axis) = (self.from_logits, self.axis);
        let Some(class) = self.ignore_class else {
            return ops::sparse_categorical_crossentropy(y_true, y_pred, logits, axis);
        };
        // A class that is left out need not be a class that exists.
        let is_valid = y_true.not_equal(class as f64);
        let y_true = is_valid.select(y_true, 0.0);
        let losses = ops::sparse_categorical_crossentropy(&y_true, y_pred, logits, axis);
        if losses.error().is_some() {
            return losses;
        }
        // The labels may have a last axis of size 1 that the losses do not have.
        let is_valid = is_valid.reshape_to(losses.shape());
        is_valid.select(losses, 0.0).with_remark("mask", &is_valid)
    }

    fn own_config(&self) -> Config {
        Config::new()
            .with("from_logits", self.from_logits)
            .with("ignore_class", self.ignore_class)
            .with("axis", self.axis)
    }
}

mean_metric!(SparseCategoricalCrossentropy, Some(Direction::Down));
