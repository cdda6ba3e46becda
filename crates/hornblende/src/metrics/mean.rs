//! The mean of values.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::base::{add_to, metric_arguments};
use super::samplewise::{Combine, samplewise};
use super::{Entry, Metric, MetricBase};
use crate::config::Config;
use crate::ops::divide_no_nan;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Mean",
    names: &["mean"],
    from_config: |config| Ok(Arc::new(Mean::new().configured("Mean", config, &[])?)),
};

/// The mean of all values taken in; with weights, their weighted sum divided by the sum of the weights.
///
/// Several values of a sample are averaged first, and a scalar counts as one value. 0 before any value, and 0
/// if all weights are 0. Among the metrics of a model it is the mean of the predictions.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mean = Mean::new();
/// mean.update_state(&Tensor::from([1.0f32, 3.0, 5.0, 7.0]), None)?;
/// assert_eq!(mean.result().item::<f32>()?, 4.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.Mean`.
#[derive(Debug)]
pub struct Mean {
    pub(super) base: MetricBase,
}

metric_arguments!(Mean);

impl Mean {
    /// The mean of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::named("mean")
    }

    pub(super) fn named(name: &'static str) -> Self {
        Self {
            base: MetricBase::new(name),
        }
    }

    pub(super) fn configured(
        self,
        class_name: &str,
        config: &Config,
        own: &[&str],
    ) -> Result<Self> {
        Ok(Self {
            base: self.base.configured(class_name, config, own)?,
        })
    }

    fn state(&self) -> Vec<Variable> {
        self.base.state(&["total", "count"], &[])
    }

    /// Takes values in. A mask on the values (remark `mask`) counts where there are weights.
    ///
    /// # Errors
    /// What the values carry; [`hornblende_core::Error::ShapeMismatch`] if the weights do not fit them.
    #[track_caller]
    pub fn update_state(&self, values: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        let sample_weight = sample_weight.map(|weight| masked(values, weight));
        let values = values.cast(self.base.dtype());
        let (values, weight) = samplewise(&values, sample_weight.as_ref(), Combine::Mean);
        let count = match weight {
            Some(weight) => weight.sum(..),
            None => Tensor::literal(samples_of(&values) as f64, self.base.dtype()),
        };
        add_to(&self.state(), &[values.sum(..), count])
    }
}

fn samples_of(values: &Tensor) -> usize {
    values.shape().dims().first().copied().unwrap_or(1)
}

impl Metric for Mean {
    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Mean"
    }

    fn variables(&self) -> Vec<Variable> {
        self.state()
    }

    fn update_state(
        &self,
        _y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        self.update_state(y_pred, sample_weight)
    }

    fn result(&self) -> Tensor {
        let state = self.state();
        divide_no_nan(&state[0].read(), &state[1].read())
    }
}

/// The weights, 0 where the mask that the tensor carries leaves something out.
fn masked(of: &Tensor, weight: &Tensor) -> Tensor {
    match of.remark("mask") {
        None => weight.clone(),
        Some(mask) => {
            let weight = crate::ops::as_float(weight);
            let (weight, mask) = crate::ops::match_ranks(&weight, &mask.cast(weight.dtype()));
            weight * mask
        }
    }
}

/// The weights of the samples, 0 for those that the mask on the predictions leaves out.
pub(super) fn masked_weight(y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Option<Tensor> {
    match (y_pred.remark("mask"), sample_weight) {
        (Some(mask), None) => Some(mask.cast(hornblende_core::DType::F32)),
        (_, weight) => weight.map(|weight| masked(y_pred, weight)),
    }
}

/// Implements [`Metric`] for a metric that is the mean of `values(y_true, y_pred)`: it has a field `mean`, a
/// method `values` and a method `own_config`. With a name and a function it makes these as well, for metrics
/// without arguments of their own.
macro_rules! mean_metric {
    ($metric:ident, $name:literal, $function:expr, $direction:expr) => {
        impl $metric {
            /// The metric of nothing yet.
            #[must_use]
            pub fn new() -> Self {
                Self {
                    mean: crate::metrics::Mean::named($name),
                }
            }

            fn from_config(config: &crate::config::Config) -> hornblende_core::Result<Self> {
                let mean = Self::new().mean;
                Ok(Self {
                    mean: mean.configured(stringify!($metric), config, &[])?,
                })
            }

            #[track_caller]
            fn values(
                &self,
                y_true: &hornblende_core::Tensor,
                y_pred: &hornblende_core::Tensor,
            ) -> hornblende_core::Tensor {
                $function(y_true, y_pred)
            }

            fn own_config(&self) -> crate::config::Config {
                crate::config::Config::new()
            }
        }

        crate::metrics::mean::mean_metric!($metric, $direction);
    };
    ($metric:ident, $direction:expr) => {
        impl Default for $metric {
            fn default() -> Self {
                Self::new()
            }
        }

        crate::metrics::mean::mean_metric!($metric, |_: &$metric| $direction, as is);
    };
    ($metric:ident, $direction:expr, as is) => {
        crate::metrics::base::metric_arguments!($metric, mean.base);

        impl crate::metrics::Metric for $metric {
            fn base(&self) -> &crate::metrics::MetricBase {
                &self.mean.base
            }

            fn class_name(&self) -> &'static str {
                stringify!($metric)
            }

            fn get_config(&self) -> crate::config::Config {
                let mut config = self.mean.base.get_config();
                config.0.extend(self.own_config().0);
                config
            }

            fn variables(&self) -> Vec<hornblende_core::Variable> {
                crate::metrics::Metric::variables(&self.mean)
            }

            fn update_state(
                &self,
                y_true: &hornblende_core::Tensor,
                y_pred: &hornblende_core::Tensor,
                sample_weight: Option<&hornblende_core::Tensor>,
            ) -> hornblende_core::Result<()> {
                self.mean.base.check()?;
                let values = self.values(y_true, y_pred);
                let weight = crate::metrics::mean::masked_weight(y_pred, sample_weight);
                self.mean.update_state(&values, weight.as_ref())
            }

            fn result(&self) -> hornblende_core::Tensor {
                crate::metrics::Metric::result(&self.mean)
            }

            fn direction(&self) -> Option<crate::metrics::Direction> {
                ($direction)(self)
            }
        }
    };
}
pub(super) use mean_metric;
