//! Decay of the learning rate along a polynomial.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::arguments::{schedule, schedule_identity};
use super::{Entry, LearningRateSchedule};

pub(super) const ENTRY: Entry = Entry {
    class_name: "PolynomialDecay",
    names: &[],
    from_config: |config| Ok(Arc::new(PolynomialDecay::from_config(config)?)),
};

schedule! {
    /// The rate falls from `initial_learning_rate` to `end_learning_rate` in `decay_steps` steps, and stays:
    /// `(initial - end) * (1 - min(step, decay_steps) / decay_steps) ^ power + end`.
    ///
    /// With [`PolynomialDecay::cycle`] it does not stay, but jumps up whenever it has come to the end:
    /// `decay_steps` is then the least multiple of itself that is not below `step`.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let schedule = PolynomialDecay::new(0.5, 10.0).end_learning_rate(0.1).power(2.0);
    /// let rate = schedule.call(&Tensor::from(5.0f32)).item::<f32>()?;
    /// assert!((rate - 0.2).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.optimizers.schedules.PolynomialDecay`.
    PolynomialDecay("PolynomialDecay") {
        initial_learning_rate: f64, f64::MIN..=f64::MAX;
        decay_steps: f64, f64::MIN_POSITIVE..=f64::MAX;
    }
    {
        /// The rate at the end; 0.0001 by default.
        end_learning_rate: f64 = 1e-4;

        /// 1, the default, is a straight line; more falls faster at first.
        power: f64 = 1.0;

        /// Whether the rate jumps up after its end; false by default.
        cycle: bool = false;
    }
}

impl LearningRateSchedule for PolynomialDecay {
    schedule_identity!("PolynomialDecay");
}

impl PolynomialDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        let share = if self.cycle {
            // Step 0 belongs to the first cycle.
            let cycles = (step / self.decay_steps).ceil().maximum(1.0);
            step / (cycles * self.decay_steps)
        } else {
            step.minimum(self.decay_steps) / self.decay_steps
        };
        let range = self.initial_learning_rate - self.end_learning_rate;
        (1.0 - share).pow(self.power) * range + self.end_learning_rate
    }
}
