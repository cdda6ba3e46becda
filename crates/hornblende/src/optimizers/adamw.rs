//! Adam with decoupled weight decay.

use std::sync::Arc;

use hornblende_core::{Result, Variable};

use super::adam_update::AdamUpdate;
use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "AdamW",
    names: &["adamw"],
    from_config: |config| Ok(Arc::new(AdamW::from_config(config)?)),
};

optimizer! {
    /// Adam with decoupled weight decay: `w -= lr weight_decay w`, and then what [`Adam`](super::Adam) does.
    ///
    /// The decay is 0.004 by default and cannot be null; `exclude_from_weight_decay` keeps variables from it.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// let optimizer = AdamW::new().learning_rate(0.5).weight_decay(0.5);
    /// optimizer.apply_gradients(&[(Tensor::from([0.0f32]), w.clone())])?;
    /// assert_eq!(w.read().to_vec::<f32>()?, [0.75]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `build` and `from_config` refuse a weight decay of null.
    ///
    /// # Source
    /// Loshchilov and Hutter 2019 (arXiv:1711.05101), as `keras.optimizers.AdamW`: the decay is multiplied by the
    /// learning rate.
    AdamW("adam_w", learning_rate = 0.001, weight_decay = 0.004) {
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

impl Optimizer for AdamW {
    optimizer_identity!("AdamW", check);

    fn check(&self) -> Result<()> {
        self.check_arguments()?;
        match self.base.weight_decay {
            Some(_) => Ok(()),
            None => Err(self
                .base
                .refuse("weight_decay", "a number", "null".to_owned())),
        }
    }

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        self.update().slots()
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        self.update().apply(update, &update.learning_rate)
    }
}

impl AdamW {
    fn update(&self) -> AdamUpdate {
        AdamUpdate {
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            epsilon: self.epsilon,
            amsgrad: self.amsgrad,
        }
    }
}
