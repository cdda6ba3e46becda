//! Metrics: what is measured while a model is trained or evaluated.
//!
//! `compile` takes them by name or as values: `.metrics(["acc", "mse"])`,
//! `.metrics([BinaryAccuracy::new().threshold(0.3)])`; a function becomes one by
//! [`MeanMetricWrapper::new`].

mod accuracy;
mod binary_accuracy;
mod binary_crossentropy;
mod categorical_accuracy;
mod categorical_crossentropy;
mod mean;
mod mean_absolute_error;
mod mean_metric_wrapper;
mod mean_squared_error;
mod metric;
mod samplewise;
mod sparse_categorical_accuracy;
mod sparse_categorical_crossentropy;
mod sum;

pub use accuracy::{Accuracy, accuracy};
pub use binary_accuracy::{BinaryAccuracy, binary_accuracy};
pub use binary_crossentropy::BinaryCrossentropy;
pub use categorical_accuracy::{CategoricalAccuracy, categorical_accuracy};
pub use categorical_crossentropy::CategoricalCrossentropy;
pub use mean::Mean;
pub use mean_absolute_error::{MeanAbsoluteError, mean_absolute_error};
pub use mean_metric_wrapper::MeanMetricWrapper;
pub use mean_squared_error::{MeanSquaredError, mean_squared_error};
pub use metric::{Direction, Metric};
pub use sparse_categorical_accuracy::{SparseCategoricalAccuracy, sparse_categorical_accuracy};
pub use sparse_categorical_crossentropy::SparseCategoricalCrossentropy;
pub use sum::Sum;

use std::sync::Arc;

use hornblende_core::{Error, Result, Spec};

use crate::config::{self, Config};

/// What the list of metrics knows about one.
pub type Entry = config::Entry<dyn Metric>;

/// All metrics.
pub static METRICS: &[&Entry] = &[
    &accuracy::ENTRY,
    &binary_accuracy::ENTRY,
    &binary_crossentropy::ENTRY,
    &categorical_accuracy::ENTRY,
    &categorical_crossentropy::ENTRY,
    &mean::ENTRY,
    &mean_absolute_error::ENTRY,
    &mean_squared_error::ENTRY,
    &sparse_categorical_accuracy::ENTRY,
    &sparse_categorical_crossentropy::ENTRY,
    &sum::ENTRY,
];

/// The metric of this name, with Keras's default arguments.
///
/// # Errors
/// [`Error::UnknownName`] with the nearest known ones.
///
/// # Example
/// ```
/// use hornblende::{metrics, prelude::*};
/// assert_eq!(metrics::get("mse")?.name(), "mean_squared_error");
/// # Ok::<(), Error>(())
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Metric>> {
    from_config(name, &Config::new())
}

/// The metric of this class name (or other name) with the arguments of a configuration.
///
/// # Errors
/// [`Error::UnknownName`] for an unknown name or argument, [`Error::Format`] for an argument of the wrong
/// kind.
pub fn from_config(name: &str, config: &Config) -> Result<Arc<dyn Metric>> {
    (Entry::find("metric", METRICS, name)?.from_config)(config)
}

/// The names that [`get`] knows.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Entry::names_of(METRICS)
}

/// What labels and predictions of these shapes are.
enum Task {
    Binary,
    SparseCategorical,
    Categorical,
}

impl Task {
    fn of(y_true: &Spec, y_pred: &Spec) -> Self {
        let last = |spec: &Spec| spec.shape.dims().last().copied();
        // Predictions without an axis of classes can only be binary ones.
        if last(y_pred) == Some(1) || y_pred.shape.rank() < 2 {
            return Self::Binary;
        }
        if y_true.shape.rank() < y_pred.shape.rank() || last(y_true) == Some(1) {
            return Self::SparseCategorical;
        }
        Self::Categorical
    }
}

/// The accuracy that `"accuracy"` means for labels and predictions of these shapes: binary for one
/// prediction a sample, sparse for class numbers, categorical for one-hot labels.
#[must_use]
pub fn resolve_accuracy(y_true: &Spec, y_pred: &Spec) -> Arc<dyn Metric> {
    match Task::of(y_true, y_pred) {
        Task::Binary => Arc::new(BinaryAccuracy::new()),
        Task::SparseCategorical => Arc::new(SparseCategoricalAccuracy::new()),
        Task::Categorical => Arc::new(CategoricalAccuracy::new()),
    }
}

/// The crossentropy that `"crossentropy"` means; see [`resolve_accuracy`].
#[must_use]
pub fn resolve_crossentropy(y_true: &Spec, y_pred: &Spec) -> Arc<dyn Metric> {
    match Task::of(y_true, y_pred) {
        Task::Binary => Arc::new(BinaryCrossentropy::new()),
        Task::SparseCategorical => Arc::new(SparseCategoricalCrossentropy::new()),
        Task::Categorical => Arc::new(CategoricalCrossentropy::new()),
    }
}

/// A whole number, or `None` if it is absent or null.
fn whole(config: &Config, key: &str) -> Result<Option<i64>> {
    let Some(value) = config.get(key) else {
        return Ok(None);
    };
    match value.as_i64() {
        Some(x) => Ok(Some(x)),
        None => {
            let subject = format!("argument \"{key}\"");
            Err(Error::format(
                subject,
                "a whole number",
                value.to_string(),
                "",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hornblende_core::{DType, Tensor};

    fn spec(shape: &[usize]) -> Spec {
        Spec {
            shape: shape.into(),
            dtype: DType::F32,
        }
    }

    #[test]
    fn accuracy_means_what_the_shapes_say() {
        for (y_true, y_pred, wanted) in [
            (&[8, 1][..], &[8, 1][..], "BinaryAccuracy"),
            (&[8], &[8, 1], "BinaryAccuracy"),
            (&[8], &[8], "BinaryAccuracy"),
            (&[8], &[8, 10], "SparseCategoricalAccuracy"),
            (&[8, 1], &[8, 10], "SparseCategoricalAccuracy"),
            (&[8, 5], &[8, 5, 10], "SparseCategoricalAccuracy"),
            (&[8, 10], &[8, 10], "CategoricalAccuracy"),
        ] {
            let metric = resolve_accuracy(&spec(y_true), &spec(y_pred));
            assert_eq!(metric.class_name(), wanted, "{y_true:?} {y_pred:?}");
        }
    }

    #[test]
    fn a_reset_forgets_and_a_failed_update_changes_nothing() {
        let metric = SparseCategoricalAccuracy::new();
        let y_pred = Tensor::from([[0.1f32, 0.9], [0.8, 0.2]]);
        metric
            .update_state(&Tensor::from([1i32, 0]), &y_pred, None)
            .unwrap();
        let error = metric
            .update_state(&y_pred, &y_pred, None)
            .unwrap_err()
            .to_string();
        assert!(error.contains("use categorical_accuracy"), "{error}");
        assert_eq!(metric.result().item::<f32>().unwrap(), 1.0);
        metric.reset_state().unwrap();
        assert_eq!(metric.result().item::<f32>().unwrap(), 0.0);
    }

    #[test]
    fn a_mask_on_the_predictions_leaves_samples_out() {
        let metric = MeanSquaredError::new();
        let y_pred = Tensor::from([[1.0f32], [3.0]]);
        let masked = (&y_pred * 1.0).with_remark("mask", &Tensor::from([true, false]));
        metric
            .update_state(&Tensor::zeros([2, 1], DType::F32), &masked, None)
            .unwrap();
        assert_eq!(metric.result().item::<f32>().unwrap(), 1.0);
    }
}
