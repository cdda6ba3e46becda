// tidy: not an item
//! What a regularizer is.

use hornblende_core::Tensor;

use crate::config::{Config, conversions};

/// Gives what is added to the loss for a weight or an output.
///
/// A closure `|w: &Tensor| ...` that returns a scalar is a regularizer too.
pub trait Regularizer: Send + Sync {
    /// The term of the loss: a scalar.
    fn call(&self, x: &Tensor) -> Tensor;

    /// Keras's class name, for configurations.
    fn class_name(&self) -> &'static str {
        "Regularizer"
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        Config::new()
    }
}

impl<F> Regularizer for F
where
    F: Fn(&Tensor) -> Tensor + Send + Sync,
{
    fn call(&self, x: &Tensor) -> Tensor {
        self(x)
    }
}

conversions!(
    /// What can be given where a regularizer is asked for: a name, a value, a closure.
    IntoRegularizer, into_regularizer, Regularizer, super::get
);
