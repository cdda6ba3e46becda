//! Intersection over union of two classes.

use std::sync::Arc;

use hornblende_core::{DType, Result};

use super::Entry;
use super::confusion_matrix::{ConfusionMatrix, overlap_metric};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "BinaryIoU",
    names: &["binary_io_u", "binary_iou"],
    from_config: |config| Ok(Arc::new(BinaryIoU::from_config(config)?)),
};

/// The mean of intersection over union over the classes 0 and 1, or one of them, for predictions that are
/// probabilities or logits.
///
/// `intersection over union = true positives / (true positives + false positives + false negatives)` of a class;
/// classes that occur neither in labels nor in predictions do not count.
///
/// # Shapes
/// `y_true`, `y_pred`: equally many elements. Weights: one an element.
///
/// # Arguments
/// - `target_class_ids` (0 and 1 by default): the classes that count.
/// - `threshold` (0.5 by default): a prediction of at least this is class 1.
///
/// # At the edges
/// Classes out of range do not count. 0 before any data. Counts are whole numbers (`I64`), so weights lose their
/// fraction; `dtype(DType::F32)` keeps it.
///
/// # Example
/// ```
/// use hornblende::{metrics::BinaryIoU, prelude::*};
/// let metric = BinaryIoU::new().target_class_ids(&[1]);
/// let (y_true, y_pred) = (Tensor::from([0i32, 1, 1]), Tensor::from([0.1f32, 0.5, 0.2]));
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert!((metric.result().item::<f32>()? - 0.5).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.BinaryIoU`.
#[derive(Debug)]
pub struct BinaryIoU {
    matrix: ConfusionMatrix,
    threshold: f64,
}

overlap_metric!(BinaryIoU, ["target_class_ids"], |metric, y_pred| {
    let is_one = y_pred.cast(DType::F32).greater_equal(metric.threshold);
    is_one.cast(DType::I64)
});

impl Default for BinaryIoU {
    fn default() -> Self {
        Self::new()
    }
}

impl BinaryIoU {
    /// The metric of nothing yet, of both classes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            matrix: ConfusionMatrix::new("binary_io_u", 2).of_classes(&[0, 1]),
            threshold: 0.5,
        }
    }

    /// The classes that count.
    #[must_use]
    pub fn target_class_ids(mut self, target_class_ids: &[usize]) -> Self {
        self.matrix = self.matrix.of_classes(target_class_ids);
        self
    }

    /// A prediction of at least this is class 1.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let mut metric = Self::new();
        if let Some(ids) = config.sizes("target_class_ids", 1)? {
            metric = metric.target_class_ids(&ids);
        }
        let own = ["target_class_ids", "threshold"];
        metric.matrix = metric.matrix.configured("BinaryIoU", config, &own)?;
        metric.threshold = config.number("threshold")?.unwrap_or(metric.threshold);
        Ok(metric)
    }

    fn own_config(&self) -> Config {
        Config::new().with("threshold", self.threshold)
    }
}
