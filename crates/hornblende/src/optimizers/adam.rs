//! Adam.

use std::sync::Arc;

use hornblende_core::{Result, Variable};

use super::adam_update::AdamUpdate;
use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Adam",
    names: &["adam"],
    from_config: |config| Ok(Arc::new(Adam::from_config(config)?)),
};

optimizer! {
    /// Adam: RMSprop with momentum, both corrected for having begun at 0.
    ///
    /// ```text
    /// m += (g - m) (1 - beta_1)
    /// v += (g^2 - v) (1 - beta_2)
    /// h = max(h, v)                                             with amsgrad, in place of v below
    /// w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t)  m / (sqrt(v) + epsilon),  t = 1, 2, ..
    /// ```
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// Adam::new().apply_gradients(&[(Tensor::from([8.0f32]), w.clone())])?;
    /// assert!((w.read().item::<f32>()? - 0.999).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Kingma and Ba 2014 (arXiv:1412.6980), in the order of the end of its section 2, as
    /// `keras.optimizers.Adam`: epsilon stands outside the root, and `v` under it is not corrected.
    Adam("adam", learning_rate = 0.001) {
        /// The share of the old mean gradient in the new one, from 0 to 1; 0.9 by default.
        beta_1: f64 = 0.9, 0.0..=1.0;

        /// The share of the old mean square in the new one, from 0 to 1; 0.999 by default.
        beta_2: f64 = 0.999, 0.0..=1.0;

        /// Keeps the division finite; at least 0, 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;

        /// Whether to divide by the largest mean square so far (arXiv:1904.09237); false by default.
        amsgrad: bool = false;
    }
}

impl Optimizer for Adam {
    optimizer_identity!("Adam");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        self.update().slots()
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        self.update().apply(update, &update.learning_rate)
    }
}

impl Adam {
    fn update(&self) -> AdamUpdate {
        AdamUpdate {
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            epsilon: self.epsilon,
            amsgrad: self.amsgrad,
        }
    }
}
