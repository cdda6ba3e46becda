//! The sums of absolute values and of squares.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::{Entry, L1, L2, Regularizer};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "L1L2",
    names: &["l1l2", "l1_l2"],
    from_config: |config| {
        config.only("L1L2", &["l1", "l2"])?;
        let factor = |key: &str| Ok(config.number(key)?.unwrap_or(0.0));
        Ok(Arc::new(L1L2::new(factor("l1")?, factor("l2")?)))
    },
};

/// `l1 * sum(|x|) + l2 * sum(x^2)`. Both factors are 0 by default.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let penalty = L1L2::new(0.5, 0.1).call(&Tensor::from([3.0f32, -1.0]));
/// assert_eq!(penalty.item::<f32>()?, 3.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.regularizers.L1L2`.
#[derive(Debug, Clone, Copy, Default)]
pub struct L1L2 {
    l1: f64,
    l2: f64,
}

impl L1L2 {
    /// A regularizer with these factors.
    #[must_use]
    pub fn new(l1: f64, l2: f64) -> Self {
        Self { l1, l2 }
    }
}

impl Regularizer for L1L2 {
    fn call(&self, x: &Tensor) -> Tensor {
        // A factor of 0 leaves its term out, as in Keras: 0 times an infinite sum would be NaN.
        let l1 = (self.l1 != 0.0).then(|| L1::new(self.l1).call(x));
        let l2 = (self.l2 != 0.0).then(|| L2::new(self.l2).call(x));
        match (l1, l2) {
            (Some(l1), Some(l2)) => l1 + l2,
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Tensor::literal(0.0, x.dtype()),
        }
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_config(&self) -> Config {
        Config::new().with("l1", self.l1).with("l2", self.l2)
    }
}
