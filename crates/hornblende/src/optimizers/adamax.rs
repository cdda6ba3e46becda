//! Adamax.

use std::sync::Arc;

use hornblende_core::{Result, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Adamax",
    names: &["adamax"],
    from_config: |config| Ok(Arc::new(Adamax::from_config(config)?)),
};

optimizer! {
    /// Adamax: Adam with the largest gradient, slowly forgotten, in place of the root of the mean square.
    ///
    /// ```text
    /// m += (g - m) (1 - beta_1)
    /// u = max(beta_2 u, |g|)
    /// w -= lr m / ((1 - beta_1^t) (u + epsilon)),  t = 1, 2, ..
    /// ```
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// let optimizer = Adamax::new().learning_rate(0.5);
    /// optimizer.apply_gradients(&[(Tensor::from([8.0f32]), w.clone())])?;
    /// assert!((w.read().item::<f32>()? - 0.5).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Kingma and Ba 2014 (arXiv:1412.6980), section 7.1, as `keras.optimizers.Adamax`.
    Adamax("adamax", learning_rate = 0.001) {
        /// The share of the old mean gradient in the new one, from 0 to 1; 0.9 by default.
        beta_1: f64 = 0.9, 0.0..=1.0;

        /// What is left of the largest gradient after a step, from 0 to 1; 0.999 by default.
        beta_2: f64 = 0.999, 0.0..=1.0;

        /// Keeps the division finite; at least 0, 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;
    }
}

impl Optimizer for Adamax {
    optimizer_identity!("Adamax");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::zeros("momentum"), Slot::zeros("norm")]]
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let g = &update.gradient;
        let momentum = update.move_slot("momentum", g, self.beta_1)?;
        let norm = update.slot("norm")?;
        norm.assign(&(norm.read() * self.beta_2).maximum(g.abs()))?;
        let correction = 1.0 - update.power(self.beta_1);
        let divisor = correction * (norm.read() + self.epsilon);
        update.subtract(&(&update.learning_rate * momentum / divisor))
    }
}
