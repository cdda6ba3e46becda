// tidy: not an item
//! What an optimizer is told when it updates one variable.

use hornblende_core::autodiff::SQUARES_OF_ROWS;
use hornblende_core::{Error, Result, Tensor, Variable};

/// The update of one variable by its gradient.
#[derive(Debug, Clone)]
pub struct Update {
    /// The variable, to be assigned to.
    pub variable: Variable,
    /// Its gradient, clipped and of its type.
    pub gradient: Tensor,
    /// The learning rate, a scalar of its type.
    pub learning_rate: Tensor,
    /// How many updates there were before, a scalar of its type.
    pub iterations: Tensor,
    /// What [`crate::optimizers::Optimizer::shared_variables`] gave.
    pub shared: Vec<Variable>,
    pub(super) slots: Vec<(&'static str, Variable)>,
}

impl Update {
    /// The square of the gradient. Where the gradient is that of a table of which a row was taken several times,
    /// the sum of the squares of what each taking contributes: what Keras computes on TensorFlow, whose
    /// gradients of tables are lists of rows.
    #[must_use]
    pub fn squared_gradient(&self) -> Tensor {
        squared(&self.gradient)
    }

    /// The variable's slot of this name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] if the optimizer's `slots` do not name it.
    pub fn slot(&self, name: &str) -> Result<&Variable> {
        match self.slots.iter().find(|(n, _)| *n == name) {
            Some((_, slot)) => Ok(slot),
            None => {
                let known: Vec<&str> = self.slots.iter().map(|(n, _)| *n).collect();
                Err(Error::unknown("slot", name, &known))
            }
        }
    }

    /// The slots and the variable: all that the update changes.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let slots = self.slots.iter().map(|(_, slot)| slot.clone());
        slots.chain([self.variable.clone()]).collect()
    }

    /// Whether the variable has a slot of this name.
    #[must_use]
    pub fn has_slot(&self, name: &str) -> bool {
        self.slots.iter().any(|(n, _)| *n == name)
    }

    /// Moves the slot towards `target` by the share `1 - beta` of the way and gives its new value.
    ///
    /// # Errors
    /// As [`Update::slot`]; the error that `target` carries.
    pub fn move_slot(&self, name: &str, target: &Tensor, beta: f64) -> Result<Tensor> {
        let slot = self.slot(name)?;
        let old = slot.read();
        slot.assign(&(&old + (target - &old) * (1.0 - beta)))?;
        Ok(slot.read())
    }

    /// The number of this update, from 1.
    #[must_use]
    pub fn step(&self) -> Tensor {
        &self.iterations + 1.0
    }

    /// `beta` to the power of [`Update::step`].
    #[must_use]
    pub fn power(&self, beta: f64) -> Tensor {
        let step = self.step();
        Tensor::literal(beta, step.dtype()).pow(&step)
    }

    /// Takes `step` away from the variable.
    ///
    /// # Errors
    /// The error that `step` carries.
    pub fn subtract(&self, step: &Tensor) -> Result<()> {
        self.variable.assign(&(self.variable.read() - step))
    }
}

/// The square of a gradient, as [`Update::squared_gradient`] says.
pub(super) fn squared(gradient: &Tensor) -> Tensor {
    let of_rows = gradient.remark(SQUARES_OF_ROWS);
    of_rows.map_or_else(|| gradient.square(), Tensor::clone)
}
