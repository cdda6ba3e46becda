//! AdamW without a schedule.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "ScheduleFreeAdamW",
    names: &["schedulefreeadamw", "schedule_free_adamw"],
    from_config: |config| Ok(Arc::new(ScheduleFreeAdamW::from_config(config)?)),
};

optimizer! {
    /// AdamW that needs no schedule: it averages its iterates instead of letting the learning rate fall.
    ///
    /// ```text
    /// v += (g^2 - v) (1 - beta_2)
    /// z -= lr g / (sqrt(v / (1 - beta_2^t)) + epsilon),  t = 1, 2, ..
    /// x = (w - (1 - beta_1) z) / beta_1;  x += (z - x) / t
    /// w = (1 - beta_1) z + beta_1 x
    /// ```
    ///
    /// The weights `w` stand between the point `z` that moves and the average `x`; gradients are taken there.
    /// During the first `warmup_steps` updates the learning rate grows linearly.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// let optimizer = ScheduleFreeAdamW::new().learning_rate(0.5);
    /// optimizer.apply_gradients(&[(Tensor::from([8.0f32]), w.clone())])?;
    /// assert!((w.read().item::<f32>()? - 0.5).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Defazio et al. 2024 (arXiv:2405.15682), as `keras.optimizers.ScheduleFreeAdamW` computes it with TensorFlow: in
    /// the third line stands the new `z`, where the paper has the old one. Differs from it in: `z` always begins with the
    /// weights, while Keras begins with zeros, and so forgets the weights, where `fit` is what builds the optimizer.
    ScheduleFreeAdamW("schedule_free_adam_w", learning_rate = 0.0025) {
        /// Where between `z` and `x` the weights stand, above 0 and at most 1; 0.9 by default.
        beta_1: f64 = 0.9, f64::MIN_POSITIVE..=1.0;

        /// The share of the old mean square in the new one, from 0 to 1; 0.999 by default.
        beta_2: f64 = 0.999, 0.0..=1.0;

        /// Keeps the division finite; at least 0, 1e-8 by default.
        epsilon: f64 = 1e-8, 0.0..=f64::MAX;

        /// For how many updates the learning rate grows; 0 by default.
        warmup_steps: usize = 0;
    }
}

impl Optimizer for ScheduleFreeAdamW {
    optimizer_identity!("ScheduleFreeAdamW");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::copy("momentum"), Slot::zeros("velocity")]]
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let (g, step, w) = (&update.gradient, update.step(), update.variable.read());
        let constant = |x: f64| Tensor::literal(x, g.dtype());
        let mut rate = update.learning_rate.clone();
        if self.warmup_steps > 0 {
            rate = rate * (&step / self.warmup_steps as f64).minimum(1.0);
        }
        let (point, velocity) = (update.slot("momentum")?, update.slot("velocity")?);
        // One minus beta in the variable's own precision, as in Keras: in F32 it is another number.
        let v = velocity.read();
        velocity
            .assign(&(&v + (update.squared_gradient() - &v) * (1.0 - constant(self.beta_2))))?;
        let spread = (velocity.read() / (1.0 - update.power(self.beta_2))).sqrt() + self.epsilon;
        point.assign(&(point.read() - rate * g / spread))?;
        let (z, beta) = (point.read(), constant(self.beta_1));
        let average = (w - (1.0 - &beta) * &z) / &beta;
        let share = 1.0 / step;
        let average = (1.0 - &share) * average + share * &z;
        update
            .variable
            .assign(&((1.0 - &beta) * z + beta * average))
    }
}
