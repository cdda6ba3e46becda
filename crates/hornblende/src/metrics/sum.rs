//! The sum of values.

use std::sync::Arc;

use hornblende_core::{DType, Result, Tensor, Variable};

use super::mean::state;
use super::samplewise::{Combine, samplewise};
use super::{Entry, Metric};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Sum",
    names: &["sum"],
    from_config: |config| {
        config.only("Sum", &["name", "dtype"])?;
        let sum = Sum::new();
        Ok(Arc::new(match config.text("name")? {
            Some(name) => sum.name(&name),
            None => sum,
        }))
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
#[derive(Debug)]
pub struct Sum {
    name: String,
    total: Variable,
}

impl Default for Sum {
    fn default() -> Self {
        Self::new()
    }
}

impl Sum {
    /// The sum of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            name: "sum".to_owned(),
            total: state("total"),
        }
    }

    /// The name under which the result is logged.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Takes values in.
    ///
    /// # Errors
    /// What the values carry; [`hornblende_core::Error::ShapeMismatch`] if the weights do not fit them.
    #[track_caller]
    pub fn update_state(&self, values: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        let (values, _) = samplewise(&values.cast(DType::F32), sample_weight, Combine::Sum);
        self.total.assign(&(self.total.read() + values.sum(..)))
    }
}

impl Metric for Sum {
    fn name(&self) -> &str {
        &self.name
    }

    fn class_name(&self) -> &'static str {
        "Sum"
    }

    fn variables(&self) -> Vec<Variable> {
        vec![self.total.clone()]
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
        self.total.read()
    }
}
