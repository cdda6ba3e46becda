//! Gradient descent, with momentum.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "SGD",
    names: &["sgd"],
    from_config: |config| Ok(Arc::new(SGD::from_config(config)?)),
};

optimizer! {
    /// Gradient descent, with momentum:
    ///
    /// ```text
    /// w += -lr g                          without momentum
    /// v = momentum v - lr g;  w += v      with momentum
    /// w += momentum v - lr g              with nesterov as well
    /// ```
    ///
    /// `nesterov` without momentum changes nothing.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// SGD::new().learning_rate(0.5).apply_gradients(&[(Tensor::from([1.0f32]), w.clone())])?;
    /// assert_eq!(w.read().to_vec::<f32>()?, [0.5]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Sutskever et al. 2013 for `nesterov`; `keras.optimizers.SGD`, where the learning rate is inside the velocity
    /// and 0.01 by default.
    SGD("sgd", learning_rate = 0.01) {
        /// The share of the last step in this one, from 0 to 1; 0 by default.
        momentum: f64 = 0.0, 0.0..=1.0;

        /// Whether to look ahead along the momentum; false by default.
        nesterov: bool = false;
    }
}

impl Optimizer for SGD {
    optimizer_identity!("SGD");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        if self.momentum == 0.0 {
            return Vec::new();
        }
        vec![vec![Slot::zeros("momentum")]]
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let step = &update.gradient * &update.learning_rate;
        if self.momentum == 0.0 {
            return update.subtract(&step);
        }
        let slot = update.slot("momentum")?;
        let momentum = slot.read() * self.momentum - &step;
        slot.assign(&momentum)?;
        let change: Tensor = if self.nesterov {
            momentum * self.momentum - step
        } else {
            momentum
        };
        update.variable.assign(&(update.variable.read() + change))
    }
}
