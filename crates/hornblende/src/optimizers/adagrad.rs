//! Adagrad.

use std::sync::Arc;

use hornblende_core::{Result, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Adagrad",
    names: &["adagrad"],
    from_config: |config| Ok(Arc::new(Adagrad::from_config(config)?)),
};

optimizer! {
    /// Adagrad: each element's step is divided by the root of the sum of the squares of its gradients so far.
    ///
    /// ```text
    /// a += g^2;  w -= lr g / sqrt(a + epsilon)
    /// ```
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// let optimizer = Adagrad::new().learning_rate(0.5).initial_accumulator_value(7.0);
    /// optimizer.apply_gradients(&[(Tensor::from([3.0f32]), w.clone())])?;
    /// assert!((w.read().item::<f32>()? - (1.0 - 0.5 * 3.0 / 4.0)).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Duchi et al. 2011 (JMLR 12), as `keras.optimizers.Adagrad`, with epsilon inside the root.
    Adagrad("adagrad", learning_rate = 0.001) {
        /// What the sums of squares begin with, at least 0; 0.1 by default.
        initial_accumulator_value: f64 = 0.1, 0.0..=f64::MAX;

        /// Keeps the division finite; at least 0, 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;
    }
}

impl Optimizer for Adagrad {
    optimizer_identity!("Adagrad");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::full(
            "accumulator",
            self.initial_accumulator_value,
        )]]
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let (g, slot) = (&update.gradient, update.slot("accumulator")?);
        slot.assign_add(&update.squared_gradient())?;
        update.subtract(&(&update.learning_rate * g / (slot.read() + self.epsilon).sqrt()))
    }
}
