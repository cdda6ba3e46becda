// tidy: not an item
//! The update of Adam, which several optimizers share.

use hornblende_core::{Result, Tensor, Variable};

use super::{Slot, Update};

/// Adam's numbers.
pub(super) struct AdamUpdate {
    pub(super) beta_1: f64,
    pub(super) beta_2: f64,
    pub(super) epsilon: f64,
    pub(super) amsgrad: bool,
}

impl AdamUpdate {
    pub(super) fn slots(&self) -> Vec<Vec<Slot>> {
        let mut slots = vec![vec![Slot::zeros("momentum"), Slot::zeros("velocity")]];
        if self.amsgrad {
            slots.push(vec![Slot::zeros("velocity_hat")]);
        }
        slots
    }

    /// Moves the slots, and the variable at this learning rate.
    pub(super) fn apply(&self, update: &Update, learning_rate: &Tensor) -> Result<()> {
        let corrections =
            (1.0 - update.power(self.beta_2)).sqrt() / (1.0 - update.power(self.beta_1));
        let alpha = learning_rate * corrections;
        let momentum = update.move_slot("momentum", &update.gradient, self.beta_1)?;
        let square = update.squared_gradient();
        let mut velocity = update.move_slot("velocity", &square, self.beta_2)?;
        if self.amsgrad {
            velocity = raise(update.slot("velocity_hat")?, &velocity)?;
        }
        update.subtract(&(momentum * alpha / (velocity.sqrt() + self.epsilon)))
    }
}

/// Raises each element of the slot to that of `x` and gives the slot's new value.
pub(super) fn raise(slot: &Variable, x: &Tensor) -> Result<Tensor> {
    slot.assign(&slot.read().maximum(x))?;
    Ok(slot.read())
}
