// tidy: not an item
//! The thresholds above which a prediction counts as positive.

use hornblende_core::{Error, Result};

use crate::config::{Config, Json};

/// Thresholds as they are given to a metric: one number, or a list, for which the result is a list too.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    values: Vec<f64>,
    /// One number that was not given in a list; configurations tell them apart.
    is_number: bool,
}

impl Thresholds {
    /// The thresholds in their order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Fails unless there are thresholds and all are between 0 and 1.
    pub(super) fn check(&self, subject: &str) -> Result<()> {
        let right = !self.values.is_empty() && self.values.iter().all(|t| (0.0..=1.0).contains(t));
        if right {
            return Ok(());
        }
        Err(Error::invalid_argument(
            subject,
            "numbers between 0 and 1, at least one",
            format!("{:?}", self.values),
            "",
        ))
    }

    /// The argument `thresholds`, if it is not null.
    pub(super) fn read(config: &Config) -> Result<Option<Self>> {
        let numbers = |list: &Vec<Json>| list.iter().map(Json::as_f64).collect::<Option<Vec<_>>>();
        let read = match config.get("thresholds") {
            None => return Ok(None),
            Some(Json::Array(list)) => numbers(list).map(Self::from),
            Some(number) => number.as_f64().map(Self::from),
        };
        let wrong = || {
            let value = config.get("thresholds").map(Json::to_string);
            let expected = "a number or a list of numbers";
            Error::format(
                "argument \"thresholds\"",
                expected,
                value.unwrap_or_default(),
                "",
            )
        };
        read.map(Some).ok_or_else(wrong)
    }

    pub(super) fn json(thresholds: Option<&Self>) -> Json {
        match thresholds {
            None => Json::Null,
            Some(Self {
                values,
                is_number: true,
            }) => values[0].into(),
            Some(Self { values, .. }) => values.clone().into(),
        }
    }
}

impl From<f64> for Thresholds {
    fn from(threshold: f64) -> Self {
        Self {
            values: vec![threshold],
            is_number: true,
        }
    }
}

impl From<Vec<f64>> for Thresholds {
    fn from(values: Vec<f64>) -> Self {
        Self {
            values,
            is_number: false,
        }
    }
}

impl<const N: usize> From<[f64; N]> for Thresholds {
    fn from(values: [f64; N]) -> Self {
        values.to_vec().into()
    }
}

impl From<&[f64]> for Thresholds {
    fn from(values: &[f64]) -> Self {
        values.to_vec().into()
    }
}
