//! The mean of values.

use std::sync::Arc;

use hornblende_core::{DType, Result, Tensor, Value, Variable};

use super::samplewise::{Combine, samplewise};
use super::{Entry, Metric};
use crate::config::Config;
use crate::ops::divide_no_nan;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Mean",
    names: &["mean"],
    from_config: |config| {
        config.only("Mean", &["name", "dtype"])?;
        Ok(Arc::new(Mean::new().named_by(config)?))
    },
};

/// The mean of all values taken in; with weights, their weighted sum divided by the sum of the weights.
///
/// Several values of a sample are averaged first, and a scalar counts as one value. 0 before any value. Among
/// the metrics of a model it is the mean of the predictions.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mean = Mean::new();
/// mean.update_state(&Tensor::from([1.0f32, 3.0, 5.0, 7.0]), None)?;
/// assert_eq!(mean.result().item::<f32>()?, 4.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Mean {
    name: String,
    total: Variable,
    count: Variable,
}

impl Default for Mean {
    fn default() -> Self {
        Self::new()
    }
}

impl Mean {
    /// The mean of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            name: "mean".to_owned(),
            total: state("total"),
            count: state("count"),
        }
    }

    /// The name under which the result is logged.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    pub(super) fn named_by(self, config: &Config) -> Result<Self> {
        Ok(match config.text("name")? {
            Some(name) => self.name(&name),
            None => self,
        })
    }

    /// Takes values in.
    ///
    /// # Errors
    /// What the values carry; [`hornblende_core::Error::ShapeMismatch`] if the weights do not fit them.
    #[track_caller]
    pub fn update_state(&self, values: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        let (values, weight) = samplewise(&values.cast(DType::F32), sample_weight, Combine::Mean);
        let count = match weight {
            Some(weight) => weight.sum(..),
            None => Tensor::literal(samples_of(&values) as f64, DType::F32),
        };
        let total = self.total.read() + values.sum(..);
        // Both are checked before the first is assigned.
        total.check()?;
        self.count.assign(&(self.count.read() + count))?;
        self.total.assign(&total)
    }
}

fn samples_of(values: &Tensor) -> usize {
    values.shape().dims().first().copied().unwrap_or(1)
}

impl Metric for Mean {
    fn name(&self) -> &str {
        &self.name
    }

    fn class_name(&self) -> &'static str {
        "Mean"
    }

    fn variables(&self) -> Vec<Variable> {
        vec![self.total.clone(), self.count.clone()]
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
        divide_no_nan(&self.total.read(), &self.count.read())
    }
}

/// A number that begins at 0.
pub(super) fn state(name: &str) -> Variable {
    let variable = Variable::from_value(name, Value::scalar(0.0f32));
    variable.set_trainable(false);
    variable
}

/// Implements [`Metric`] for a metric that is the mean of `values(y_true, y_pred)`: it has a field `mean`, a
/// method `values` and a method `own_config`.
macro_rules! mean_metric {
    ($metric:ident, $direction:expr) => {
        impl $metric {
            /// The name under which the result is logged.
            #[must_use]
            pub fn name(mut self, name: &str) -> Self {
                self.mean = self.mean.name(name);
                self
            }
        }

        impl crate::metrics::Metric for $metric {
            fn name(&self) -> &str {
                crate::metrics::Metric::name(&self.mean)
            }

            fn class_name(&self) -> &'static str {
                stringify!($metric)
            }

            fn get_config(&self) -> crate::config::Config {
                let mut config = crate::metrics::Metric::get_config(&self.mean);
                config.0.extend(self.own_config().0);
                config
            }

            fn variables(&self) -> Vec<hornblende_core::Variable> {
                self.mean.variables()
            }

            fn update_state(
                &self,
                y_true: &hornblende_core::Tensor,
                y_pred: &hornblende_core::Tensor,
                sample_weight: Option<&hornblende_core::Tensor>,
            ) -> hornblende_core::Result<()> {
                let values = self.values(y_true, y_pred);
                match crate::metrics::mean::masked_weight(y_pred, sample_weight) {
                    Some(weight) => self.mean.update_state(&values, Some(&weight)),
                    None => self.mean.update_state(&values, None),
                }
            }

            fn result(&self) -> hornblende_core::Tensor {
                crate::metrics::Metric::result(&self.mean)
            }

            fn direction(&self) -> Option<crate::metrics::Direction> {
                $direction
            }
        }
    };
}
pub(super) use mean_metric;

/// The weights of the samples, 0 for those that the mask on the predictions leaves out.
pub(super) fn masked_weight(y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Option<Tensor> {
    match (y_pred.remark("mask"), sample_weight) {
        (None, weight) => weight.cloned(),
        (Some(mask), None) => Some(mask.cast(DType::F32)),
        (Some(mask), Some(weight)) => {
            let (weight, mask) = crate::ops::match_ranks(weight, &mask.cast(DType::F32));
            Some(weight * mask)
        }
    }
}
