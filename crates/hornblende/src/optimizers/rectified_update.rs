// tidy: not an item
//! The update of rectified Adam, which Ranger shares.

use hornblende_core::{DType, Result, Tensor, Variable};

use super::adam_update::raise;
use super::{Slot, Update};

/// The numbers of rectified Adam.
pub(super) struct RectifiedUpdate {
    pub(super) beta_1: f64,
    pub(super) beta_2: f64,
    pub(super) epsilon: f64,
    pub(super) amsgrad: bool,
    pub(super) sma_threshold: f64,
    pub(super) total_steps: usize,
    pub(super) warmup_proportion: f64,
    pub(super) min_lr: f64,
    /// That of the variable, if it decays.
    pub(super) weight_decay: Option<f64>,
}

impl RectifiedUpdate {
    pub(super) fn slots(&self) -> Vec<Slot> {
        let mut slots = vec![Slot::zeros("m"), Slot::zeros("v")];
        if self.amsgrad {
            slots.push(Slot::zeros("vhat"));
        }
        slots
    }

    /// Moves the slots and the variable.
    pub(super) fn apply(&self, update: &Update) -> Result<()> {
        let g = &update.gradient;
        let momentum = update.move_slot("m", g, self.beta_1)?;
        let momentum = momentum / (1.0 - update.power(self.beta_1));
        let mut velocity = update.move_slot("v", &g.square(), self.beta_2)?;
        if self.amsgrad {
            velocity = raise(update.slot("vhat")?, &velocity)?;
        }
        let spread = (velocity / (1.0 - update.power(self.beta_2))).sqrt() + self.epsilon;
        let length = self.average_length(&update.step());
        let rectified = &momentum / spread * self.rectification(&length).cast(g.dtype());
        let is_long = length.greater_equal(self.sma_threshold);
        let mut step = is_long.select(rectified, momentum);
        if let Some(decay) = self.weight_decay {
            step = step + update.variable.read() * decay;
        }
        update.subtract(&(self.learning_rate(update) * step))
    }

    /// Of how many gradients the mean square is the mean in effect, once there are many.
    fn longest(&self) -> f64 {
        2.0 / (1.0 - self.beta_2) - 1.0
    }

    /// Of how many it is after so many steps. In `F64`: at first it is the small difference of numbers near
    /// [`RectifiedUpdate::longest`].
    fn average_length(&self, step: &Tensor) -> Tensor {
        let step = step.cast(DType::F64);
        let power = Tensor::literal(self.beta_2, DType::F64).pow(&step);
        self.longest() - step * 2.0 * &power / (1.0 - power)
    }

    /// The square root of how much less the mean of many varies than that of these.
    fn rectification(&self, length: &Tensor) -> Tensor {
        let long = self.longest();
        let variance = (length - 4.0) / (long - 4.0) * ((length - 2.0) / (long - 2.0)) * long;
        (variance / length).sqrt()
    }

    /// The learning rate on its way up, and then down to `min_lr`.
    fn learning_rate(&self, update: &Update) -> Tensor {
        let rate = &update.learning_rate;
        if self.total_steps == 0 {
            return rate.clone();
        }
        let step = update.step();
        let total = self.total_steps as f64;
        let warmup = total * self.warmup_proportion;
        let decay = (total - warmup).max(1.0);
        let up = rate * (&step / warmup);
        let down = rate + (self.min_lr - rate) / decay * (&step - warmup).minimum(decay);
        step.less_equal(warmup).select(up, down)
    }
}

/// The slot with the slow weights of Lookahead.
pub(super) const SLOW: &str = "slow";

/// At every `sync_period`-th update moves the slow weights towards the variable by the share `step_size` of
/// the way, and the variable to them. `before` and `after` count the updates (`I64`): at the first, the slow
/// weights are `first`, what the variable was before it.
pub(super) fn synchronise(
    (variable, slow): (&Variable, &Variable),
    first: &Tensor,
    (before, after): (&Tensor, &Tensor),
    (sync_period, step_size): (usize, f64),
) -> Result<()> {
    let fast = variable.read();
    let old = before.equal(0.0).select(first, slow.read());
    let is_sync = (after % sync_period as f64)
        .equal(0.0)
        .logical_and(after.not_equal(before));
    let new = &old + (&fast - &old) * step_size;
    slow.assign(&is_sync.select(&new, old))?;
    variable.assign(&is_sync.select(new, fast))
}
