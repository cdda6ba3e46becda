//! The metrics of a model, in the ways in which they can be given to `compile`.

use hornblende_core::Result;

use super::PerOutput;
use super::metric_choice::{IntoMetricChoice, MetricChoice};

/// A list of metrics: an array or `Vec` of names or values, or a tuple where their types differ.
pub trait IntoMetricList {
    /// The metrics in order.
    ///
    /// # Errors
    /// [`hornblende_core::Error::UnknownName`] for a name that nothing has.
    fn into_metric_list(self) -> Result<Vec<MetricChoice>>;
}

/// The metrics of a model: a list, lists in the order of the outputs, or lists by the names of the outputs.
pub trait IntoMetrics {
    /// The metrics.
    ///
    /// # Errors
    /// [`hornblende_core::Error::UnknownName`] for a name that nothing has.
    fn into_metrics(self) -> Result<PerOutput<Vec<MetricChoice>>>;
}

impl<M: IntoMetricChoice, const N: usize> IntoMetricList for [M; N] {
    fn into_metric_list(self) -> Result<Vec<MetricChoice>> {
        self.into_iter().map(M::into_metric_choice).collect()
    }
}

impl<M: IntoMetricChoice> IntoMetricList for Vec<M> {
    fn into_metric_list(self) -> Result<Vec<MetricChoice>> {
        self.into_iter().map(M::into_metric_choice).collect()
    }
}

macro_rules! tuples {
    ($(($($name:ident),*))*) => {$(
        impl<$($name: IntoMetricChoice),*> IntoMetricList for ($($name,)*) {
            fn into_metric_list(self) -> Result<Vec<MetricChoice>> {
                #[allow(non_snake_case, reason = "each part is named like its type")]
                let ($($name,)*) = self;
                Ok(vec![$($name.into_metric_choice()?),*])
            }
        }
    )*};
}

tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

impl<L: IntoMetricList> IntoMetrics for L {
    fn into_metrics(self) -> Result<PerOutput<Vec<MetricChoice>>> {
        Ok(PerOutput::Same(self.into_metric_list()?))
    }
}

impl<M: IntoMetricChoice> IntoMetrics for Vec<Vec<M>> {
    fn into_metrics(self) -> Result<PerOutput<Vec<MetricChoice>>> {
        let lists = self.into_iter().map(IntoMetricList::into_metric_list);
        Ok(PerOutput::Positions(lists.collect::<Result<_>>()?))
    }
}

impl<S: Into<String>, L: IntoMetricList, const N: usize> IntoMetrics for [(S, L); N] {
    fn into_metrics(self) -> Result<PerOutput<Vec<MetricChoice>>> {
        let named = self
            .into_iter()
            .map(|(output, list)| Ok((output.into(), list.into_metric_list()?)));
        Ok(PerOutput::Names(named.collect::<Result<_>>()?))
    }
}

/// The metrics of each of these outputs. A plain list belongs to the only output, or has one metric for
/// each of several.
pub(super) fn metrics_of(
    metrics: &PerOutput<Vec<MetricChoice>>,
    what: &str,
    outputs: &[String],
) -> Result<Vec<Option<Vec<MetricChoice>>>> {
    match metrics {
        PerOutput::Same(list) if outputs.len() > 1 => {
            let each = list.iter().map(|metric| vec![metric.clone()]).collect();
            PerOutput::Positions(each).resolve(what, outputs)
        }
        other => other.resolve(what, outputs),
    }
}
