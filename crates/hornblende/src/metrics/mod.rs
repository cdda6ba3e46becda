//! Metrics: what is measured while a model is trained or evaluated.
//!
//! `compile` takes them by name or as values: `.metrics(["acc", "mse"])`,
//! `.metrics([BinaryAccuracy::new().threshold(0.3)])`, `.metrics((AUC::new(), "mse", mean_pred))`; a function of
//! labels and predictions is averaged by a [`MeanMetricWrapper`].
//!
//! Alone a metric is used as in Keras: `update_state`, `result`, `reset_state`. State lives in variables, under
//! Keras's names and in its order; inside a traced step an update becomes a part of the step.

mod accuracy;
mod area;
mod at_constraint;
mod auc;
mod base;
mod binary_accuracy;
mod binary_crossentropy;
mod binary_io_u;
mod categorical_accuracy;
mod categorical_crossentropy;
mod categorical_hinge;
mod concordance_correlation;
mod confusion;
mod confusion_matrix;
mod cosine_similarity;
mod counting;
mod f1_score;
mod f_beta_score;
mod f_score;
mod false_negatives;
mod false_positives;
mod hinge;
mod io_u;
mod kl_divergence;
mod ks;
mod log_cosh_error;
mod mean;
mod mean_absolute_error;
mod mean_absolute_percentage_error;
mod mean_io_u;
mod mean_metric_wrapper;
mod mean_squared_error;
mod mean_squared_logarithmic_error;
mod metric;
mod one_hot_io_u;
mod one_hot_mean_io_u;
mod pearson_correlation;
mod poisson;
mod precision;
mod precision_at_recall;
mod r2_score;
mod ratio;
mod recall;
mod recall_at_precision;
mod root_mean_squared_error;
mod samplewise;
mod sensitivity_at_specificity;
mod sparse_categorical_accuracy;
mod sparse_categorical_crossentropy;
mod sparse_top_k_categorical_accuracy;
mod specificity_at_sensitivity;
mod squared_hinge;
mod sum;
mod thresholds;
mod top_k_categorical_accuracy;
mod true_negatives;
mod true_positives;

pub use crate::ops::measures::{
    categorical_hinge, hinge, kl_divergence, log_cosh, mean_absolute_error,
    mean_absolute_percentage_error, mean_squared_error, mean_squared_logarithmic_error, poisson,
    squared_hinge,
};
pub use accuracy::{Accuracy, accuracy};
pub use auc::AUC;
pub use base::MetricBase;
pub use binary_accuracy::{BinaryAccuracy, binary_accuracy};
pub use binary_crossentropy::BinaryCrossentropy;
pub use binary_io_u::BinaryIoU;
pub use categorical_accuracy::{CategoricalAccuracy, categorical_accuracy};
pub use categorical_crossentropy::CategoricalCrossentropy;
pub use categorical_hinge::CategoricalHinge;
pub use concordance_correlation::{ConcordanceCorrelation, concordance_correlation};
pub use cosine_similarity::CosineSimilarity;
pub use f_beta_score::FBetaScore;
pub use f1_score::F1Score;
pub use false_negatives::FalseNegatives;
pub use false_positives::FalsePositives;
pub use hinge::Hinge;
pub use io_u::IoU;
pub use kl_divergence::KLDivergence;
pub use ks::{KS, ks};
pub use log_cosh_error::LogCoshError;
pub use mean::Mean;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_absolute_percentage_error::MeanAbsolutePercentageError;
pub use mean_io_u::MeanIoU;
pub use mean_metric_wrapper::MeanMetricWrapper;
pub use mean_squared_error::MeanSquaredError;
pub use mean_squared_logarithmic_error::MeanSquaredLogarithmicError;
pub use metric::{Direction, Metric};
pub use one_hot_io_u::OneHotIoU;
pub use one_hot_mean_io_u::OneHotMeanIoU;
pub use pearson_correlation::{PearsonCorrelation, pearson_correlation};
pub use poisson::Poisson;
pub use precision::Precision;
pub use precision_at_recall::PrecisionAtRecall;
pub use r2_score::R2Score;
pub use recall::Recall;
pub use recall_at_precision::RecallAtPrecision;
pub use root_mean_squared_error::RootMeanSquaredError;
pub use sensitivity_at_specificity::SensitivityAtSpecificity;
pub use sparse_categorical_accuracy::{SparseCategoricalAccuracy, sparse_categorical_accuracy};
pub use sparse_categorical_crossentropy::SparseCategoricalCrossentropy;
pub use sparse_top_k_categorical_accuracy::{
    SparseTopKCategoricalAccuracy, sparse_top_k_categorical_accuracy,
};
pub use specificity_at_sensitivity::SpecificityAtSensitivity;
pub use squared_hinge::SquaredHinge;
pub use sum::Sum;
pub use thresholds::Thresholds;
pub use top_k_categorical_accuracy::{TopKCategoricalAccuracy, top_k_categorical_accuracy};
pub use true_negatives::TrueNegatives;
pub use true_positives::TruePositives;

// The functions by the short and the older names of tf.keras.
pub use crate::ops::measures::{
    kl_divergence as kld, kl_divergence as kullback_leibler_divergence, log_cosh as logcosh,
    mean_absolute_error as mae, mean_absolute_percentage_error as mape, mean_squared_error as mse,
    mean_squared_logarithmic_error as msle,
};

use std::sync::Arc;

use hornblende_core::{Error, Result, Spec};

use crate::config::{self, Config, Json};

/// What the list of metrics knows about one.
pub type Entry = config::Entry<dyn Metric>;

/// All metrics.
pub static METRICS: &[&Entry] = &[
    &accuracy::ENTRY,
    &auc::ENTRY,
    &binary_accuracy::ENTRY,
    &binary_crossentropy::ENTRY,
    &binary_io_u::ENTRY,
    &categorical_accuracy::ENTRY,
    &categorical_crossentropy::ENTRY,
    &categorical_hinge::ENTRY,
    &concordance_correlation::ENTRY,
    &cosine_similarity::ENTRY,
    &f1_score::ENTRY,
    &f_beta_score::ENTRY,
    &false_negatives::ENTRY,
    &false_positives::ENTRY,
    &hinge::ENTRY,
    &io_u::ENTRY,
    &kl_divergence::ENTRY,
    &ks::ENTRY,
    &log_cosh_error::ENTRY,
    &mean::ENTRY,
    &mean_absolute_error::ENTRY,
    &mean_absolute_percentage_error::ENTRY,
    &mean_io_u::ENTRY,
    &mean_metric_wrapper::ENTRY,
    &mean_squared_error::ENTRY,
    &mean_squared_logarithmic_error::ENTRY,
    &one_hot_io_u::ENTRY,
    &one_hot_mean_io_u::ENTRY,
    &pearson_correlation::ENTRY,
    &poisson::ENTRY,
    &precision::ENTRY,
    &precision_at_recall::ENTRY,
    &r2_score::ENTRY,
    &recall::ENTRY,
    &recall_at_precision::ENTRY,
    &root_mean_squared_error::ENTRY,
    &sensitivity_at_specificity::ENTRY,
    &sparse_categorical_accuracy::ENTRY,
    &sparse_categorical_crossentropy::ENTRY,
    &sparse_top_k_categorical_accuracy::ENTRY,
    &specificity_at_sensitivity::ENTRY,
    &squared_hinge::ENTRY,
    &sum::ENTRY,
    &top_k_categorical_accuracy::ENTRY,
    &true_negatives::ENTRY,
    &true_positives::ENTRY,
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

/// The names of metrics that have none of their own, of the classes whose second such metric Keras numbers: `auc`,
/// `auc_1`. All other classes are given a name by default, which is not numbered.
const NUMBERED: &[&str] = &[
    "auc",
    "binary_io_u",
    "false_negatives",
    "false_positives",
    "io_u",
    "mean_io_u",
    "one_hot_io_u",
    "one_hot_mean_io_u",
    "precision",
    "precision_at_recall",
    "recall",
    "recall_at_precision",
    "sensitivity_at_specificity",
    "specificity_at_sensitivity",
    "true_negatives",
    "true_positives",
];

/// Whether a metric has the name that Keras gives, and numbers, if the metric has none of its own.
pub(crate) fn is_numbered(metric: &dyn Metric) -> bool {
    NUMBERED.contains(&metric.name()) && METRICS.iter().any(|e| e.class_name == metric.class_name())
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

/// Numbers, or `None` if they are absent or null.
fn numbers(config: &Config, key: &str) -> Result<Option<Vec<f64>>> {
    let Some(value) = config.get(key) else {
        return Ok(None);
    };
    let list = value.as_array().map(|list| list.iter().map(Json::as_f64));
    match list.and_then(Iterator::collect::<Option<Vec<f64>>>) {
        Some(numbers) => Ok(Some(numbers)),
        None => {
            let subject = format!("argument \"{key}\"");
            let expected = "a list of numbers";
            Err(Error::format(subject, expected, value.to_string(), ""))
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
