//! How often the class is among the most probable ones.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "SparseTopKCategoricalAccuracy",
    names: &["sparse_top_k_categorical_accuracy"],
    from_config: |config| {
        Ok(Arc::new(SparseTopKCategoricalAccuracy::from_config(
            config,
        )?))
    },
};

/// How often the class is among the `k` most probable ones.
///
/// # Shapes
/// `y_pred`: the classes along the last axis. `y_true`: class numbers, the shape of `y_pred` without its last
/// axis, or with a last axis of size 1.
///
/// # Arguments
/// - `k` (5 by default): how many classes may be more probable, and this one.
/// - `from_sorted_ids`: predictions are class numbers, the most probable first.
///
/// # At the edges
/// A class as probable as the one at place `k` is among them. A row with NaN or infinity counts as wrong, and so
/// does a class out of range.
///
/// # Errors
/// [`Error::ShapeMismatch`] if there is not one label for each row of predictions.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = SparseTopKCategoricalAccuracy::new().k(2);
/// let y_true = Tensor::from([2i32, 0]);
/// metric.update_state(&y_true, &Tensor::from([[0.1f32, 0.5, 0.4], [0.2, 0.5, 0.3]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.SparseTopKCategoricalAccuracy`.
#[derive(Debug)]
pub struct SparseTopKCategoricalAccuracy {
    mean: Mean,
    k: usize,
    from_sorted_ids: bool,
}

mean_metric!(SparseTopKCategoricalAccuracy, Some(Direction::Up));

impl SparseTopKCategoricalAccuracy {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("sparse_top_k_categorical_accuracy"),
            k: 5,
            from_sorted_ids: false,
        }
    }

    /// Among how many of the most probable classes the right one must be; 5 by default.
    #[must_use]
    pub fn k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Whether predictions are class numbers, the most probable first.
    #[must_use]
    pub fn from_sorted_ids(mut self, from_sorted_ids: bool) -> Self {
        self.from_sorted_ids = from_sorted_ids;
        self
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let (class_name, own) = ("SparseTopKCategoricalAccuracy", ["k", "from_sorted_ids"]);
        let mean = Self::new().mean;
        Ok(Self {
            mean: mean.configured(class_name, config, &own)?,
            k: config.size("k")?.unwrap_or(5),
            from_sorted_ids: config.flag("from_sorted_ids")?.unwrap_or(false),
        })
    }

    #[track_caller]
    pub(super) fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let name = "sparse_top_k_categorical_accuracy";
        match labels_of_rows(name, y_true, y_pred) {
            Ok(labels) if self.from_sorted_ids => among(&labels, y_pred, self.k),
            Ok(labels) => in_top_k(&labels.cast(DType::I32), &ops::as_float(y_pred), self.k),
            Err(error) => ops::invalid(error),
        }
    }

    fn own_config(&self) -> Config {
        match self.from_sorted_ids {
            true => Config::new()
                .with("k", self.k)
                .with("from_sorted_ids", true),
            false => Config::new().with("k", self.k),
        }
    }
}

/// 1 where the class is among the `k` most probable ones, else 0; one a sample.
///
/// # Errors
/// [`Error::ShapeMismatch`] if there is not one label for each row of predictions.
#[track_caller]
#[must_use]
pub fn sparse_top_k_categorical_accuracy(y_true: &Tensor, y_pred: &Tensor, k: usize) -> Tensor {
    SparseTopKCategoricalAccuracy::new()
        .k(k)
        .values(y_true, y_pred)
}

/// The labels without a last axis of size 1: one for each row of predictions.
pub(super) fn labels_of_rows(name: &str, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = (y_true.check()?, y_pred.check()?);
    let one_column = y_true.rank() == y_pred.rank() && y_true.shape().dims().last() == Some(&1);
    let labels = match one_column {
        true => y_true.squeeze(-1),
        false => y_true.clone(),
    };
    let rows = &y_pred.shape().dims()[..y_pred.rank().saturating_sub(1)];
    if y_pred.rank() > 0 && labels.shape().dims() == rows {
        return Ok(labels);
    }
    let fix = if y_true.shape() == y_pred.shape() {
        format!(
            "For one-hot labels use {}",
            name.trim_start_matches("sparse_")
        )
    } else {
        String::new()
    };
    let expected = format!(
        "one label for each row of predictions of shape {}",
        y_pred.shape()
    );
    let got = format!("labels of shape {}", labels.shape());
    Err(Error::shape_mismatch(name, expected, got, fix))
}

/// 1 where fewer than `k` predictions of the row are larger than that of the label; 0 where one is not finite.
pub(super) fn in_top_k(labels: &Tensor, y_pred: &Tensor, k: usize) -> Tensor {
    let own = y_pred.pick(labels);
    let larger = y_pred.greater(own.expand_dims(-1)).cast(DType::F32).sum(-1);
    let is_among = larger.less(k as f64);
    // A class out of range picks NaN.
    let all_finite = y_pred.is_finite().all(-1).logical_and(own.is_finite());
    is_among.logical_and(all_finite).cast(DType::F32)
}

fn among(labels: &Tensor, sorted: &Tensor, k: usize) -> Tensor {
    let count = sorted.shape().dims().last().copied().unwrap_or(0).min(k);
    let labels = labels.cast(sorted.dtype()).expand_dims(-1);
    let is_one = sorted.slice_axis(-1, 0..count).equal(labels);
    is_one.any(-1).cast(DType::F32)
}
