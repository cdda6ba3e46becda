//! Mean absolute error.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanAbsoluteError",
    names: &["mean_absolute_error", "mae", "MAE"],
    from_config: |config| {
        config.only("MeanAbsoluteError", &["name", "reduction", "dtype"])?;
        let base = MeanAbsoluteError::new().base.configured(config)?;
        Ok(Arc::new(MeanAbsoluteError { base }))
    },
};

/// Mean absolute error: `mean(|y_pred - y_true|)` over the last axis.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Units
/// Unit of `y`. The gradient at 0 is 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let loss = MeanAbsoluteError::new();
/// let loss = loss.compute(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[2.0f32, 1.0]]), None);
/// assert_eq!(loss.item::<f32>()?, 1.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MeanAbsoluteError {
    base: LossBase,
}

loss_arguments!(MeanAbsoluteError);

impl MeanAbsoluteError {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("mean_absolute_error"),
        }
    }
}

impl Loss for MeanAbsoluteError {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        mean_absolute_error(y_true, y_pred)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "MeanAbsoluteError"
    }
}

/// `mean(|y_pred - y_true|)` over the last axis: one loss a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn mean_absolute_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    match ops::same_shapes("mean_absolute_error", y_true, y_pred) {
        Ok((y_true, y_pred)) => (y_pred - y_true).abs().mean(-1),
        Err(error) => ops::invalid(error),
    }
}
