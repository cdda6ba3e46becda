//! Regularizers: what training adds to the loss so that weights or outputs stay small.
//!
//! A layer takes one by name, as a value or as a closure: `.kernel_regularizer("l2")`,
//! `.kernel_regularizer(L2::new(1e-4))`, `.kernel_regularizer(|w: &Tensor| w.abs().sum(..) * 0.01)`.

mod l1;
mod l1l2;
mod l2;
mod orthogonal_regularizer;
mod regularizer;

pub use l1::L1;
pub use l1l2::L1L2;
pub use l2::L2;
pub use orthogonal_regularizer::OrthogonalRegularizer;
pub use regularizer::{IntoRegularizer, Regularizer};

use std::sync::Arc;

use hornblende_core::Result;

use crate::config::{self, Config};

/// What the list of regularizers knows about one.
pub type Entry = config::Entry<dyn Regularizer>;

/// All regularizers.
pub static REGULARIZERS: &[&Entry] = &[
    &l1::ENTRY,
    &l1l2::ENTRY,
    &l2::ENTRY,
    &orthogonal_regularizer::ENTRY,
];

/// The regularizer of this name, with Keras's default arguments.
///
/// # Errors
/// [`hornblende_core::Error::UnknownName`] with the nearest known ones.
///
/// # Example
/// ```
/// use hornblende::{prelude::*, regularizers};
/// let l2 = regularizers::get("l2")?;
/// assert_eq!(l2.call(&Tensor::from([3.0f32, 4.0])).item::<f32>()?, 0.25);
/// # Ok::<(), Error>(())
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Regularizer>> {
    from_config(name, &Config::new())
}

/// The regularizer of this class name (or other name) with the arguments of a configuration.
///
/// # Errors
/// [`hornblende_core::Error::UnknownName`] for an unknown name or argument, [`hornblende_core::Error::Format`] for
/// an argument of the wrong kind.
pub fn from_config(name: &str, config: &Config) -> Result<Arc<dyn Regularizer>> {
    (Entry::find("regularizer", REGULARIZERS, name)?.from_config)(config)
}

/// The names that [`get`] knows.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Entry::names_of(REGULARIZERS)
}
