//! Exponential decay of the learning rate.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::{Entry, LearningRateSchedule, required};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "ExponentialDecay",
    names: &[],
    from_config: |config| Ok(Arc::new(ExponentialDecay::from_config(config)?)),
};

/// The rate is multiplied by `decay_rate` every `decay_steps` steps: `initial_learning_rate * decay_rate ^ (step / decay_steps)`.
///
/// With [`ExponentialDecay::staircase`] `step / decay_steps` is rounded down, so that the rate stays for
/// `decay_steps` steps.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let schedule = ExponentialDecay::new(0.1, 10.0, 0.5);
/// let rate = schedule.call(&Tensor::from(10.0f32)).item::<f32>()?;
/// assert!((rate - 0.05).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExponentialDecay {
    initial_learning_rate: f64,
    decay_steps: f64,
    decay_rate: f64,
    staircase: bool,
    name: String,
}

impl ExponentialDecay {
    /// A schedule with Keras's defaults for the rest.
    #[must_use]
    pub fn new(initial_learning_rate: f64, decay_steps: f64, decay_rate: f64) -> Self {
        Self {
            initial_learning_rate,
            decay_steps,
            decay_rate,
            staircase: false,
            name: "ExponentialDecay".to_owned(),
        }
    }

    /// Whether the rate falls in steps; false by default.
    #[must_use]
    pub fn staircase(mut self, staircase: bool) -> Self {
        self.staircase = staircase;
        self
    }

    /// The name, which only configurations hold.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = [
            "initial_learning_rate",
            "decay_steps",
            "decay_rate",
            "staircase",
            "name",
        ];
        config.only("ExponentialDecay", &known)?;
        let schedule = Self::new(
            required("ExponentialDecay", config, "initial_learning_rate")?,
            required("ExponentialDecay", config, "decay_steps")?,
            required("ExponentialDecay", config, "decay_rate")?,
        );
        let staircase = config.flag("staircase")?.unwrap_or(false);
        let name = config
            .text("name")?
            .unwrap_or_else(|| schedule.name.clone());
        Ok(schedule.staircase(staircase).name(&name))
    }
}

impl LearningRateSchedule for ExponentialDecay {
    fn call(&self, step: &Tensor) -> Tensor {
        let mut share = step / self.decay_steps;
        if self.staircase {
            share = share.floor();
        }
        Tensor::literal(self.decay_rate, share.dtype()).pow(&share) * self.initial_learning_rate
    }

    fn class_name(&self) -> &'static str {
        "ExponentialDecay"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("initial_learning_rate", self.initial_learning_rate)
            .with("decay_steps", self.decay_steps)
            .with("decay_rate", self.decay_rate)
            .with("staircase", self.staircase)
            .with("name", self.name.as_str())
    }
}
