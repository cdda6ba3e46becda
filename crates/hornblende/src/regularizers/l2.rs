//! The sum of squares.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::{Entry, Regularizer};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "L2",
    names: &["l2"],
    from_config: |config| {
        config.only("L2", &["l2"])?;
        Ok(Arc::new(L2::new(config.number("l2")?.unwrap_or(0.01))))
    },
};

/// `l2 * sum(x^2)`: keeps weights small. The factor is 0.01 by default.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let penalty = L2::new(0.5).call(&Tensor::from([3.0f32, -1.0]));
/// assert_eq!(penalty.item::<f32>()?, 5.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.regularizers.L2`.
#[derive(Debug, Clone, Copy)]
pub struct L2 {
    l2: f64,
}

impl L2 {
    /// A regularizer with this factor.
    #[must_use]
    pub fn new(l2: f64) -> Self {
        Self { l2 }
    }
}

impl Default for L2 {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl Regularizer for L2 {
    fn call(&self, x: &Tensor) -> Tensor {
        x.square().sum(..) * self.l2
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_config(&self) -> Config {
        Config::new().with("l2", self.l2)
    }
}
