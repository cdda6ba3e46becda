//! Initializers: the first values of variables.
//!
//! A layer takes one by name, as a value or as a closure: `.kernel_initializer("he_normal")`,
//! `.kernel_initializer(HeNormal::new().seed(7))`,
//! `.kernel_initializer(|shape: &Shape| Tensor::full(shape, 0.1, DType::F32))`.

mod constant;
mod draw;
mod glorot_normal;
mod glorot_uniform;
mod he_normal;
mod he_uniform;
mod identity;
mod initializer;
mod lecun_normal;
mod lecun_uniform;
mod ones;
mod orthogonal;
mod random_normal;
mod random_uniform;
mod stft;
mod truncated_normal;
mod variance_scaling;
mod window;
mod zeros;

pub use constant::Constant;
pub use glorot_normal::GlorotNormal;
pub use glorot_uniform::GlorotUniform;
pub use he_normal::HeNormal;
pub use he_uniform::HeUniform;
pub use identity::Identity;
pub use initializer::{Initializer, IntoInitializer};
pub use lecun_normal::LecunNormal;
pub use lecun_uniform::LecunUniform;
pub use ones::Ones;
pub use orthogonal::Orthogonal;
pub use random_normal::RandomNormal;
pub use random_uniform::RandomUniform;
pub use stft::STFT;
pub use truncated_normal::TruncatedNormal;
pub use variance_scaling::VarianceScaling;
pub use window::Window;
pub use zeros::Zeros;

use std::sync::Arc;

use hornblende_core::Result;

use crate::config::{self, Config};

/// What the list of initializers knows about one.
pub type Entry = config::Entry<dyn Initializer>;

/// All initializers.
pub static INITIALIZERS: &[&Entry] = &[
    &constant::ENTRY,
    &glorot_normal::ENTRY,
    &glorot_uniform::ENTRY,
    &he_normal::ENTRY,
    &he_uniform::ENTRY,
    &identity::ENTRY,
    &lecun_normal::ENTRY,
    &lecun_uniform::ENTRY,
    &ones::ENTRY,
    &orthogonal::ENTRY,
    &random_normal::ENTRY,
    &random_uniform::ENTRY,
    &stft::ENTRY,
    &truncated_normal::ENTRY,
    &variance_scaling::ENTRY,
    &zeros::ENTRY,
];

/// The initializer of this name, with Keras's default arguments.
///
/// # Errors
/// [`hornblende_core::Error::UnknownName`] with the nearest known ones.
///
/// # Example
/// ```
/// use hornblende::{initializers, prelude::*};
/// let ones = initializers::get("ones")?.initialize(&Shape::from([2]), DType::F32)?;
/// assert_eq!(ones.to_f64_vec(), [1.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Initializer>> {
    from_config(name, &Config::new())
}

/// The initializer of this class name (or other name) with the arguments of a configuration.
///
/// # Errors
/// [`hornblende_core::Error::UnknownName`] for an unknown name or argument, [`hornblende_core::Error::Format`] for
/// an argument of the wrong kind.
pub fn from_config(name: &str, config: &Config) -> Result<Arc<dyn Initializer>> {
    (Entry::find("initializer", INITIALIZERS, name)?.from_config)(config)
}

/// The names that [`get`] knows.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Entry::names_of(INITIALIZERS)
}

/// The argument `seed`.
fn seed_of(config: &Config) -> Result<Option<u64>> {
    Ok(config.size("seed")?.map(|seed| seed as u64))
}
