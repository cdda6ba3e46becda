//! A norm of 1.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::norm::NormAxes;
use super::{Constraint, Entry};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "UnitNorm",
    names: &["unit_norm"],
    from_config: |config| {
        config.only("UnitNorm", &["axis"])?;
        let axis = NormAxes::from_config(config)?;
        Ok(Arc::new(UnitNorm { axis }))
    },
};

/// Scales to norm 1: `w / (1e-7 + norm)`. Zeros stay zeros.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let w = UnitNorm::new().call(&Tensor::from([[3.0f32], [4.0]])).to_vec::<f32>()?;
/// assert!((w[0] - 0.6).abs() < 1e-6 && (w[1] - 0.8).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.constraints.UnitNorm`.
#[derive(Debug, Clone, Default)]
pub struct UnitNorm {
    axis: NormAxes,
}

impl UnitNorm {
    /// A constraint to norms of 1.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The axes along which the norm is taken, one number or several. Default: 0, which for the kernel of a
    /// Dense layer is one norm a unit; for a convolution of images `[0, 1, 2]` is one norm a filter.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<NormAxes>) -> Self {
        self.axis = axis.into();
        self
    }
}

impl Constraint for UnitNorm {
    fn call(&self, w: &Tensor) -> Tensor {
        w / (self.axis.norm(w) + ops::EPSILON)
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_config(&self) -> Config {
        Config::new().with("axis", self.axis.to_json())
    }
}
