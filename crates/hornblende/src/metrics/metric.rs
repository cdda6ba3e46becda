// tidy: not an item
//! What a metric is.

use hornblende_core::{Result, Spec, Tensor, Value, Variable};

use crate::config::Config;

/// Which way a metric gets better, for callbacks whose `mode` is `"auto"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Larger is better.
    Up,
    /// Smaller is better.
    Down,
}

/// A metric: state in variables, updated batch by batch inside the compiled step.
pub trait Metric: Send + Sync {
    /// The name under which the result is logged.
    fn name(&self) -> &str;

    /// Keras's class name, for configurations.
    fn class_name(&self) -> &'static str {
        "Metric"
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        Config::new().with("name", self.name())
    }

    /// Makes the state whose shape depends on the data. Called once before the first update.
    ///
    /// # Errors
    /// If the metric cannot be computed from such data.
    fn build(&self, _y_true: &Spec, _y_pred: &Spec) -> Result<()> {
        Ok(())
    }

    /// The state.
    fn variables(&self) -> Vec<Variable>;

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

    /// Which way the metric gets better, if there is one.
    fn direction(&self) -> Option<Direction> {
        None
    }
}
