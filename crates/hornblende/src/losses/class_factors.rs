// tidy: not an item
//! Factors of classes.

use hornblende_core::{DType, Error, Result, Tensor};

use crate::config::{Config, Json};

/// A factor for all classes, or one for each: what an argument such as `alpha` of
/// [`crate::losses::CategoricalFocalCrossentropy`] can be.
///
/// # Example
/// ```
/// use hornblende::{losses::ClassFactors, prelude::*};
/// let same = CategoricalFocalCrossentropy::new().alpha(0.5);
/// let each = CategoricalFocalCrossentropy::new().alpha([0.2, 0.3, 0.5]);
/// assert_ne!(ClassFactors::from(0.5), ClassFactors::from([0.2, 0.3, 0.5]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum ClassFactors {
    /// One for all.
    Same(f64),
    /// One for each class.
    Each(Vec<f64>),
}

impl ClassFactors {
    /// The argument of this name; `None` if it is absent or null.
    ///
    /// # Errors
    /// [`Error::Format`] if it is neither a number nor a list of them.
    pub(super) fn read(config: &Config, key: &str) -> Result<Option<Self>> {
        let factors = config.get(key).map(|value| match value {
            Json::Array(list) => list
                .iter()
                .map(Json::as_f64)
                .collect::<Option<_>>()
                .map(Self::Each),
            one => one.as_f64().map(Self::Same),
        });
        match factors {
            Some(None) => Err(Error::format(
                format!("argument \"{key}\""),
                "a number or a list of numbers",
                config.0[key].to_string(),
                "",
            )),
            Some(factors) => Ok(factors),
            None => Ok(None),
        }
    }

    /// The smallest of them; infinity of none.
    pub(super) fn smallest(&self) -> f64 {
        match self {
            Self::Same(x) => *x,
            // A comparison that NaN fails keeps it, so that a check finds it.
            Self::Each(list) => list
                .iter()
                .fold(f64::INFINITY, |a, x| if *x >= a { a } else { *x }),
        }
    }

    /// As a tensor that broadcasts with the classes along the last axis.
    pub(super) fn tensor(&self, dtype: DType) -> Tensor {
        match self {
            Self::Same(x) => Tensor::literal(*x, dtype),
            Self::Each(list) => Tensor::from(list.clone()).cast(dtype),
        }
    }

    /// As a value of a configuration.
    pub(super) fn value(&self) -> Json {
        match self {
            Self::Same(x) => (*x).into(),
            Self::Each(list) => list.clone().into(),
        }
    }
}

impl From<f64> for ClassFactors {
    fn from(factor: f64) -> Self {
        Self::Same(factor)
    }
}

impl From<Vec<f64>> for ClassFactors {
    fn from(factors: Vec<f64>) -> Self {
        Self::Each(factors)
    }
}

impl<const N: usize> From<[f64; N]> for ClassFactors {
    fn from(factors: [f64; N]) -> Self {
        Self::Each(factors.to_vec())
    }
}
