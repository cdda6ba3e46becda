//! Losses: how far predictions are from what they should be.
//!
//! `compile` takes one by name, as a value, as a function of this module or as a closure: `.loss("mse")`,
//! `.loss(MeanSquaredError::new().reduction("sum"))`, `.loss(losses::mean_squared_error)`,
//! `.loss(|y_true: &Tensor, y_pred: &Tensor| (y_true - y_pred).square().mean(..))`.

mod base;
mod binary_crossentropy;
mod categorical_crossentropy;
mod loss;
mod mean_absolute_error;
mod mean_squared_error;
mod sparse_categorical_crossentropy;

pub use crate::ops::match_ranks;
pub use base::{IntoReduction, LossBase};
pub use binary_crossentropy::{BinaryCrossentropy, binary_crossentropy};
pub use categorical_crossentropy::{CategoricalCrossentropy, categorical_crossentropy};
pub use loss::{IntoLoss, Loss, Reduction, reduce_losses};
pub use mean_absolute_error::{MeanAbsoluteError, mean_absolute_error};
pub use mean_squared_error::{MeanSquaredError, mean_squared_error};
pub use sparse_categorical_crossentropy::{
    SparseCategoricalCrossentropy, sparse_categorical_crossentropy,
};

use std::sync::Arc;

use hornblende_core::{Error, Result};

use crate::config::{self, Config};

/// What the list of losses knows about one.
pub type Entry = config::Entry<dyn Loss>;

/// All losses.
pub static LOSSES: &[&Entry] = &[
    &binary_crossentropy::ENTRY,
    &categorical_crossentropy::ENTRY,
    &mean_absolute_error::ENTRY,
    &mean_squared_error::ENTRY,
    &sparse_categorical_crossentropy::ENTRY,
];

/// The loss of this name, with Keras's default arguments.
///
/// # Errors
/// [`Error::UnknownName`] with the nearest known ones.
///
/// # Example
/// ```
/// use hornblende::{losses, prelude::*};
/// assert_eq!(losses::get("mse")?.name(), "mean_squared_error");
/// # Ok::<(), Error>(())
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Loss>> {
    from_config(name, &Config::new())
}

/// The loss of this class name (or other name) with the arguments of a configuration.
///
/// # Errors
/// [`Error::UnknownName`] for an unknown name or argument, [`Error::Format`] for an argument of the wrong
/// kind.
pub fn from_config(name: &str, config: &Config) -> Result<Arc<dyn Loss>> {
    (Entry::find("loss", LOSSES, name)?.from_config)(config)
}

/// The names that [`get`] knows.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Entry::names_of(LOSSES)
}

/// The argument `axis`.
fn axis_of(config: &Config) -> Result<isize> {
    match config.get("axis") {
        None => Ok(-1),
        Some(axis) => match axis.as_i64() {
            Some(axis) => Ok(axis as isize),
            None => {
                let subject = "argument \"axis\"";
                Err(Error::format(
                    subject,
                    "a whole number",
                    axis.to_string(),
                    "",
                ))
            }
        },
    }
}

/// Notes a share of label smoothing that is none.
fn check_smoothing(base: &mut LossBase, label_smoothing: f64) {
    if !(0.0..=1.0).contains(&label_smoothing) {
        base.refuse(Error::invalid_argument(
            "label_smoothing",
            "a number from 0 to 1",
            label_smoothing.to_string(),
            "",
        ));
    }
}
