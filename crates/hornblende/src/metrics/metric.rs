// tidy: not an item
//! What a metric is.

use hornblende_core::{DType, Error, Result, Spec, Tensor, Value, Variable};

use super::base::add_to;
use crate::config::Config;
use crate::metrics::MetricBase;

/// Which way a metric gets better, for callbacks whose `mode` is `"auto"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Larger is better.
    Up,
    /// Smaller is better.
    Down,
}

/// A metric: state in variables, updated batch by batch inside the compiled step.
///
/// A metric of one's own has a [`MetricBase`], whose example shows all of it, and implements
/// [`Metric::update_state`] and [`Metric::result`].
pub trait Metric: Send + Sync {
    /// Name, element type and state, for metrics that have them as a [`MetricBase`].
    fn base(&self) -> &MetricBase {
        static DEFAULT: MetricBase = MetricBase::new("metric");
        &DEFAULT
    }

    /// The name under which the result is logged.
    fn name(&self) -> &str {
        self.base().name()
    }

    /// Keras's class name, for configurations.
    fn class_name(&self) -> &'static str {
        "Metric"
    }

    /// The element type of state and result.
    fn dtype(&self) -> DType {
        self.base().dtype()
    }

    /// Fails if an argument of the metric makes no sense. Builders return no `Result`, so `compile` asks.
    ///
    /// # Errors
    /// The error of that argument.
    fn check(&self) -> Result<()> {
        self.base().check()
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        self.base().get_config()
    }

    /// Makes the state whose shape depends on the data. Called once before the first update.
    ///
    /// # Errors
    /// If the metric cannot be computed from such data.
    fn build(&self, _y_true: &Spec, _y_pred: &Spec) -> Result<()> {
        Ok(())
    }

    /// The state. Where its shape depends on the data it is empty before the first update.
    fn variables(&self) -> Vec<Variable> {
        self.base().variables()
    }

    /// Takes a batch in: assigns to the state.
    ///
    /// # Errors
    /// If the shapes or values do not fit the metric.
    fn update_state(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<()>;

    /// The metric of everything taken in since the last reset.
    fn result(&self) -> Tensor;

    /// Takes a batch in and gives the result after it: what calling a Keras metric does.
    ///
    /// # Errors
    /// As [`Metric::update_state`].
    fn call(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<Tensor> {
        self.update_state(y_true, y_pred, sample_weight)?;
        Ok(self.result())
    }

    /// Forgets everything taken in.
    ///
    /// # Errors
    /// None in practice.
    fn reset_state(&self) -> Result<()> {
        for variable in self.variables() {
            variable.set(Value::zeros(variable.shape(), variable.dtype()))?;
        }
        Ok(())
    }

    /// [`Metric::reset_state`] under its name in tf.keras 2.
    ///
    /// # Errors
    /// As [`Metric::reset_state`].
    fn reset_states(&self) -> Result<()> {
        self.reset_state()
    }

    /// Takes in what metrics of the same arguments have taken in, as if this one had seen it all. Sums the
    /// states, which is right for every metric of the library.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if another metric has other variables than this one. A metric whose state
    /// depends on the data must have seen some.
    fn merge_state(&self, others: &[&dyn Metric]) -> Result<()> {
        let own = self.variables();
        let describe = |list: &[Variable]| {
            let each = list.iter().map(|v| format!("{} {}", v.name(), v.shape()));
            each.collect::<Vec<_>>().join(", ")
        };
        for other in others {
            let theirs = other.variables();
            if describe(&own) != describe(&theirs) {
                return Err(Error::invalid_argument(
                    format!("merge_state of \"{}\"", self.name()),
                    format!("metrics with the variables {}", describe(&own)),
                    format!("\"{}\" with {}", other.name(), describe(&theirs)),
                    "Merge metrics made with the same arguments that have taken in data of the same shape",
                ));
            }
        }
        for other in others {
            let amounts: Vec<Tensor> = other.variables().iter().map(Variable::read).collect();
            add_to(&own, &amounts)?;
        }
        Ok(())
    }

    /// Which way the metric gets better, if there is one.
    fn direction(&self) -> Option<Direction> {
        None
    }
}
