// tidy: not an item
//! What a constraint is.

use hornblende_core::Tensor;

use crate::config::{Config, conversions};

/// Gives the allowed value nearest to a weight, in some sense.
///
/// A closure `|w: &Tensor| ...` that returns a tensor of the same shape is a constraint too.
pub trait Constraint: Send + Sync {
    /// The allowed value: a tensor of the same shape.
    fn call(&self, x: &Tensor) -> Tensor;

    /// Keras's class name, for configurations.
    fn class_name(&self) -> &'static str {
        "Constraint"
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        Config::new()
    }
}

impl<F> Constraint for F
where
    F: Fn(&Tensor) -> Tensor + Send + Sync,
{
    fn call(&self, x: &Tensor) -> Tensor {
        self(x)
    }
}

conversions!(
    /// What can be given where a constraint is asked for: a name, a value, a closure.
    IntoConstraint, into_constraint, Constraint, super::get
);
