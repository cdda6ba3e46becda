//! Lion.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Lion",
    names: &["lion"],
    from_config: |config| Ok(Arc::new(Lion::from_config(config)?)),
};

optimizer! {
    /// Lion: steps of the same size for all elements, in the direction of the sign of the momentum.
    ///
    /// ```text
    /// w -= lr sign(beta_1 m + (1 - beta_1) g)
    /// m = beta_2 m + (1 - beta_2) g
    /// ```
    ///
    /// Its steps are larger than Adam's, so that the learning rate should be 3 to 10 times smaller.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32, 1.0, 1.0]))?;
    /// let optimizer = Lion::new().learning_rate(0.25);
    /// optimizer.apply_gradients(&[(Tensor::from([8.0f32, -0.5, 0.0]), w.clone())])?;
    /// assert_eq!(w.read().to_vec::<f32>()?, [0.75, 1.25, 1.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Chen et al. 2023 (arXiv:2302.06675), as `keras.optimizers.Lion`.
    Lion("lion", learning_rate = 0.001) {
        /// The share of the momentum in the direction, above 0 and at most 1; 0.9 by default.
        beta_1: f64 = 0.9, f64::MIN_POSITIVE..=1.0;

        /// The share of the old momentum in the new one, from 0 to 1; 0.99 by default.
        beta_2: f64 = 0.99, 0.0..=1.0;
    }
}

impl Optimizer for Lion {
    optimizer_identity!("Lion");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::zeros("momentum")]]
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let (g, slot) = (&update.gradient, update.slot("momentum")?);
        let old = slot.read();
        // The shares in the variable's own precision, as in Keras: in F32 1 - 0.99 is another number.
        let mix = |beta: f64| {
            let beta = Tensor::literal(beta, g.dtype());
            &old * &beta + g * (1.0 - beta)
        };
        update.subtract(&(&update.learning_rate * mix(self.beta_1).sign()))?;
        slot.assign(&mix(self.beta_2))
    }
}
