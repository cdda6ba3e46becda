//! Learning-rate schedules.

mod exponential_decay;
mod inverse_time_decay;
mod learning_rate_schedule;

pub use exponential_decay::ExponentialDecay;
pub use inverse_time_decay::InverseTimeDecay;
pub use learning_rate_schedule::LearningRateSchedule;

use std::sync::Arc;

use hornblende_core::{Error, Result};

use crate::config::{self, Config};

/// What the list of schedules knows about one.
pub type Entry = config::Entry<dyn LearningRateSchedule>;

/// All learning-rate schedules.
pub static SCHEDULES: &[&Entry] = &[&exponential_decay::ENTRY, &inverse_time_decay::ENTRY];

/// The schedule of this class name with the arguments of a configuration.
///
/// # Errors
/// [`Error::UnknownName`] for an unknown name or argument, [`Error::Format`] for an argument that is absent
/// or of the wrong kind.
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn LearningRateSchedule>> {
    (Entry::find("learning-rate schedule", SCHEDULES, class_name)?.from_config)(config)
}

/// A number that has no default.
fn required(class_name: &str, config: &Config, key: &str) -> Result<f64> {
    config
        .number(key)?
        .ok_or_else(|| Error::format(class_name, format!("an argument \"{key}\""), "none", ""))
}
