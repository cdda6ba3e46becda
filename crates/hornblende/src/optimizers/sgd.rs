//! Gradient descent, with momentum.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::base::optimizer_arguments;
use super::{Entry, Optimizer, OptimizerBase, Slot, Update};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "SGD",
    names: &["sgd"],
    from_config: |config| Ok(Arc::new(SGD::from_config(config)?)),
};

/// Gradient descent, with momentum:
///
/// ```text
/// w += -lr g                          without momentum
/// v = momentum v - lr g;  w += v      with momentum
/// w += momentum v - lr g              with nesterov as well
/// ```
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let w = Variable::new("w", Tensor::from([1.0f32]))?;
/// SGD::new().learning_rate(0.5).apply_gradients(&[(Tensor::from([1.0f32]), w.clone())])?;
/// assert_eq!(w.read().to_vec::<f32>()?, [0.5]);
/// # Ok::<(), Error>(())
/// ```
pub struct SGD {
    base: OptimizerBase,
    momentum: f64,
    nesterov: bool,
}

optimizer_arguments!(SGD);

impl SGD {
    /// The optimizer with Keras's defaults: learning rate 0.01.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: OptimizerBase::new("sgd", 0.01),
            momentum: 0.0,
            nesterov: false,
        }
    }

    /// The share of the last step in this one; 0 by default.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Whether to look ahead along the momentum; false by default.
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        config.only("SGD", &OptimizerBase::known_keys(&["momentum", "nesterov"]))?;
        let defaults = Self::new();
        Ok(Self {
            momentum: config.number("momentum")?.unwrap_or(defaults.momentum),
            nesterov: config.flag("nesterov")?.unwrap_or(defaults.nesterov),
            base: defaults.base.configured(config)?,
        })
    }
}

impl Optimizer for SGD {
    fn base(&self) -> &OptimizerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "SGD"
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config()
            .with("momentum", self.momentum)
            .with("nesterov", self.nesterov)
    }

    fn slots(&self) -> Vec<Vec<Slot>> {
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
