//! Bounds of the norm.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::norm::NormAxes;
use super::{Constraint, Entry};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MinMaxNorm",
    names: &["min_max_norm"],
    from_config: |config| {
        config.only("MinMaxNorm", &["min_value", "max_value", "rate", "axis"])?;
        let number = |key: &str, default: f64| Ok(config.number(key)?.unwrap_or(default));
        let constraint = MinMaxNorm::new(number("min_value", 0.0)?, number("max_value", 1.0)?);
        Ok(Arc::new(MinMaxNorm {
            rate: number("rate", 1.0)?,
            axis: NormAxes::from_config(config)?,
            ..constraint
        }))
    },
};

/// Moves norms between two bounds: `w * desired / (1e-7 + norm)`, where
/// `desired = rate * clip(norm, min_value, max_value) + (1 - rate) * norm`. The bounds are 0 and 1 by
/// default.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let w = MinMaxNorm::new(0.0, 1.0).rate(0.5).call(&Tensor::from([[3.0f32], [4.0]]));
/// let norm = w.square().sum(..).sqrt().item::<f32>()?;
/// assert!((norm - 3.0).abs() < 1e-6); // half the way from 5 to 1
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.constraints.MinMaxNorm`.
#[derive(Debug, Clone)]
pub struct MinMaxNorm {
    min_value: f64,
    max_value: f64,
    rate: f64,
    axis: NormAxes,
}

impl MinMaxNorm {
    /// A constraint to norms from `min_value` to `max_value`.
    #[must_use]
    pub fn new(min_value: f64, max_value: f64) -> Self {
        Self {
            min_value,
            max_value,
            rate: 1.0,
            axis: NormAxes::default(),
        }
    }

    /// How much of the way to the bound is gone at each update, from 0 to 1. Default: 1.
    #[must_use]
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    /// The axes along which the norm is taken, one number or several. Default: 0, which for the kernel of a
    /// Dense layer is one norm a unit; for a convolution of images `[0, 1, 2]` is one norm a filter.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<NormAxes>) -> Self {
        self.axis = axis.into();
        self
    }
}

impl Default for MinMaxNorm {
    fn default() -> Self {
        Self::new(0.0, 1.0)
    }
}

impl Constraint for MinMaxNorm {
    fn call(&self, w: &Tensor) -> Tensor {
        let norm = self.axis.norm(w);
        let within = norm.clip(self.min_value, self.max_value);
        let desired = within * self.rate + &norm * (1.0 - self.rate);
        w * (desired / (norm + ops::EPSILON))
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("min_value", self.min_value)
            .with("max_value", self.max_value)
            .with("rate", self.rate)
            .with("axis", self.axis.to_json())
    }
}
