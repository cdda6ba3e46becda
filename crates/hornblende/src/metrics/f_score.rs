// tidy: not an item
//! What the F scores have in common.

use hornblende_core::{DType, Error, Result, Tensor, Variable};

use super::{MetricBase, base::add_to};
use crate::config::Config;
use crate::ops;

/// How the scores of the classes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Average {
    None,
    Micro,
    Macro,
    Weighted,
}

impl Average {
    fn from_name(name: &str) -> Result<Self> {
        match name {
            "micro" => Ok(Self::Micro),
            "macro" => Ok(Self::Macro),
            "weighted" => Ok(Self::Weighted),
            _ => Err(Error::unknown(
                "average",
                name,
                &["micro", "macro", "weighted"],
            )),
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Micro => Some("micro"),
            Self::Macro => Some("macro"),
            Self::Weighted => Some("weighted"),
        }
    }
}

/// State and arguments of an F score.
#[derive(Debug)]
pub(super) struct FScore {
    pub(super) base: MetricBase,
    pub(super) beta: f64,
    average: Average,
    threshold: Option<f64>,
}

impl FScore {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            base: MetricBase::new(name),
            beta: 1.0,
            average: Average::None,
            threshold: None,
        }
    }

    pub(super) fn set_average(&mut self, average: Option<&str>) {
        self.base.forget();
        match average.map(Average::from_name) {
            None => self.average = Average::None,
            Some(Ok(average)) => self.average = average,
            Some(Err(error)) => self.base.refuse(error),
        }
    }

    pub(super) fn set_beta(&mut self, beta: f64) {
        self.beta = beta;
        if beta.is_nan() || beta <= 0.0 {
            let expected = "a number above 0";
            let error = Error::invalid_argument("FBetaScore::beta", expected, beta.to_string(), "");
            self.base.refuse(error);
        }
    }

    pub(super) fn set_threshold(&mut self, threshold: Option<f64>) {
        self.threshold = threshold;
        if let Some(threshold) = threshold.filter(|t| !(*t > 0.0 && *t <= 1.0)) {
            self.base.refuse(Error::invalid_argument(
                format!("{}: threshold", self.base.name()),
                "a number above 0 and at most 1",
                threshold.to_string(),
                "Without a threshold the largest prediction of a row is positive",
            ));
        }
    }

    pub(super) fn configured(mut self, class_name: &str, config: &Config) -> Result<Self> {
        let own: &[&str] = match class_name {
            "F1Score" => &["average", "threshold"],
            _ => &["average", "beta", "threshold"],
        };
        self.base = self.base.configured(class_name, config, own)?;
        self.set_average(config.text("average")?.as_deref());
        self.set_threshold(config.number("threshold")?);
        if let Some(beta) = config.number("beta")? {
            self.set_beta(beta);
        }
        self.base.check()?;
        Ok(self)
    }

    /// The arguments but `beta`.
    pub(super) fn get_config(&self) -> Config {
        let config = self.base.get_config().with("average", self.average.name());
        config.with("threshold", self.threshold)
    }

    pub(super) fn state(&self, classes: usize) -> Vec<Variable> {
        let names = [
            "true_positives",
            "false_positives",
            "false_negatives",
            "intermediate_weights",
        ];
        let shape = [classes];
        let shape = match self.average {
            Average::Micro => &shape[..0],
            _ => &shape,
        };
        self.base.state(&names, shape)
    }

    pub(super) fn variables(&self) -> Vec<Variable> {
        match self.average {
            Average::Micro => self.state(1),
            _ => self.base.variables(),
        }
    }

    pub(super) fn update(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        self.base.check()?;
        let (name, dtype) = (self.base.name(), self.base.dtype());
        let (y_true, y_pred) = (y_true.cast(dtype), y_pred.cast(dtype));
        let (y_true, y_pred) = ops::same_shapes(name, &y_true, &y_pred)?;
        let &[rows, classes] = y_pred.shape().dims() else {
            return Err(Error::shape_mismatch(
                name,
                "labels and predictions [samples, classes]",
                y_pred.shape().to_string(),
                "",
            ));
        };
        let is_positive = match self.threshold {
            Some(threshold) => y_pred.greater(threshold),
            // A row of zeros has no positive.
            None => y_pred
                .greater_equal(y_pred.max_keepdims(-1))
                .logical_and(y_pred.abs().greater(1e-9)),
        };
        let positive = is_positive.cast(dtype);
        let weight = match sample_weight {
            Some(weight) => Some(column(name, weight, rows, dtype)?),
            None => None,
        };
        let sum = |x: Tensor| {
            let x = match &weight {
                Some(weight) => x * weight,
                None => x,
            };
            match self.average {
                Average::Micro => x.sum(..),
                _ => x.sum(0),
            }
        };
        let amounts = [
            sum(&positive * &y_true),
            sum(&positive * (1.0 - &y_true)),
            sum((1.0 - &positive) * &y_true),
            sum(y_true),
        ];
        add_to(&self.state(classes), &amounts)
    }

    pub(super) fn score(&self) -> Tensor {
        let state = self.variables();
        let [tp, fp, fn_, weights] = &state[..] else {
            return Tensor::literal(0.0, self.base.dtype());
        };
        let tp = tp.read();
        let precision = &tp / (&tp + fp.read() + ops::EPSILON);
        let recall = &tp / (&tp + fn_.read() + ops::EPSILON);
        let square = self.beta * self.beta;
        let mean = &precision * &recall / (square * &precision + &recall + ops::EPSILON);
        let scores = mean * (1.0 + square);
        match self.average {
            Average::None | Average::Micro => scores,
            Average::Macro => scores.mean(..),
            Average::Weighted => {
                let weights = weights.read();
                let share = &weights / (weights.sum(..) + ops::EPSILON);
                (scores * share).sum(..)
            }
        }
    }
}

/// Weights of the samples as a column.
fn column(name: &str, weight: &Tensor, rows: usize, dtype: DType) -> Result<Tensor> {
    let weight = weight.check()?.cast(dtype);
    match weight.shape().len() {
        count if count == rows => Ok(weight.reshape_to([rows, 1])),
        1 => Ok(weight.reshape_to([1, 1])),
        _ => Err(Error::shape_mismatch(
            name,
            format!("one weight for each of {rows} samples"),
            weight.shape().to_string(),
            "",
        )),
    }
}

/// Everything that the F scores share as types: the field is `score`. A macro, because the methods of a trait
/// cannot be shared in another way.
macro_rules! f_score_metric {
    ($metric:ident, $name:literal) => {
        crate::metrics::base::metric_arguments!($metric, score.base);

        impl Default for $metric {
            fn default() -> Self {
                Self::new()
            }
        }

        impl $metric {
            /// The metric of nothing yet.
            #[must_use]
            pub fn new() -> Self {
                Self {
                    score: crate::metrics::f_score::FScore::new($name),
                }
            }

            /// `"micro"`, `"macro"`, `"weighted"`, or `None` for one score a class.
            #[must_use]
            pub fn average<'a>(mut self, average: impl Into<Option<&'a str>>) -> Self {
                self.score.set_average(average.into());
                self
            }

            /// What a prediction must be above to be positive; without, the largest of a row is.
            #[must_use]
            pub fn threshold(mut self, threshold: impl Into<Option<f64>>) -> Self {
                self.score.set_threshold(threshold.into());
                self
            }

            fn from_config(config: &crate::config::Config) -> hornblende_core::Result<Self> {
                let score = Self::new().score;
                let score = score.configured(stringify!($metric), config)?;
                Ok(Self { score })
            }
        }

        impl crate::metrics::Metric for $metric {
            fn base(&self) -> &crate::metrics::MetricBase {
                &self.score.base
            }

            fn class_name(&self) -> &'static str {
                stringify!($metric)
            }

            fn get_config(&self) -> crate::config::Config {
                self.own_config(self.score.get_config())
            }

            fn build(
                &self,
                _y_true: &hornblende_core::Spec,
                y_pred: &hornblende_core::Spec,
            ) -> hornblende_core::Result<()> {
                self.score
                    .state(y_pred.shape.dims().last().copied().unwrap_or(1));
                Ok(())
            }

            fn variables(&self) -> Vec<hornblende_core::Variable> {
                self.score.variables()
            }

            fn update_state(
                &self,
                y_true: &hornblende_core::Tensor,
                y_pred: &hornblende_core::Tensor,
                sample_weight: Option<&hornblende_core::Tensor>,
            ) -> hornblende_core::Result<()> {
                self.score.update(y_true, y_pred, sample_weight)
            }

            fn result(&self) -> hornblende_core::Tensor {
                self.score.score()
            }

            fn direction(&self) -> Option<crate::metrics::Direction> {
                Some(crate::metrics::Direction::Up)
            }
        }
    };
}
pub(super) use f_score_metric;
