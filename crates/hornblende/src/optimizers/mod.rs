//! Optimizers: how variables follow their gradients.
//!
//! `compile` takes one by name or as a value: `.optimizer("adam")`,
//! `.optimizer(Adam::new().learning_rate(1e-3).clipnorm(1.0))`.

mod adadelta;
mod adafactor;
mod adagrad;
mod adam;
mod adam_update;
mod adamax;
mod adamw;
mod arguments;
mod base;
mod clipping;
mod ftrl;
mod lamb;
mod lazy_adam;
mod learning_rate;
mod lion;
mod lookahead;
mod loss_scale_optimizer;
mod multi_optimizer;
mod muon;
mod nadam;
mod optimizer;
mod optimizer_map;
mod patterns;
mod ranger;
mod rectified_adam;
mod rectified_update;
mod rmsprop;
mod schedule_free_adamw;
pub mod schedules;
mod sgd;
mod slot;
mod step;
mod update;

pub use adadelta::Adadelta;
pub use adafactor::Adafactor;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use base::OptimizerBase;
pub use ftrl::Ftrl;
pub use lamb::Lamb;
pub use lazy_adam::LazyAdam;
pub use learning_rate::{IntoLearningRate, LearningRate};
pub use lion::Lion;
pub use lookahead::Lookahead;
pub use loss_scale_optimizer::LossScaleOptimizer;
pub use multi_optimizer::MultiOptimizer;
pub use muon::Muon;
pub use nadam::Nadam;
pub use optimizer::{IntoOptimizer, Minimize, Optimizer};
pub use optimizer_map::OptimizerMap;
pub use ranger::Ranger;
pub use rectified_adam::RectifiedAdam;
pub use rmsprop::RMSprop;
pub use schedule_free_adamw::ScheduleFreeAdamW;
pub use sgd::SGD;
pub use slot::Slot;
pub use update::Update;

use std::sync::Arc;

use hornblende_core::{Error, Result};

use crate::config::{self, Config, Json};

/// What the list of optimizers knows about one.
pub type Entry = config::Entry<dyn Optimizer>;

/// All optimizers.
pub static OPTIMIZERS: &[&Entry] = &[
    &adadelta::ENTRY,
    &adafactor::ENTRY,
    &adagrad::ENTRY,
    &adam::ENTRY,
    &adamax::ENTRY,
    &adamw::ENTRY,
    &ftrl::ENTRY,
    &lamb::ENTRY,
    &lazy_adam::ENTRY,
    &lion::ENTRY,
    &lookahead::ENTRY,
    &loss_scale_optimizer::ENTRY,
    &multi_optimizer::ENTRY,
    &muon::ENTRY,
    &nadam::ENTRY,
    &ranger::ENTRY,
    &rectified_adam::ENTRY,
    &rmsprop::ENTRY,
    &schedule_free_adamw::ENTRY,
    &sgd::ENTRY,
];

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

/// The optimizer as Keras writes it into a file: class name and arguments.
///
/// # Example
/// ```
/// use hornblende::{optimizers, prelude::*};
/// let json = optimizers::serialize(&SGD::new().momentum(0.5));
/// assert_eq!(json["class_name"], "SGD");
/// assert_eq!(optimizers::deserialize(&json)?.get_config(), SGD::new().momentum(0.5).get_config());
/// # Ok::<(), Error>(())
/// ```
#[must_use]
pub fn serialize(optimizer: &dyn Optimizer) -> Json {
    config::class_object(
        "keras.optimizers",
        optimizer.class_name(),
        optimizer.get_config(),
    )
}

/// The reverse of [`serialize`]; a name alone is enough.
///
/// # Errors
/// [`Error::Format`] for what is neither a name nor a class with its arguments; as [`from_config`].
pub fn deserialize(json: &Json) -> Result<Arc<dyn Optimizer>> {
    let (class, config) = config::class_of("optimizer", json)?;
    from_config(&class, &config)
}

/// The optimizer that another one is made around.
fn inner_from_config(class_name: &str, config: &Config, key: &str) -> Result<Arc<dyn Optimizer>> {
    match config.get(key) {
        Some(json) => deserialize(json),
        None => Err(Error::format(
            class_name,
            format!("an argument \"{key}\""),
            "none",
            "",
        )),
    }
}
