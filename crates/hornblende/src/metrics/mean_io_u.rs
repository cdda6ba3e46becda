//! Intersection over union of all classes.

use std::sync::Arc;

use hornblende_core::Result;

use super::Entry;
use super::confusion_matrix::{ConfusionMatrix, overlap_arguments, overlap_metric};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanIoU",
    names: &["mean_io_u", "mean_iou"],
    from_config: |config| Ok(Arc::new(MeanIoU::from_config(config)?)),
};

/// The mean of intersection over union over all classes.
///
/// `intersection over union = true positives / (true positives + false positives + false negatives)` of a class;
/// classes that occur neither in labels nor in predictions do not count.
///
/// # Shapes
/// `y_true`, `y_pred`: class numbers, equally many; or the classes along `axis` where they are not sparse.
/// Weights: one a class number.
///
/// # Arguments
/// - `num_classes` (at least 1).
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
/// use hornblende::{metrics::MeanIoU, prelude::*};
/// let metric = MeanIoU::new(2);
/// metric.update_state(&Tensor::from([0i32, 0, 1, 1]), &Tensor::from([0i32, 1, 0, 1]), None)?;
/// assert!((metric.result().item::<f32>()? - 1.0 / 3.0).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.MeanIoU`. Differs from it in: any `axis` works, not only the last.
#[derive(Debug)]
pub struct MeanIoU {
    matrix: ConfusionMatrix,
}

overlap_metric!(
    MeanIoU,
    [
        "num_classes",
        "ignore_class",
        "sparse_y_true",
        "sparse_y_pred",
        "axis"
    ]
);
overlap_arguments!(MeanIoU: ignore_class, sparse_y_true, sparse_y_pred, axis);

impl MeanIoU {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new(num_classes: usize) -> Self {
        Self {
            matrix: ConfusionMatrix::new("mean_io_u", num_classes),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        let num_classes = ConfusionMatrix::num_classes("MeanIoU", config)?;
        let matrix = Self::new(num_classes).matrix;
        Ok(Self {
            matrix: matrix.configured("MeanIoU", config, Self::OWN)?,
        })
    }
}
