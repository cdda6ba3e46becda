//! Constraints: what an optimizer replaces a weight by after each update.
//!
//! A layer takes one by name, as a value or as a closure: `.kernel_constraint("non_neg")`,
//! `.kernel_constraint(MaxNorm::new(2.0))`, `.kernel_constraint(|w: &Tensor| w.clamp(-1.0, 1.0))`.

mod constraint;
mod max_norm;
mod min_max_norm;
mod non_neg;
mod norm;
mod unit_norm;

pub use constraint::{Constraint, IntoConstraint};
pub use max_norm::MaxNorm;
pub use min_max_norm::MinMaxNorm;
pub use non_neg::NonNeg;
pub use norm::NormAxes;
pub use unit_norm::UnitNorm;

use std::sync::Arc;

use hornblende_core::Result;

use crate::config::{self, Config};

/// What the list of constraints knows about one.
pub type Entry = config::Entry<dyn Constraint>;

/// All constraints.
pub static CONSTRAINTS: &[&Entry] = &[
    &max_norm::ENTRY,
    &min_max_norm::ENTRY,
    &non_neg::ENTRY,
    &unit_norm::ENTRY,
];

/// The constraint of this name, with Keras's default arguments.
///
/// # Errors
/// [`hornblende_core::Error::UnknownName`] with the nearest known ones.
///
/// # Example
/// ```
/// use hornblende::{constraints, prelude::*};
/// let non_neg = constraints::get("non_neg")?;
/// assert_eq!(non_neg.call(&Tensor::from([-3.0f32, 1.0])).to_vec::<f32>()?, [0.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Constraint>> {
    from_config(name, &Config::new())
}

/// The constraint of this class name (or other name) with the arguments of a configuration.
///
/// # Errors
/// [`hornblende_core::Error::UnknownName`] for an unknown name or argument, [`hornblende_core::Error::Format`] for
/// an argument of the wrong kind.
pub fn from_config(name: &str, config: &Config) -> Result<Arc<dyn Constraint>> {
    (Entry::find("constraint", CONSTRAINTS, name)?.from_config)(config)
}

/// The names that [`get`] knows.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Entry::names_of(CONSTRAINTS)
}
