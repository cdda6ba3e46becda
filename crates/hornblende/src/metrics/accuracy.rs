//! How often predictions equal labels.

use std::sync::Arc;

use hornblende_core::{DType, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Accuracy",
    names: &["accuracy"],
    from_config: |config| {
        config.only("Accuracy", &["name", "dtype"])?;
        let mean = Accuracy::new().mean.named_by(config)?;
        Ok(Arc::new(Accuracy { mean }))
    },
};

/// How often predictions equal labels.
///
/// This is the class. The name `"accuracy"` given to `compile` means the accuracy that fits the shapes of
/// labels and predictions; see [`crate::metrics::resolve_accuracy`].
///
/// # Example
/// ```
/// use hornblende::{metrics::Accuracy, prelude::*};
/// let metric = Accuracy::new();
/// metric.update_state(&Tensor::from([1i32, 2]), &Tensor::from([1i32, 3]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Accuracy {
    mean: Mean,
}

impl Default for Accuracy {
    fn default() -> Self {
        Self::new()
    }
}

impl Accuracy {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::new().name("accuracy"),
        }
    }

    #[track_caller]
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        accuracy(y_true, y_pred)
    }

    fn own_config(&self) -> Config {
        Config::new()
    }
}

mean_metric!(Accuracy, Some(Direction::Up));

/// 1 where prediction and label are equal, else 0.
#[track_caller]
#[must_use]
pub fn accuracy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    match ops::same_shapes("accuracy", y_true, y_pred) {
        Ok((y_true, y_pred)) => y_true.equal(y_pred).cast(DType::F32),
        Err(error) => ops::invalid(error),
    }
}
