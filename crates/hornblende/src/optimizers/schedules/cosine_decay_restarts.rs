//! Decay of the learning rate along a cosine, again and again.

use std::f64::consts::PI;
use std::sync::Arc;

use hornblende_core::Tensor;

use super::arguments::{schedule, schedule_identity};
use super::{Entry, LearningRateSchedule};

pub(super) const ENTRY: Entry = Entry {
    class_name: "CosineDecayRestarts",
    names: &[],
    from_config: |config| Ok(Arc::new(CosineDecayRestarts::from_config(config)?)),
};

schedule! {
    /// The rate falls along half a cosine in `first_decay_steps` steps, jumps up, and falls again, each time
    /// `t_mul` times as long and from `m_mul` times the height:
    /// `initial_learning_rate * ((1 - alpha) m_mul^k (1 + cos(pi share)) / 2 + alpha)` in period `k = 0, 1, ..`, of
    /// which `share` is over.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let schedule = CosineDecayRestarts::new(0.5, 10.0);
    /// let rate = |step: f32| schedule.call(&Tensor::from(step)).item::<f32>();
    /// assert!((rate(5.0)? - 0.25).abs() < 1e-6);
    /// assert!((rate(20.0)? - 0.25).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Loshchilov and Hutter 2017 (arXiv:1608.03983), as `keras.optimizers.schedules.CosineDecayRestarts`: with
    /// `t_mul` other than 1 the period is found by a logarithm in `F32`, and the step of a restart may belong to
    /// either period.
    CosineDecayRestarts("SGDRDecay") {
        initial_learning_rate: f64, f64::MIN..=f64::MAX;
        first_decay_steps: f64, f64::MIN_POSITIVE..=f64::MAX;
    }
    {
        /// How much longer each period is than the one before; 2 by default.
        t_mul: f64 = 2.0;

        /// How much higher each period begins than the one before; 1 by default.
        m_mul: f64 = 1.0;

        /// The share of the rate that is left at the end of a period; 0 by default.
        alpha: f64 = 0.0;
    }
}

impl LearningRateSchedule for CosineDecayRestarts {
    schedule_identity!("CosineDecayRestarts");
}

impl CosineDecayRestarts {
    fn rate(&self, step: &Tensor) -> Tensor {
        let periods = step / self.first_decay_steps;
        let (period, share) = self.period(&periods);
        let height = Tensor::literal(self.m_mul, period.dtype()).pow(&period);
        let cosine = height * 0.5 * ((share * PI).cos() + 1.0);
        (cosine * (1.0 - self.alpha) + self.alpha) * self.initial_learning_rate
    }

    /// The number of the period, and the share of it that is over, after so many first periods.
    fn period(&self, periods: &Tensor) -> (Tensor, Tensor) {
        if self.t_mul == 1.0 {
            let period = periods.floor();
            return (period.clone(), periods - period);
        }
        let factor = Tensor::literal(self.t_mul, periods.dtype());
        let period = ((1.0 - periods * (1.0 - &factor)).log() / factor.log()).floor();
        let length = factor.pow(&period);
        let begin = (1.0 - &length) / (1.0 - factor);
        (period, (periods - begin) / length)
    }
}
