//! Adadelta.

use std::sync::Arc;

use hornblende_core::{Result, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Adadelta",
    names: &["adadelta"],
    from_config: |config| Ok(Arc::new(Adadelta::from_config(config)?)),
};

optimizer! {
    /// Adadelta: steps in the unit of the variable, from the mean squares of gradients and of steps.
    ///
    /// ```text
    /// a = rho a + (1 - rho) g^2
    /// d = g sqrt(b + epsilon) / sqrt(a + epsilon)
    /// b = rho b + (1 - rho) d^2
    /// w -= lr d
    /// ```
    ///
    /// The paper has no learning rate, which is 1; Keras's default of 0.001 makes it slow.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// let optimizer = Adadelta::new().learning_rate(1.0).rho(0.0).epsilon(0.25);
    /// optimizer.apply_gradients(&[(Tensor::from([1.0f32]), w.clone())])?;
    /// assert!((w.read().item::<f32>()? - (1.0 - 0.5 / 1.25f32.sqrt())).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Zeiler 2012 (arXiv:1212.5701), as `keras.optimizers.Adadelta`.
    Adadelta("adadelta", learning_rate = 0.001) {
        /// The share of the old mean squares in the new ones, from 0 to 1; 0.95 by default.
        rho: f64 = 0.95, 0.0..=1.0;

        /// Keeps the division finite; at least 0, 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;
    }
}

impl Optimizer for Adadelta {
    optimizer_identity!("Adadelta");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![
            Slot::zeros("accumulated_grad"),
            Slot::zeros("accumulated_delta_var"),
        ]]
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let (g, rho) = (&update.gradient, self.rho);
        let (gradients, steps) = (
            update.slot("accumulated_grad")?,
            update.slot("accumulated_delta_var")?,
        );
        gradients.assign(&(gradients.read() * rho + update.squared_gradient() * (1.0 - rho)))?;
        let root = |slot: &Variable| (slot.read() + self.epsilon).sqrt();
        let step = root(steps) * g / root(gradients);
        steps.assign(&(steps.read() * rho + step.square() * (1.0 - rho)))?;
        update.subtract(&(&update.learning_rate * step))
    }
}
