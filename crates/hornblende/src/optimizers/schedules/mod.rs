//! Learning-rate schedules.

mod arguments;
mod cosine_decay;
mod cosine_decay_restarts;
mod exponential_decay;
mod inverse_time_decay;
mod learning_rate_schedule;
mod piecewise_constant_decay;
mod polynomial_decay;

pub use cosine_decay::CosineDecay;
pub use cosine_decay_restarts::CosineDecayRestarts;
pub use exponential_decay::ExponentialDecay;
pub use inverse_time_decay::InverseTimeDecay;
pub use learning_rate_schedule::LearningRateSchedule;
pub use piecewise_constant_decay::PiecewiseConstantDecay;
pub use polynomial_decay::PolynomialDecay;

use std::ops::RangeInclusive;
use std::sync::Arc;

use hornblende_core::{Error, Result};

use crate::config::{self, Config, Json};

/// What the list of schedules knows about one.
pub type Entry = config::Entry<dyn LearningRateSchedule>;

/// All learning-rate schedules.
pub static SCHEDULES: &[&Entry] = &[
    &cosine_decay::ENTRY,
    &cosine_decay_restarts::ENTRY,
    &exponential_decay::ENTRY,
    &inverse_time_decay::ENTRY,
    &piecewise_constant_decay::ENTRY,
    &polynomial_decay::ENTRY,
];

/// The schedule of this class name with the arguments of a configuration.
///
/// # Errors
/// [`Error::UnknownName`] for an unknown name or argument, [`Error::Format`] for an argument that is absent
/// or of the wrong kind.
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn LearningRateSchedule>> {
    (Entry::find("learning-rate schedule", SCHEDULES, class_name)?.from_config)(config)
}

/// The schedule as Keras writes it into a file: class name and arguments.
#[must_use]
pub fn serialize(schedule: &dyn LearningRateSchedule) -> Json {
    config::class_object(
        "keras.optimizers.schedules",
        schedule.class_name(),
        schedule.get_config(),
    )
}

/// The reverse of [`serialize`].
///
/// # Errors
/// [`Error::Format`] for what is no class with its arguments; as [`from_config`].
pub fn deserialize(json: &Json) -> Result<Arc<dyn LearningRateSchedule>> {
    let (class, config) = config::class_of("learning_rate", json)?;
    from_config(&class, &config)
}

/// A number that has no default.
fn required(class_name: &str, config: &Config, key: &str) -> Result<f64> {
    config
        .number(key)?
        .ok_or_else(|| Error::format(class_name, format!("an argument \"{key}\""), "none", ""))
}

/// Fails if a number of a schedule is out of range; [`f64::MIN_POSITIVE`] begins what is above 0.
fn within(class_name: &str, argument: &str, x: f64, range: &RangeInclusive<f64>) -> Result<()> {
    if range.contains(&x) {
        return Ok(());
    }
    let expected = match *range.start() {
        f64::MIN_POSITIVE => "a finite number above 0",
        _ => "a finite number",
    };
    let subject = format!("{class_name}: {argument}");
    Err(Error::invalid_argument(
        subject,
        expected,
        x.to_string(),
        "",
    ))
}
