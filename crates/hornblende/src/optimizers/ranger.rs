//! Rectified Adam that looks ahead.

use std::sync::Arc;

use hornblende_core::{Result, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::rectified_update::{RectifiedUpdate, SLOW, synchronise};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Ranger",
    names: &["ranger"],
    from_config: |config| Ok(Arc::new(Ranger::from_config(config)?)),
};

optimizer! {
    /// Ranger: the updates of [`RectifiedAdam`](super::RectifiedAdam), of which every `sync_period`-th is followed
    /// by what [`Lookahead`](super::Lookahead) does.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// let optimizer = Ranger::new().learning_rate(0.25).sync_period(1);
    /// optimizer.apply_gradients(&[(Tensor::from([2.0f32]), w.clone())])?;
    /// assert!((w.read().item::<f32>()? - 0.75).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Wright 2019 (github.com/lessw2020/Ranger-Deep-Learning-Optimizer) without the centring of gradients:
    /// `Lookahead(RectifiedAdam())` of TensorFlow Addons. Keras does not have it.
    Ranger("ranger", learning_rate = 0.001) {
        /// The share of the old mean gradient in the new one, from 0 to 1; 0.9 by default.
        beta_1: f64 = 0.9, 0.0..=1.0;

        /// The share of the old mean square in the new one, from 0 to below 1; 0.999 by default.
        beta_2: f64 = 0.999, 0.0..=1.0 - f64::EPSILON;

        /// Keeps the division finite; at least 0, 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;

        /// Whether to divide by the largest mean square so far (arXiv:1904.09237); false by default.
        amsgrad: bool = false;

        /// The least number of gradients in a mean square that is divided by, at least 4; 5 by default.
        sma_threshold: f64 = 5.0, 4.0..=f64::MAX;

        /// The number of updates in which the learning rate goes up and down again; 0, the default, leaves it.
        total_steps: usize = 0;

        /// The share of `total_steps` that goes up, from 0 to 1; 0.1 by default.
        warmup_proportion: f64 = 0.1, 0.0..=1.0;

        /// The learning rate at the end of `total_steps`, at least 0; 0 by default.
        min_lr: f64 = 0.0, 0.0..=f64::MAX;

        /// The number of updates between two looks back, at least 1; 6 by default.
        sync_period: usize = 6, 1.0..=f64::MAX;

        /// The share of the way that the slow weights go, from 0 to 1; 0.5 by default.
        slow_step_size: f64 = 0.5, 0.0..=1.0;
    }
}

impl Optimizer for Ranger {
    optimizer_identity!("Ranger");

    fn slots(&self, variable: &Variable) -> Vec<Vec<Slot>> {
        vec![self.update(variable).slots(), vec![Slot::copy(SLOW)]]
    }

    /// None, since the decay is part of the step.
    fn weight_decay_of(&self, _variable: &Variable) -> Option<f64> {
        None
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let (variable, before) = (&update.variable, self.iterations());
        let first = variable.read();
        self.update(variable).apply(update)?;
        let counts = (&before, &(&before + 1));
        let pace = (self.sync_period, self.slow_step_size);
        synchronise((variable, update.slot(SLOW)?), &first, counts, pace)
    }
}

impl Ranger {
    fn update(&self, variable: &Variable) -> RectifiedUpdate {
        RectifiedUpdate {
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            epsilon: self.epsilon,
            amsgrad: self.amsgrad,
            sma_threshold: self.sma_threshold,
            total_steps: self.total_steps,
            warmup_proportion: self.warmup_proportion,
            min_lr: self.min_lr,
            weight_decay: (self.base.weight_decay).filter(|_| self.base.decays(variable)),
        }
    }
}
