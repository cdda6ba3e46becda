//! Adam that waits until it knows how much gradients vary.

use std::sync::Arc;

use hornblende_core::{Result, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::rectified_update::RectifiedUpdate;
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "RectifiedAdam",
    names: &["rectifiedadam", "rectified_adam", "radam"],
    from_config: |config| Ok(Arc::new(RectifiedAdam::from_config(config)?)),
};

optimizer! {
    /// Rectified Adam: divides by the mean square only once enough gradients are in it, and by how much more it
    /// may vary until there are many.
    ///
    /// ```text
    /// m += (g - m) (1 - beta_1);  v += (g^2 - v) (1 - beta_2)
    /// l = 2 / (1 - beta_2) - 1;  n = l - 2 t beta_2^t / (1 - beta_2^t),  t = 1, 2, ..
    /// r = sqrt((n - 4) (n - 2) l / ((l - 4) (l - 2) n))
    /// u = m / (1 - beta_1^t)
    /// u = r u / (sqrt(v / (1 - beta_2^t)) + epsilon)                         where n >= sma_threshold
    /// w -= lr (u + weight_decay w)
    /// ```
    ///
    /// With `total_steps` the learning rate goes from 0 up to `learning_rate` in `warmup_proportion` of them, and
    /// then down to `min_lr`.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// let optimizer = RectifiedAdam::new().learning_rate(0.25);
    /// optimizer.apply_gradients(&[(Tensor::from([2.0f32]), w.clone())])?;
    /// assert!((w.read().item::<f32>()? - 0.5).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Liu et al. 2020 (arXiv:1908.03265), with the arguments of `RectifiedAdam` of TensorFlow Addons; Keras
    /// does not have it. The first steps, which do not divide, are as large as the gradients are.
    RectifiedAdam("rectified_adam", learning_rate = 0.001) {
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
    }
}

impl Optimizer for RectifiedAdam {
    optimizer_identity!("RectifiedAdam");

    fn slots(&self, variable: &Variable) -> Vec<Vec<Slot>> {
        vec![self.update(variable).slots()]
    }

    /// None, since the decay is part of the step.
    fn weight_decay_of(&self, _variable: &Variable) -> Option<f64> {
        None
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        self.update(&update.variable).apply(update)
    }
}

impl RectifiedAdam {
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
