//! Lamb.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Lamb",
    names: &["lamb"],
    from_config: |config| Ok(Arc::new(Lamb::from_config(config)?)),
};

optimizer! {
    /// Lamb: Adam's steps, scaled for each variable to its norm, for large batches.
    ///
    /// ```text
    /// m += (g - m) (1 - beta_1);  v += (g^2 - v) (1 - beta_2)
    /// u = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon),  t = 1, 2, ..
    /// w -= lr |w| / |u|  u
    /// ```
    ///
    /// Where a norm is 0, the ratio of the norms counts as 1.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([3.0f32, 4.0]))?;
    /// let optimizer = Lamb::new().learning_rate(0.1);
    /// optimizer.apply_gradients(&[(Tensor::from([8.0f32, 0.0]), w.clone())])?;
    /// assert!((w.read().to_vec::<f32>()?[0] - 2.5).abs() < 1e-5);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// You et al. 2020 (arXiv:1904.00962), as `keras.optimizers.Lamb`: `weight_decay` is decoupled and no part of `u`.
    Lamb("lamb", learning_rate = 0.001) {
        /// The share of the old mean gradient in the new one, from 0 to 1; 0.9 by default.
        beta_1: f64 = 0.9, 0.0..=1.0;

        /// The share of the old mean square in the new one, from 0 to 1; 0.999 by default.
        beta_2: f64 = 0.999, 0.0..=1.0;

        /// Keeps the division finite; at least 0, 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;
    }
}

impl Optimizer for Lamb {
    optimizer_identity!("Lamb");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::zeros("momentum"), Slot::zeros("velocity")]]
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let g = &update.gradient;
        let momentum = update.move_slot("momentum", g, self.beta_1)?;
        let velocity = update.move_slot("velocity", &update.squared_gradient(), self.beta_2)?;
        let spread = (velocity / (1.0 - update.power(self.beta_2))).sqrt() + self.epsilon;
        let direction = momentum / (1.0 - update.power(self.beta_1)) / spread;
        let norm = |x: &Tensor| x.square().sum(..).sqrt();
        let (of_variable, of_direction) = (norm(&update.variable.read()), norm(&direction));
        let both = (of_variable.greater(0.0)).logical_and(of_direction.greater(0.0));
        let ratio = both.select(of_variable / of_direction, 1.0);
        update.subtract(&(ratio * &update.learning_rate * direction))
    }
}
