//! RMSprop.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "RMSprop",
    names: &["rmsprop"],
    from_config: |config| Ok(Arc::new(RMSprop::from_config(config)?)),
};

optimizer! {
    /// RMSprop: each element's step is divided by the root of the mean square of its gradients.
    ///
    /// ```text
    /// v = rho v + (1 - rho) g^2
    /// a = rho a + (1 - rho) g                         with centered
    /// s = lr g / sqrt(v + epsilon)                    v - a^2 in place of v with centered
    /// m = momentum m + s;  w -= m                     w -= s without momentum
    /// ```
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// RMSprop::new().rho(0.0).apply_gradients(&[(Tensor::from([8.0f32]), w.clone())])?;
    /// assert_eq!(w.read().to_vec::<f32>()?, [0.999]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Tieleman and Hinton 2012 (Coursera, lecture 6e); Graves 2013 (arXiv:1308.0850) for `centered`. As
    /// `keras.optimizers.RMSprop`, with epsilon inside the root.
    RMSprop("rm_sprop", learning_rate = 0.001) {
        /// The share of the old mean square in the new one, from 0 to 1; 0.9 by default.
        rho: f64 = 0.9, 0.0..=1.0;

        /// The share of the last step in this one, at least 0; 0 by default.
        momentum: f64 = 0.0, 0.0..=f64::MAX;

        /// Keeps the division finite; at least 0, 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;

        /// Whether to divide by the root of the variance instead; false by default.
        centered: bool = false;
    }
}

impl Optimizer for RMSprop {
    optimizer_identity!("RMSprop");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        let mut slots = vec![vec![Slot::zeros("velocity")]];
        if self.momentum > 0.0 {
            slots.push(vec![Slot::zeros("momentum")]);
        }
        if self.centered {
            slots.push(vec![Slot::zeros("average_gradient")]);
        }
        slots
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let (g, rho) = (&update.gradient, self.rho);
        let slot = update.slot("velocity")?;
        let velocity = slot.read() * rho + update.squared_gradient() * (1.0 - rho);
        slot.assign(&velocity)?;
        let mut spread: Tensor = velocity;
        if self.centered {
            let slot = update.slot("average_gradient")?;
            let average = slot.read() * rho + g * (1.0 - rho);
            slot.assign(&average)?;
            spread = spread - average.square();
        }
        let step = g * &update.learning_rate / (spread + self.epsilon).sqrt();
        if self.momentum == 0.0 {
            return update.subtract(&step);
        }
        let slot = update.slot("momentum")?;
        slot.assign(&(slot.read() * self.momentum + step))?;
        update.subtract(&slot.read())
    }
}
