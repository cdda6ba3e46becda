//! A metric as a user names it.

use std::sync::Arc;

use hornblende_core::{Result, Spec, Tensor};

use crate::metrics::{self, MeanMetricWrapper, Metric};

/// A metric as it is given to `compile`: an object, or a name that stands for one.
#[derive(Clone)]
pub enum MetricChoice {
    /// Which accuracy is meant, the shapes of the first batch tell; logged under the name as given.
    Accuracy(String),
    /// Which crossentropy is meant, the shapes of the first batch tell; logged under the name as given.
    Crossentropy(String),
    /// A known name; logged under the name as given.
    Named(String, Arc<dyn Metric>),
    /// An object; logged under its own name.
    Metric(Arc<dyn Metric>),
}

impl MetricChoice {
    /// The metric of this name.
    ///
    /// # Errors
    /// [`hornblende_core::Error::UnknownName`] listing the known ones.
    pub fn from_name(name: &str) -> Result<Self> {
        match name.to_lowercase().as_str() {
            "accuracy" | "acc" => Ok(Self::Accuracy(name.to_owned())),
            "crossentropy" | "ce" => Ok(Self::Crossentropy(name.to_owned())),
            _ => Ok(Self::Named(name.to_owned(), metrics::get(name)?)),
        }
    }

    /// Whether the name is one that is numbered where it occurs again, whatever output it is for.
    pub(super) fn is_numbered(&self) -> bool {
        matches!(self, Self::Metric(metric) if metrics::is_numbered(&**metric))
    }

    /// The metric for labels and predictions like these, and the name it is logged under.
    pub(super) fn resolve(&self, y_true: &Spec, y_pred: &Spec) -> (String, Arc<dyn Metric>) {
        match self {
            Self::Accuracy(name) => {
                let metric = metrics::resolve_accuracy(y_true, y_pred);
                (name.clone(), metric)
            }
            Self::Crossentropy(name) => {
                let metric = metrics::resolve_crossentropy(y_true, y_pred);
                (name.clone(), metric)
            }
            Self::Named(name, metric) => (name.clone(), Arc::clone(metric)),
            Self::Metric(metric) => (metric.name().to_owned(), Arc::clone(metric)),
        }
    }
}

/// What can be given as a metric: a name, a value, a function of labels and predictions, or a pair of a name and
/// such a function.
///
/// `Kind` tells these apart; it is found by the compiler and never written.
pub trait IntoMetricChoice<Kind> {
    /// The metric.
    ///
    /// # Errors
    /// [`hornblende_core::Error::UnknownName`] for a name that nothing has; an argument of the metric that makes
    /// no sense.
    fn into_metric_choice(self) -> Result<MetricChoice>;
}

/// The kinds of what can be given as a metric.
pub mod kind {
    /// The name of a metric.
    #[derive(Debug)]
    pub struct Name;
    /// A metric itself.
    #[derive(Debug)]
    pub struct Object;
    /// A function or closure.
    #[derive(Debug)]
    pub struct Function;
    /// A name and a function or closure.
    #[derive(Debug)]
    pub struct NamedFunction;
}

impl IntoMetricChoice<kind::Name> for &str {
    fn into_metric_choice(self) -> Result<MetricChoice> {
        MetricChoice::from_name(self)
    }
}

impl IntoMetricChoice<kind::Name> for String {
    fn into_metric_choice(self) -> Result<MetricChoice> {
        MetricChoice::from_name(&self)
    }
}

impl IntoMetricChoice<kind::Object> for MetricChoice {
    fn into_metric_choice(self) -> Result<MetricChoice> {
        Ok(self)
    }
}

impl IntoMetricChoice<kind::Object> for Arc<dyn Metric> {
    fn into_metric_choice(self) -> Result<MetricChoice> {
        self.check()?;
        Ok(MetricChoice::Metric(self))
    }
}

impl<M: Metric + 'static> IntoMetricChoice<kind::Object> for M {
    fn into_metric_choice(self) -> Result<MetricChoice> {
        let metric: Arc<dyn Metric> = Arc::new(self);
        metric.into_metric_choice()
    }
}

impl<F> IntoMetricChoice<kind::Function> for F
where
    F: Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static,
{
    fn into_metric_choice(self) -> Result<MetricChoice> {
        MeanMetricWrapper::new(self).into_metric_choice()
    }
}

impl<S: AsRef<str>, F> IntoMetricChoice<kind::NamedFunction> for (S, F)
where
    F: Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static,
{
    fn into_metric_choice(self) -> Result<MetricChoice> {
        let (name, function) = self;
        let metric = MeanMetricWrapper::new(function).name(name.as_ref());
        metric.into_metric_choice()
    }
}
