//! The metrics of a model, in the ways in which they can be given to `compile`.

use hornblende_core::Result;

use super::PerOutput;
use super::metric_choice::{IntoMetricChoice, MetricChoice};

/// A list of metrics: an array or `Vec` of names, values or functions, or a tuple where their types differ.
pub trait IntoMetricList<Kind> {
    /// The metrics in order.
    ///
    /// # Errors
    /// [`hornblende_core::Error::UnknownName`] for a name that nothing has.
    fn into_metric_list(self) -> Result<Vec<MetricChoice>>;
}

/// The metrics of a model: a list, lists in the order of the outputs, or lists by the names of the outputs.
pub trait IntoMetrics<Kind> {
    /// The metrics.
    ///
    /// # Errors
    /// [`hornblende_core::Error::UnknownName`] for a name that nothing has.
    fn into_metrics(self) -> Result<PerOutput<Vec<MetricChoice>>>;
}

impl<K, M: IntoMetricChoice<K>, const N: usize> IntoMetricList<K> for [M; N] {
    fn into_metric_list(self) -> Result<Vec<MetricChoice>> {
        self.into_iter().map(M::into_metric_choice).collect()
    }
}

impl<K, M: IntoMetricChoice<K>> IntoMetricList<K> for Vec<M> {
    fn into_metric_list(self) -> Result<Vec<MetricChoice>> {
        self.into_iter().map(M::into_metric_choice).collect()
    }
}

macro_rules! tuples {
    ($(($($name:ident $kind:ident),*))*) => {$(
        impl<$($kind, $name: IntoMetricChoice<$kind>),*> IntoMetricList<($($kind,)*)> for ($($name,)*) {
            fn into_metric_list(self) -> Result<Vec<MetricChoice>> {
                #[allow(non_snake_case, reason = "each part is named like its type")]
                let ($($name,)*) = self;
                Ok(vec![$($name.into_metric_choice()?),*])
            }
        }
    )*};
}

tuples! {
    (A KA)
    (A KA, B KB)
    (A KA, B KB, C KC)
    (A KA, B KB, C KC, D KD)
    (A KA, B KB, C KC, D KD, E KE)
    (A KA, B KB, C KC, D KD, E KE, F KF)
    (A KA, B KB, C KC, D KD, E KE, F KF, G KG)
    (A KA, B KB, C KC, D KD, E KE, F KF, G KG, H KH)
}

/// The ways in which the metrics of several outputs can be given.
pub mod way {
    use std::marker::PhantomData;

    /// One list.
    #[derive(Debug)]
    pub struct List<K>(PhantomData<K>);
    /// Lists in the order of the outputs.
    #[derive(Debug)]
    pub struct Positions<K>(PhantomData<K>);
    /// Lists by the names of the outputs.
    #[derive(Debug)]
    pub struct Names<K>(PhantomData<K>);
}

impl<K, L: IntoMetricList<K>> IntoMetrics<way::List<K>> for L {
    fn into_metrics(self) -> Result<PerOutput<Vec<MetricChoice>>> {
        Ok(PerOutput::Same(self.into_metric_list()?))
    }
}

impl<K, M: IntoMetricChoice<K>> IntoMetrics<way::Positions<K>> for Vec<Vec<M>> {
    fn into_metrics(self) -> Result<PerOutput<Vec<MetricChoice>>> {
        let lists = self.into_iter().map(IntoMetricList::into_metric_list);
        Ok(PerOutput::Positions(lists.collect::<Result<_>>()?))
    }
}

impl<K, S: Into<String>, L: IntoMetricList<K>, const N: usize> IntoMetrics<way::Names<K>>
    for [(S, L); N]
{
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
