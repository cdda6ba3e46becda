//! Mean squared error.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanSquaredError",
    names: &["mean_squared_error", "mse", "MSE"],
    from_config: |config| {
        config.only("MeanSquaredError", &["name", "reduction", "dtype"])?;
        let base = MeanSquaredError::new().base.configured(config)?;
        Ok(Arc::new(MeanSquaredError { base }))
    },
};

/// Mean squared error: `mean((y_pred - y_true)^2)` over the last axis.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Units
/// Unit of `y` squared.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let loss = MeanSquaredError::new();
/// let loss = loss.compute(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[2.0f32, 1.0]]), None);
/// assert_eq!(loss.item::<f32>()?, 2.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MeanSquaredError {
    base: LossBase,
}

loss_arguments!(MeanSquaredError);

impl MeanSquaredError {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("mean_squared_error"),
        }
    }
}

impl Loss for MeanSquaredError {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        mean_squared_error(y_true, y_pred)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "MeanSquaredError"
    }
}

/// `mean((y_pred - y_true)^2)` over the last axis: one loss a sample.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if the shapes differ by more than a last axis of size 1.
#[track_caller]
#[must_use]
pub fn mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    match ops::same_shapes("mean_squared_error", y_true, y_pred) {
        Ok((y_true, y_pred)) => (y_pred - y_true).square().mean(-1),
        Err(error) => ops::invalid(error),
    }
}
