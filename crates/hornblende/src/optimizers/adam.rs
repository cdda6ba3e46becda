//! Adam.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::base::optimizer_arguments;
use super::{Entry, Optimizer, OptimizerBase, Slot, Update};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Adam",
    names: &["adam"],
    from_config: |config| Ok(Arc::new(Adam::from_config(config)?)),
};

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
pub struct Adam {
    base: OptimizerBase,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    amsgrad: bool,
}

optimizer_arguments!(Adam);

impl Adam {
    /// The optimizer with Keras's defaults: learning rate 0.001.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: OptimizerBase::new("adam", 0.001),
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-7,
            amsgrad: false,
        }
    }

    /// The share of the old mean gradient in the new one; 0.9 by default.
    #[must_use]
    pub fn beta_1(mut self, beta_1: f64) -> Self {
        self.beta_1 = beta_1;
        self
    }

    /// The share of the old mean square in the new one; 0.999 by default.
    #[must_use]
    pub fn beta_2(mut self, beta_2: f64) -> Self {
        self.beta_2 = beta_2;
        self
    }

    /// Keeps the division finite; 1e-7 by default.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Whether to divide by the largest mean square so far (arXiv:1904.09237); false by default.
    #[must_use]
    pub fn amsgrad(mut self, amsgrad: bool) -> Self {
        self.amsgrad = amsgrad;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        config.only(
            "Adam",
            &OptimizerBase::known_keys(&["beta_1", "beta_2", "epsilon", "amsgrad"]),
        )?;
        let defaults = Self::new();
        Ok(Self {
            beta_1: config.number("beta_1")?.unwrap_or(defaults.beta_1),
            beta_2: config.number("beta_2")?.unwrap_or(defaults.beta_2),
            epsilon: config.number("epsilon")?.unwrap_or(defaults.epsilon),
            amsgrad: config.flag("amsgrad")?.unwrap_or(defaults.amsgrad),
            base: defaults.base.configured(config)?,
        })
    }
}

impl Optimizer for Adam {
    fn base(&self) -> &OptimizerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Adam"
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config()
            .with("beta_1", self.beta_1)
            .with("beta_2", self.beta_2)
            .with("epsilon", self.epsilon)
            .with("amsgrad", self.amsgrad)
    }

    fn slots(&self) -> Vec<Vec<Slot>> {
        let mut slots = vec![vec![Slot::zeros("momentum"), Slot::zeros("velocity")]];
        if self.amsgrad {
            slots.push(vec![Slot::zeros("velocity_hat")]);
        }
        slots
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let g = &update.gradient;
        let t = &update.iterations + 1.0;
        let power = |beta: f64| Tensor::literal(beta, t.dtype()).pow(&t);
        let corrections = (1.0 - power(self.beta_2)).sqrt() / (1.0 - power(self.beta_1));
        let alpha = &update.learning_rate * corrections;
        let (momentum, velocity) = (update.slot("momentum")?, update.slot("velocity")?);
        let m = momentum.read();
        momentum.assign(&(&m + (g - &m) * (1.0 - self.beta_1)))?;
        let v = velocity.read();
        velocity.assign(&(&v + (g.square() - &v) * (1.0 - self.beta_2)))?;
        let mut spread = velocity.read();
        if self.amsgrad {
            let largest = update.slot("velocity_hat")?;
            largest.assign(&largest.read().maximum(&spread))?;
            spread = largest.read();
        }
        update.subtract(&(momentum.read() * alpha / (spread.sqrt() + self.epsilon)))
    }
}
