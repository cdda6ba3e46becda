//! The coefficient of determination.

use std::sync::Arc;

use hornblende_core::{Error, Result, Spec, Tensor, Variable};

use super::base::{add_to, metric_arguments};
use super::{Direction, Entry, Metric, MetricBase};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "R2Score",
    names: &["r2_score"],
    from_config: |config| Ok(Arc::new(R2Score::from_config(config)?)),
};

/// The coefficient of determination: the share of the variance of the labels that the predictions explain.
///
/// ```text
/// R2 = 1 - sum(w (y_true - y_pred)^2) / sum(w (y_true - mean(y_true))^2)      for each column
/// ```
///
/// # Shapes
/// `y_true`, `y_pred`: `[samples, columns]`. Weights: `[samples]`, or one an element. The result is a number, or
/// `[columns]` without `class_aggregation`.
///
/// # Arguments
/// - `class_aggregation`: `"uniform_average"` (default), `"variance_weighted_average"`, or none.
/// - `num_regressors` (0 by default): the number of independent variables of the model, for the adjusted score
///   `1 - (1 - R2) (n - 1) / (n - p - 1)` with `n` elements; where `p` is not below `n - 1` the score is not
///   adjusted.
///
/// # At the edges
/// NaN before any data. Infinite scores count as 0: labels that are all equal, predicted otherwise. Labels that
/// are all equal and predicted so give NaN. A mask does not matter, as in Keras.
///
/// # Errors
/// [`Error::ShapeMismatch`] unless there are two axes; [`Error::UnknownName`] for another aggregation.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = R2Score::new();
/// let (y_true, y_pred) = (Tensor::from([[1.0f32], [4.0], [7.0]]), Tensor::from([[2.0f32], [4.0], [4.0]]));
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert!((metric.result().item::<f32>()? - 4.0 / 9.0).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.R2Score`.
#[derive(Debug)]
pub struct R2Score {
    base: MetricBase,
    class_aggregation: Aggregation,
    num_regressors: usize,
}

/// How the scores of the columns become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aggregation {
    None,
    UniformAverage,
    VarianceWeightedAverage,
}

impl Aggregation {
    fn from_name(name: &str) -> Result<Self> {
        match name {
            "uniform_average" => Ok(Self::UniformAverage),
            "variance_weighted_average" => Ok(Self::VarianceWeightedAverage),
            _ => {
                let known = ["uniform_average", "variance_weighted_average"];
                Err(Error::unknown("class_aggregation", name, &known))
            }
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::UniformAverage => Some("uniform_average"),
            Self::VarianceWeightedAverage => Some("variance_weighted_average"),
        }
    }
}

metric_arguments!(R2Score);

impl R2Score {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: MetricBase::new("r2_score"),
            class_aggregation: Aggregation::UniformAverage,
            num_regressors: 0,
        }
    }

    /// `"uniform_average"`, `"variance_weighted_average"`, or `None` for one score a column.
    #[must_use]
    pub fn class_aggregation<'a>(mut self, class_aggregation: impl Into<Option<&'a str>>) -> Self {
        match class_aggregation.into().map(Aggregation::from_name) {
            None => self.class_aggregation = Aggregation::None,
            Some(Ok(aggregation)) => self.class_aggregation = aggregation,
            Some(Err(error)) => self.base.refuse(error),
        }
        self
    }

    /// The number of independent variables, for the adjusted score.
    #[must_use]
    pub fn num_regressors(mut self, num_regressors: usize) -> Self {
        self.num_regressors = num_regressors;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let own = ["class_aggregation", "num_regressors"];
        let mut metric = Self::new();
        metric.base = metric.base.configured("R2Score", config, &own)?;
        metric.num_regressors = config.size("num_regressors")?.unwrap_or(0);
        // Null is a choice of its own here.
        if config.0.contains_key("class_aggregation") {
            metric = metric.class_aggregation(config.text("class_aggregation")?.as_deref());
        }
        metric.base.check()?;
        Ok(metric)
    }

    fn state(&self, columns: usize) -> Vec<Variable> {
        if self.base.variables().is_empty() {
            self.base.add_variable("num_samples", []);
            for name in ["squared_sum", "sum", "residual", "count"] {
                self.base.add_variable(name, [columns]);
            }
        }
        self.base.variables()
    }

    fn weights(&self, sample_weight: Option<&Tensor>, like: &Tensor) -> Result<Tensor> {
        let weight = match sample_weight {
            None => return Ok(Tensor::ones(like.shape().clone(), self.base.dtype())),
            Some(weight) if weight.rank() == 1 => weight.expand_dims(1),
            Some(weight) => weight.clone(),
        };
        let weight = weight
            .cast(self.base.dtype())
            .broadcast_to(like.shape().clone());
        weight.check().cloned()
    }
}

impl Metric for R2Score {
    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "R2Score"
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config();
        let config = config.with("class_aggregation", self.class_aggregation.name());
        config.with("num_regressors", self.num_regressors)
    }

    fn build(&self, _y_true: &Spec, y_pred: &Spec) -> Result<()> {
        self.state(y_pred.shape.dims().last().copied().unwrap_or(1));
        Ok(())
    }

    fn update_state(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        self.base.check()?;
        let dtype = self.base.dtype();
        let (y_true, y_pred) = (y_true.cast(dtype), y_pred.cast(dtype));
        let (y_true, y_pred) = ops::same_shapes("r2_score", &y_true, &y_pred)?;
        let &[_, columns] = y_pred.shape().dims() else {
            return Err(Error::shape_mismatch(
                "r2_score",
                "labels and predictions [samples, columns]",
                y_pred.shape().to_string(),
                "For one column reshape to [samples, 1]",
            ));
        };
        let weight = self.weights(sample_weight, &y_true)?;
        let weighted = &y_true * &weight;
        let amounts = [
            Tensor::literal(y_true.shape().len() as f64, dtype),
            (&y_true * &weighted).sum(0),
            weighted.sum(0),
            ((&y_true - &y_pred).square() * &weight).sum(0),
            weight.sum(0),
        ];
        add_to(&self.state(columns), &amounts)
    }

    fn result(&self) -> Tensor {
        let state = self.base.variables();
        let [samples, squared_sum, sum, residual, count] = &state[..] else {
            return Tensor::literal(f64::NAN, self.base.dtype());
        };
        let total = squared_sum.read() - sum.read() * (sum.read() / count.read());
        let scores = 1.0 - residual.read() / &total;
        let is_infinite = scores.abs().equal(f64::INFINITY);
        let scores = is_infinite.select(0.0, scores);
        let score = match self.class_aggregation {
            Aggregation::None => scores,
            Aggregation::UniformAverage => scores.mean(..),
            Aggregation::VarianceWeightedAverage => (&total * scores).sum(..) / total.sum(..),
        };
        if self.num_regressors == 0 {
            return score;
        }
        let (n, p) = (samples.read(), self.num_regressors as f64);
        let left = &n - (p + 1.0);
        let is_enough = left.greater(0.0);
        let adjusted = 1.0 - (1.0 - &score) * (n - 1.0) / is_enough.select(left, 1.0);
        is_enough.select(adjusted, score)
    }

    fn direction(&self) -> Option<Direction> {
        Some(Direction::Up)
    }
}
