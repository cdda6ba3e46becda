//! Intersection over union of some classes.

use std::sync::Arc;

use hornblende_core::Result;

use super::Entry;
use super::confusion_matrix::{ConfusionMatrix, overlap_arguments, overlap_metric};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "IoU",
    names: &["io_u", "iou"],
    from_config: |config| Ok(Arc::new(IoU::from_config(config)?)),
};

/// The mean of intersection over union over some of the classes.
///
/// `intersection over union = true positives / (true positives + false positives + false negatives)` of a class;
/// classes that occur neither in labels nor in predictions do not count.
///
/// # Shapes
/// `y_true`, `y_pred`: class numbers, equally many; or the classes along `axis` where they are not sparse.
/// Weights: one a class number.
///
/// # Arguments
/// - `num_classes` (at least 1), `target_class_ids` (below it): the classes that count.
/// - `ignore_class`: labels of this class do not count.
/// - `sparse_y_true` (true by default): whether labels are class numbers; otherwise the class is where they are
///   largest along `axis`.
/// - `sparse_y_pred` (true by default): whether predictions are class numbers; otherwise the class is where they are
///   largest along `axis`.
/// - `axis` (-1 by default): the axis of the classes.
///
/// # At the edges
/// Classes out of range do not count. 0 before any data. Counts are whole numbers (`I64`), so weights lose their
/// fraction; `dtype(DType::F32)` keeps it.
///
/// # Example
/// ```
/// use hornblende::{metrics::IoU, prelude::*};
/// let metric = IoU::new(2, &[0]);
/// metric.update_state(&Tensor::from([0i32, 0, 1, 1]), &Tensor::from([0i32, 1, 0, 1]), None)?;
/// assert!((metric.result().item::<f32>()? - 1.0 / 3.0).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.IoU`. Differs from it in: any `axis` works, not only the last.
#[derive(Debug)]
pub struct IoU {
    matrix: ConfusionMatrix,
}

overlap_metric!(
    IoU,
    [
        "num_classes",
        "target_class_ids",
        "ignore_class",
        "sparse_y_true",
        "sparse_y_pred",
        "axis"
    ]
);
overlap_arguments!(IoU: ignore_class, sparse_y_true, sparse_y_pred, axis);

impl IoU {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new(num_classes: usize, target_class_ids: &[usize]) -> Self {
        Self {
            matrix: ConfusionMatrix::new("io_u", num_classes).of_classes(target_class_ids),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        let num_classes = ConfusionMatrix::num_classes("IoU", config)?;
        let target_class_ids = ConfusionMatrix::target_class_ids("IoU", config)?;
        let matrix = Self::new(num_classes, &target_class_ids).matrix;
        Ok(Self {
            matrix: matrix.configured("IoU", config, Self::OWN)?,
        })
    }
}
