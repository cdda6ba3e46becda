// tidy: not an item
//! What the metrics "the best of this at that" have in common.

use hornblende_core::{Error, Result, Tensor, Variable};

use super::confusion::{Confusion, Spacing, share};
use super::{MetricBase, base::add_to};
use crate::config::Config;

/// The names of the state.
pub(super) const COUNTS: [&str; 4] = [
    "true_positives",
    "false_positives",
    "true_negatives",
    "false_negatives",
];

/// The arguments of these metrics.
#[derive(Debug)]
pub(super) struct AtConstraint {
    pub(super) at_least: f64,
    pub(super) num_thresholds: usize,
    pub(super) class_id: Option<i64>,
}

impl AtConstraint {
    /// The arguments with Keras's defaults.
    pub(super) fn new(at_least: f64) -> Self {
        Self {
            at_least,
            num_thresholds: 200,
            class_id: None,
        }
    }

    /// Fails if an argument is out of range.
    pub(super) fn check(&self, class_name: &str, argument: &str) -> Result<()> {
        let wrong = |argument: &str, expected: &str, got: String| {
            let subject = format!("{class_name}: {argument}");
            Err(Error::invalid_argument(subject, expected, got, ""))
        };
        if !(0.0..=1.0).contains(&self.at_least) {
            return wrong(
                argument,
                "a number between 0 and 1",
                self.at_least.to_string(),
            );
        }
        if self.num_thresholds == 0 {
            return wrong("num_thresholds", "a number of at least 1", "0".to_owned());
        }
        Ok(())
    }

    /// The arguments of a configuration, the first of which has this name.
    pub(super) fn read(class_name: &str, argument: &str, config: &Config) -> Result<Self> {
        let Some(at_least) = config.number(argument)? else {
            return Err(Error::format(
                format!("argument \"{argument}\" of {class_name}"),
                "a number between 0 and 1",
                "none",
                "",
            ));
        };
        let read = Self {
            at_least,
            num_thresholds: config.size("num_thresholds")?.unwrap_or(200),
            class_id: config.whole("class_id")?,
        };
        read.check(class_name, argument)?;
        Ok(read)
    }

    pub(super) fn add_to(&self, argument: &str, config: Config) -> Config {
        let config = config.with("class_id", self.class_id);
        let config = config.with("num_thresholds", self.num_thresholds);
        config.with(argument, self.at_least)
    }

    pub(super) fn state(&self, base: &MetricBase) -> Vec<Variable> {
        base.state(&COUNTS, &[self.num_thresholds])
    }

    fn thresholds(&self) -> Vec<f64> {
        match self.num_thresholds {
            1 => vec![0.5],
            count => (0..count).map(|k| k as f64 / (count - 1) as f64).collect(),
        }
    }

    pub(super) fn update(
        &self,
        base: &MetricBase,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        let thresholds = self.thresholds();
        let confusion = Confusion {
            spacing: match self.num_thresholds {
                1 => Spacing::Any,
                _ => Spacing::Even,
            },
            class_id: self.class_id,
            ..Confusion::new(base, &thresholds)
        };
        let counts = confusion.counts(y_true, y_pred, sample_weight)?;
        let amounts = [
            counts.true_positives,
            counts.false_positives,
            counts.true_negatives,
            counts.false_negatives,
        ];
        add_to(&self.state(base), &amounts)
    }

    /// The largest of these among those whose constrained value is large enough.
    pub(super) fn best(&self, constrained: &Tensor, dependent: &Tensor) -> Tensor {
        let is_met = constrained.greater_equal(self.at_least);
        is_met.select(dependent, 0.0).max(..)
    }
}

/// The shares of what has been counted.
pub(super) struct Shares(pub(super) Vec<Variable>);

impl Shares {
    fn of(&self, a: usize, b: usize) -> Tensor {
        share(&self.0[a].read(), &self.0[b].read())
    }

    /// Of the positive predictions, the right ones.
    pub(super) fn precisions(&self) -> Tensor {
        self.of(0, 1)
    }

    /// Of the labels of 1, those found; the sensitivity.
    pub(super) fn recalls(&self) -> Tensor {
        self.of(0, 3)
    }

    /// Of the labels of 0, those found.
    pub(super) fn specificities(&self) -> Tensor {
        self.of(2, 1)
    }
}

/// Everything of such a metric but its documentation. Its fields are `base` and `at`. A macro, because the
/// four differ in nothing but names.
macro_rules! at_constraint_metric {
    ($metric:ident, $name:literal, $argument:ident, $constrained:ident, $dependent:ident) => {
        crate::metrics::base::metric_arguments!($metric, base);

        impl $metric {
            /// The metric of nothing yet.
            #[must_use]
            pub fn new($argument: f64) -> Self {
                Self::with(crate::metrics::at_constraint::AtConstraint::new($argument))
            }

            /// How many thresholds, evenly spaced from 0 to 1; 200 by default.
            #[must_use]
            pub fn num_thresholds(mut self, num_thresholds: usize) -> Self {
                self.base.forget();
                self.at.num_thresholds = num_thresholds;
                self
            }

            /// Only this class counts.
            #[must_use]
            pub fn class_id(mut self, class_id: i64) -> Self {
                self.at.class_id = Some(class_id);
                self
            }

            fn with(at: crate::metrics::at_constraint::AtConstraint) -> Self {
                Self {
                    base: crate::metrics::MetricBase::new($name),
                    at,
                }
            }

            fn from_config(config: &crate::config::Config) -> hornblende_core::Result<Self> {
                use crate::metrics::at_constraint::AtConstraint;
                let argument = stringify!($argument);
                let own = [argument, "num_thresholds", "class_id"];
                let class_name = stringify!($metric);
                let base = crate::metrics::MetricBase::new($name);
                let base = base.configured(class_name, config, &own)?;
                let at = AtConstraint::read(class_name, argument, config)?;
                Ok(Self { base, at })
            }
        }

        impl crate::metrics::Metric for $metric {
            fn base(&self) -> &crate::metrics::MetricBase {
                &self.base
            }

            fn class_name(&self) -> &'static str {
                stringify!($metric)
            }

            fn check(&self) -> hornblende_core::Result<()> {
                self.at.check(stringify!($metric), stringify!($argument))
            }

            fn get_config(&self) -> crate::config::Config {
                let config = self.base.get_config();
                self.at.add_to(stringify!($argument), config)
            }

            fn variables(&self) -> Vec<hornblende_core::Variable> {
                self.at.state(&self.base)
            }

            fn update_state(
                &self,
                y_true: &hornblende_core::Tensor,
                y_pred: &hornblende_core::Tensor,
                sample_weight: Option<&hornblende_core::Tensor>,
            ) -> hornblende_core::Result<()> {
                self.check()?;
                self.at.update(&self.base, y_true, y_pred, sample_weight)
            }

            fn result(&self) -> hornblende_core::Tensor {
                let shares = crate::metrics::at_constraint::Shares(self.variables());
                self.at.best(&shares.$constrained(), &shares.$dependent())
            }

            fn direction(&self) -> Option<crate::metrics::Direction> {
                Some(crate::metrics::Direction::Up)
            }
        }
    };
}
pub(super) use at_constraint_metric;
