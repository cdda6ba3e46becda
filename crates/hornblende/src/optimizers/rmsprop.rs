//! RMSprop.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::base::optimizer_arguments;
use super::{Entry, Optimizer, OptimizerBase, Slot, Update};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "RMSprop",
    names: &["rmsprop"],
    from_config: |config| Ok(Arc::new(RMSprop::from_config(config)?)),
};

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
pub struct RMSprop {
    base: OptimizerBase,
    rho: f64,
    momentum: f64,
    epsilon: f64,
    centered: bool,
}

optimizer_arguments!(RMSprop);

impl RMSprop {
    /// The optimizer with Keras's defaults: learning rate 0.001.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: OptimizerBase::new("rm_sprop", 0.001),
            rho: 0.9,
            momentum: 0.0,
            epsilon: 1e-7,
            centered: false,
        }
    }

    /// The share of the old mean square in the new one; 0.9 by default.
    #[must_use]
    pub fn rho(mut self, rho: f64) -> Self {
        self.rho = rho;
        self
    }

    /// The share of the last step in this one; 0 by default.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Keeps the division finite; 1e-7 by default.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Whether to divide by the root of the variance instead; false by default.
    #[must_use]
    pub fn centered(mut self, centered: bool) -> Self {
        self.centered = centered;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        config.only(
            "RMSprop",
            &OptimizerBase::known_keys(&["rho", "momentum", "epsilon", "centered"]),
        )?;
        let defaults = Self::new();
        Ok(Self {
            rho: config.number("rho")?.unwrap_or(defaults.rho),
            momentum: config.number("momentum")?.unwrap_or(defaults.momentum),
            epsilon: config.number("epsilon")?.unwrap_or(defaults.epsilon),
            centered: config.flag("centered")?.unwrap_or(defaults.centered),
            base: defaults.base.configured(config)?,
        })
    }
}

impl Optimizer for RMSprop {
    fn base(&self) -> &OptimizerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "RMSprop"
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config()
            .with("rho", self.rho)
            .with("momentum", self.momentum)
            .with("epsilon", self.epsilon)
            .with("centered", self.centered)
    }

    fn slots(&self) -> Vec<Vec<Slot>> {
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
        let velocity = slot.read() * rho + g.square() * (1.0 - rho);
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
