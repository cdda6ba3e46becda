// tidy: not an item
//! What an optimizer remembers of a variable.

use hornblende_core::{DType, Shape, Value, Variable};

/// A variable that an optimizer keeps for one that it changes, such as its momentum.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    pub(super) name: &'static str,
    first: First,
    shape: Option<Shape>,
    dtype: Option<DType>,
    path: Option<String>,
}

/// What a slot begins with.
#[derive(Debug, Clone, PartialEq)]
enum First {
    Number(f64),
    TheVariable,
}

impl Slot {
    /// A slot that begins with zeros.
    #[must_use]
    pub const fn zeros(name: &'static str) -> Self {
        Self::full(name, 0.0)
    }

    /// A slot that begins with this number everywhere.
    #[must_use]
    pub const fn full(name: &'static str, number: f64) -> Self {
        Self {
            name,
            first: First::Number(number),
            shape: None,
            dtype: None,
            path: None,
        }
    }

    /// A slot that begins with what the variable holds when the optimizer is built.
    #[must_use]
    pub const fn copy(name: &'static str) -> Self {
        Self {
            name,
            first: First::TheVariable,
            shape: None,
            dtype: None,
            path: None,
        }
    }

    /// Gives a slot of numbers another shape than its variable's.
    #[must_use]
    pub fn shape(mut self, shape: impl Into<Shape>) -> Self {
        self.shape = Some(shape.into());
        self
    }

    /// Gives a slot of numbers another type than its variable's.
    #[must_use]
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = Some(dtype);
        self
    }

    /// The whole name of the slot's variable, in place of `optimizer/variable_slot`.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The slot of `about` in the optimizer of this name.
    pub(super) fn variable(&self, optimizer: &str, about: &Variable) -> Variable {
        let path = match &self.path {
            Some(path) => path.clone(),
            None => {
                let about = about.name().replace('/', "_");
                format!("{optimizer}/{about}_{}", self.name)
            }
        };
        let shape = || self.shape.clone().unwrap_or_else(|| about.shape().clone());
        let dtype = self.dtype.unwrap_or(about.dtype());
        let value = match self.first {
            First::Number(number) => Value::full(shape(), dtype, number),
            First::TheVariable => about.value(),
        };
        let variable = Variable::from_value(path, value);
        variable.set_trainable(false);
        variable
    }
}
