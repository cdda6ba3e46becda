//! An upper bound of the norm.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::norm::NormAxes;
use super::{Constraint, Entry};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MaxNorm",
    names: &["max_norm"],
    from_config: |config| {
        config.only("MaxNorm", &["max_value", "axis"])?;
        let max_value = config.number("max_value")?.unwrap_or(2.0);
        let axis = NormAxes::from_config(config)?;
        Ok(Arc::new(MaxNorm { max_value, axis }))
    },
};

/// Scales what is too long down: `w * clip(norm, 0, max_value) / (1e-7 + norm)`. The bound is 2 by default.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let w = MaxNorm::new(1.0).call(&Tensor::from([[3.0f32, 0.0], [4.0, 0.5]])).to_vec::<f32>()?;
/// assert!(w.iter().zip([0.6, 0.0, 0.8, 0.5]).all(|(got, wanted)| (got - wanted).abs() < 1e-6));
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.constraints.MaxNorm`.
#[derive(Debug, Clone)]
pub struct MaxNorm {
    max_value: f64,
    axis: NormAxes,
}

impl MaxNorm {
    /// A constraint to norms of at most `max_value`.
    #[must_use]
    pub fn new(max_value: f64) -> Self {
        Self {
            max_value,
            axis: NormAxes::default(),
        }
    }

    /// The axes along which the norm is taken, one number or several. Default: 0, which for the kernel of a
    /// Dense layer is one norm a unit; for a convolution of images `[0, 1, 2]` is one norm a filter.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<NormAxes>) -> Self {
        self.axis = axis.into();
        self
    }
}

impl Default for MaxNorm {
    fn default() -> Self {
        Self::new(2.0)
    }
}

impl Constraint for MaxNorm {
    fn call(&self, w: &Tensor) -> Tensor {
        let norm = self.axis.norm(w);
        w * (norm.clip(0.0, self.max_value) / (&norm + ops::EPSILON))
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("max_value", self.max_value)
            .with("axis", self.axis.to_json())
    }
}
