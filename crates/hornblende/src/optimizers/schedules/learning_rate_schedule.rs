// tidy: not an item
//! What a learning-rate schedule is.

use hornblende_core::Tensor;

use crate::config::Config;

/// A learning rate that depends on the step.
///
/// A closure `|step: &Tensor| ...` is a schedule too. It builds a part of the training step's graph and is
/// called once, so that it must not look at the number itself.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let optimizer = SGD::new().learning_rate(|step: &Tensor| 0.1 / (step + 1.0));
/// ```
pub trait LearningRateSchedule: Send + Sync {
    /// The learning rate of a step, both scalars of type `F32`. The first step is 0.
    fn call(&self, step: &Tensor) -> Tensor;

    /// Keras's class name, for configurations.
    fn class_name(&self) -> &'static str {
        "LearningRateSchedule"
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        Config::new()
    }
}

impl<F> LearningRateSchedule for F
where
    F: Fn(&Tensor) -> Tensor + Send + Sync,
{
    fn call(&self, step: &Tensor) -> Tensor {
        self(step)
    }
}
