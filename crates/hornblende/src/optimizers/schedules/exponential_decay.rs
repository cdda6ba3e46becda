//! Exponential decay of the learning rate.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::arguments::{schedule, schedule_identity};
use super::{Entry, LearningRateSchedule};

pub(super) const ENTRY: Entry = Entry {
    class_name: "ExponentialDecay",
    names: &[],
    from_config: |config| Ok(Arc::new(ExponentialDecay::from_config(config)?)),
};

schedule! {
    /// The rate is multiplied by `decay_rate` every `decay_steps` steps:
    /// `initial_learning_rate * decay_rate ^ (step / decay_steps)`.
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
    ///
    /// # Source
    /// `keras.optimizers.schedules.ExponentialDecay`.
    ExponentialDecay("ExponentialDecay") {
        initial_learning_rate: f64, f64::MIN..=f64::MAX;
        decay_steps: f64, f64::MIN_POSITIVE..=f64::MAX;
        decay_rate: f64, f64::MIN..=f64::MAX;
    }
    {
        /// Whether the rate falls in steps; false by default.
        staircase: bool = false;
    }
}

impl LearningRateSchedule for ExponentialDecay {
    schedule_identity!("ExponentialDecay");
}

impl ExponentialDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        let mut share = step / self.decay_steps;
        if self.staircase {
            share = share.floor();
        }
        Tensor::literal(self.decay_rate, share.dtype()).pow(&share) * self.initial_learning_rate
    }
}
