// tidy: not an item
//! The range that a random number is drawn from.

use hornblende_core::{Error, Result};

use crate::config::{Config, Json};

/// The range that a random number is drawn from: a number `f` for `-f` to `f` (as far as the layer takes
/// numbers below 0), or a pair of ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Factor {
    /// From `-f` to `f`.
    Symmetric(f64),
    /// Between the two ends.
    Between(f64, f64),
}

impl Factor {
    pub(super) fn from_config(config: &Config, key: &str) -> Result<Option<Self>> {
        let Some(value) = config.get(key) else {
            return Ok(None);
        };
        let found = match value {
            Json::Array(list) => match list.as_slice() {
                [a, b] => a.as_f64().zip(b.as_f64()).map(Self::from),
                _ => None,
            },
            one => one.as_f64().map(Self::from),
        };
        found.map(Some).ok_or_else(|| {
            let subject = format!("argument \"{key}\"");
            Error::format(subject, "a number or two", value.to_string(), "")
        })
    }

    /// As [`Factor::from_config`], for an argument that has no default.
    pub(super) fn required(class_name: &str, config: &Config, key: &str) -> Result<Self> {
        Self::from_config(config, key)?.ok_or_else(|| {
            let expected = format!("the argument \"{key}\"");
            Error::format(class_name, expected, "none", "")
        })
    }

    /// As the user wrote it.
    pub(super) fn json(self) -> Json {
        match self {
            Self::Symmetric(factor) => factor.into(),
            Self::Between(low, high) => vec![low, high].into(),
        }
    }

    /// The ends, ascending, none of them below `least`.
    pub(super) fn ends(self, least: f64) -> [f64; 2] {
        match self {
            Self::Symmetric(factor) => [(-factor.abs()).max(least), factor.abs()],
            Self::Between(low, high) => [low.min(high), low.max(high)],
        }
    }

    /// Fails for an end outside of `least..=most`.
    pub(super) fn check(self, subject: &str, least: f64, most: f64) -> Result<()> {
        let inside = |x: &f64| (least..=most).contains(x);
        let fits = match self {
            Self::Symmetric(factor) => inside(&factor),
            Self::Between(low, high) => inside(&low) && inside(&high),
        };
        if fits {
            return Ok(());
        }
        let expected = format!("a number or two from {least} to {most}");
        let got = self.json().to_string();
        Err(Error::invalid_argument(subject, expected, got, ""))
    }
}

impl From<f64> for Factor {
    fn from(factor: f64) -> Self {
        Self::Symmetric(factor)
    }
}

impl From<(f64, f64)> for Factor {
    fn from((low, high): (f64, f64)) -> Self {
        Self::Between(low, high)
    }
}

impl From<[f64; 2]> for Factor {
    fn from([low, high]: [f64; 2]) -> Self {
        Self::Between(low, high)
    }
}
