// tidy: not an item
//! What an optimizer is told when it updates one variable.

use hornblende_core::{Error, Result, Tensor, Variable};

/// A number of an optimizer for each element of a variable, such as its momentum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// The name, such as `momentum`.
    pub name: &'static str,
    /// The value that it begins with.
    pub initial: f64,
}

impl Slot {
    /// A slot that begins with zeros.
    #[must_use]
    pub const fn zeros(name: &'static str) -> Self {
        Self { name, initial: 0.0 }
    }
}

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
    pub(super) slots: Vec<(&'static str, Variable)>,
}

impl Update {
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

    /// Takes `step` away from the variable.
    ///
    /// # Errors
    /// The error that `step` carries.
    pub fn subtract(&self, step: &Tensor) -> Result<()> {
        self.variable.assign(&(self.variable.read() - step))
    }
}
