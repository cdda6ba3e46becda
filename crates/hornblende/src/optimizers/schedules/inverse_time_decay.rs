//! Decay of the learning rate by the inverse of time.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::arguments::{schedule, schedule_identity};
use super::{Entry, LearningRateSchedule};

pub(super) const ENTRY: Entry = Entry {
    class_name: "InverseTimeDecay",
    names: &[],
    from_config: |config| Ok(Arc::new(InverseTimeDecay::from_config(config)?)),
};

schedule! {
    /// The rate falls as the inverse of the step:
    /// `initial_learning_rate / (1 + decay_rate * step / decay_steps)`.
    ///
    /// With [`InverseTimeDecay::staircase`] `step / decay_steps` is rounded down, so that the rate stays for
    /// `decay_steps` steps.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let schedule = InverseTimeDecay::new(0.1, 10.0, 0.5);
    /// let rate = schedule.call(&Tensor::from(10.0f32)).item::<f32>()?;
    /// assert!((rate - 0.1 / 1.5).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.optimizers.schedules.InverseTimeDecay`.
    InverseTimeDecay("InverseTimeDecay") {
        initial_learning_rate: f64, f64::MIN..=f64::MAX;
        decay_steps: f64, f64::MIN_POSITIVE..=f64::MAX;
        decay_rate: f64, f64::MIN..=f64::MAX;
    }
    {
        /// Whether the rate falls in steps; false by default.
        staircase: bool = false;
    }
}

impl LearningRateSchedule for InverseTimeDecay {
    schedule_identity!("InverseTimeDecay");
}

impl InverseTimeDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        let mut share = step / self.decay_steps;
        if self.staircase {
            share = share.floor();
        }
        self.initial_learning_rate / (share * self.decay_rate + 1.0)
    }
}
