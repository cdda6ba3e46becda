//! The sum of values.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::base::{add_to, metric_arguments};
use super::samplewise::{Combine, samplewise};
use super::{Entry, Metric, MetricBase};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Sum",
    names: &["sum"],
    from_config: |config| {
        let base = Sum::new().base.configured("Sum", config, &[])?;
        Ok(Arc::new(Sum { base }))
    },
};

/// The sum of all values taken in, each times its weight. Among the metrics of a model it is the sum of the
/// predictions.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let sum = Sum::new();
/// sum.update_state(&Tensor::from([1.0f32, 3.0]), None)?;
/// sum.update_state(&Tensor::from(5.0f32), None)?;
/// assert_eq!(sum.result().item::<f32>()?, 9.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.Sum`.
#[derive(Debug)]
pub struct Sum {
    base: MetricBase,
}

metric_arguments!(Sum);

impl Sum {
    /// The sum of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: MetricBase::new("sum"),
        }
    }

    /// Takes values in.
    ///
    /// # Errors
    /// What the values carry; [`hornblende_core::Error::ShapeMismatch`] if the weights do not fit them.
    #[track_caller]
    pub fn update_state(&self, values: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        let values = values.cast(self.base.dtype());
        let (values, _) = samplewise(&values, sample_weight, Combine::Sum);
        add_to(&self.variables(), &[values.sum(..)])
    }
}

impl Metric for Sum {
    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Sum"
    }

    fn variables(&self) -> Vec<Variable> {
        self.base.state(&["total"], &[])
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
        self.variables()[0].read()
    }
}
