//! Decay of the learning rate along a cosine, after a warm-up.

use std::f64::consts::PI;
use std::sync::Arc;

use hornblende_core::Tensor;

use super::arguments::{schedule, schedule_identity};
use super::{Entry, LearningRateSchedule};
use crate::optimizers::arguments::Optional;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CosineDecay",
    names: &[],
    from_config: |config| Ok(Arc::new(CosineDecay::from_config(config)?)),
};

schedule! {
    /// The rate falls along half a cosine in `decay_steps` steps, and stays:
    /// `initial_learning_rate * ((1 - alpha) (1 + cos(pi min(step, decay_steps) / decay_steps)) / 2 + alpha)`.
    ///
    /// With [`CosineDecay::warmup_target`] it first grows in a straight line, in [`CosineDecay::warmup_steps`] steps
    /// from `initial_learning_rate` to that target, and then falls from there; the warm-up does not count into
    /// `decay_steps`. Warm-up steps without a target change nothing.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let schedule = CosineDecay::new(0.0, 10.0).warmup_target(0.5).warmup_steps(5.0);
    /// let rate = |step: f32| schedule.call(&Tensor::from(step)).item::<f32>();
    /// assert!((rate(1.0)? - 0.1).abs() < 1e-6);
    /// assert!((rate(10.0)? - 0.25).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Loshchilov and Hutter 2017 (arXiv:1608.03983), without restarts, as `keras.optimizers.schedules.CosineDecay`.
    CosineDecay("CosineDecay") {
        initial_learning_rate: f64, f64::MIN..=f64::MAX;
        decay_steps: f64, f64::MIN_POSITIVE..=f64::MAX;
    }
    {
        /// The share of the rate that is left at the end; 0 by default.
        alpha: f64 = 0.0;

        /// The rate that the warm-up leads to; no warm-up by default.
        warmup_target: Optional = None;

        /// How long the warm-up is; 0 by default.
        warmup_steps: f64 = 0.0;
    }
}

impl LearningRateSchedule for CosineDecay {
    schedule_identity!("CosineDecay");
}

impl CosineDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        let Some(target) = self.warmup_target else {
            let step = step.minimum(self.decay_steps);
            return self.falling(&step, self.initial_learning_rate);
        };
        let step = step.minimum(self.decay_steps + self.warmup_steps);
        let share = &step / self.warmup_steps;
        let growing = share * (target - self.initial_learning_rate) + self.initial_learning_rate;
        let falling = self.falling(&(&step - self.warmup_steps), target);
        step.less(self.warmup_steps).select(growing, falling)
    }

    fn falling(&self, step: &Tensor, from: f64) -> Tensor {
        let share = step / self.decay_steps;
        let cosine = ((share * PI).cos() + 1.0) * 0.5;
        (cosine * (1.0 - self.alpha) + self.alpha) * from
    }
}
