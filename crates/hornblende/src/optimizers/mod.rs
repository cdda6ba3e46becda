//! Optimizers: how variables follow their gradients.
//!
//! `compile` takes one by name or as a value: `.optimizer("adam")`,
//! `.optimizer(Adam::new().learning_rate(1e-3).clipnorm(1.0))`.

mod adam;
mod base;
mod clipping;
mod learning_rate;
mod optimizer;
mod rmsprop;
pub mod schedules;
mod sgd;
mod step;
mod update;

pub use adam::Adam;
pub use base::OptimizerBase;
pub use learning_rate::{IntoLearningRate, LearningRate};
pub use optimizer::{IntoOptimizer, Minimize, Optimizer};
pub use rmsprop::RMSprop;
pub use sgd::SGD;
pub use update::{Slot, Update};

use std::sync::Arc;

use hornblende_core::{Error, Result};

use crate::config::{self, Config};

/// What the list of optimizers knows about one.
pub type Entry = config::Entry<dyn Optimizer>;

/// All optimizers.
pub static OPTIMIZERS: &[&Entry] = &[&adam::ENTRY, &rmsprop::ENTRY, &sgd::ENTRY];

/// The optimizer of this name, in capitals or not, with Keras's default arguments.
///
/// # Errors
/// [`Error::UnknownName`] with the nearest known ones.
///
/// # Example
/// ```
/// use hornblende::{optimizers, prelude::*};
/// assert_eq!(optimizers::get("adam")?.class_name(), "Adam");
/// # Ok::<(), Error>(())
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Optimizer>> {
    from_config(name, &Config::new())
}

/// The optimizer of this name with the arguments of a configuration.
///
/// # Errors
/// [`Error::UnknownName`] for an unknown name or argument, [`Error::Format`] for an argument of the wrong
/// kind, [`Error::InvalidArgument`] for one out of range.
pub fn from_config(name: &str, config: &Config) -> Result<Arc<dyn Optimizer>> {
    let lower = name.to_lowercase();
    match OPTIMIZERS
        .iter()
        .find(|entry| entry.names.contains(&lower.as_str()))
    {
        Some(entry) => (entry.from_config)(config),
        None => Err(Error::unknown("optimizer", name, &names())),
    }
}

/// The names that [`get`] knows.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Entry::names_of(OPTIMIZERS)
}
