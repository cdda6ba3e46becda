//! The sum of absolute values.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::{Entry, Regularizer};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "L1",
    names: &["l1"],
    from_config: |config| {
        config.only("L1", &["l1"])?;
        Ok(Arc::new(L1::new(config.number("l1")?.unwrap_or(0.01))))
    },
};

/// `l1 * sum(|x|)`: drives small weights to 0. The factor is 0.01 by default.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let penalty = L1::new(0.5).call(&Tensor::from([3.0f32, -1.0]));
/// assert_eq!(penalty.item::<f32>()?, 2.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.regularizers.L1`.
#[derive(Debug, Clone, Copy)]
pub struct L1 {
    l1: f64,
}

impl L1 {
    /// A regularizer with this factor.
    #[must_use]
    pub fn new(l1: f64) -> Self {
        Self { l1 }
    }
}

impl Default for L1 {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl Regularizer for L1 {
    fn call(&self, x: &Tensor) -> Tensor {
        x.abs().sum(..) * self.l1
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_config(&self) -> Config {
        Config::new().with("l1", self.l1)
    }
}
