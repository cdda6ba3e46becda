//! Intersection over union of all classes for one-hot labels.

use std::sync::Arc;

use hornblende_core::Result;

use super::Entry;
use super::confusion_matrix::{ConfusionMatrix, overlap_arguments, overlap_metric};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "OneHotMeanIoU",
    names: &["one_hot_mean_io_u", "one_hot_mean_iou"],
    from_config: |config| Ok(Arc::new(OneHotMeanIoU::from_config(config)?)),
};

/// The mean of intersection over union over all classes, for one-hot labels.
///
/// `intersection over union = true positives / (true positives + false positives + false negatives)` of a class;
/// classes that occur neither in labels nor in predictions do not count.
///
/// # Shapes
/// `y_true`: one-hot along `axis`. `y_pred`: the same, or class numbers with `sparse_y_pred`.
/// Weights: one a class number.
///
/// # Arguments
/// - `num_classes` (at least 1).
/// - `ignore_class`: labels of this class do not count.
/// - `sparse_y_pred` (false by default): whether predictions are class numbers; otherwise the class is where they are
///   largest along `axis`.
/// - `axis` (-1 by default): the axis of the classes.
///
/// # At the edges
/// Classes out of range do not count. 0 before any data. Counts are whole numbers (`I64`), so weights lose their
/// fraction; `dtype(DType::F32)` keeps it.
///
/// # Example
/// ```
/// use hornblende::{metrics::OneHotMeanIoU, prelude::*};
/// let metric = OneHotMeanIoU::new(2);
/// metric.update_state(&Tensor::from([[1i32, 0], [0, 1], [1, 0]]), &Tensor::from([[0.9f32, 0.1], [0.2, 0.8], [0.4, 0.6]]), None)?;
/// assert!((metric.result().item::<f32>()? - 0.5).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.OneHotMeanIoU`. Differs from it in: any `axis` works, not only the last.
#[derive(Debug)]
pub struct OneHotMeanIoU {
    matrix: ConfusionMatrix,
}

overlap_metric!(
    OneHotMeanIoU,
    ["num_classes", "ignore_class", "sparse_y_pred", "axis"]
);
overlap_arguments!(OneHotMeanIoU: ignore_class, sparse_y_pred, axis);

impl OneHotMeanIoU {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new(num_classes: usize) -> Self {
        Self {
            matrix: ConfusionMatrix::new("one_hot_mean_io_u", num_classes).one_hot(),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        let num_classes = ConfusionMatrix::num_classes("OneHotMeanIoU", config)?;
        let matrix = Self::new(num_classes).matrix;
        Ok(Self {
            matrix: matrix.configured("OneHotMeanIoU", config, Self::OWN)?,
        })
    }
}
