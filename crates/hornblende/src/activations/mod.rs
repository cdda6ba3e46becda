//! Activations: elementwise functions between layers.
//!
//! A layer takes one by name, as a function of this module or as a closure:
//! `.activation("relu")`, `.activation(activations::relu)`, `.activation(|x: &Tensor| x.tanh())`.

mod activation;
mod celu;
mod elu;
mod exponential;
mod gelu;
mod glu;
mod hard_shrink;
mod hard_sigmoid;
mod hard_silu;
mod hard_tanh;
mod leaky_relu;
mod linear;
mod log_sigmoid;
mod log_softmax;
mod mish;
mod relu;
mod relu6;
mod selu;
mod sigmoid;
mod silu;
mod soft_shrink;
mod softmax;
mod softplus;
mod softsign;
mod sparse_plus;
mod sparse_sigmoid;
mod sparsemax;
mod squareplus;
mod tanh;
mod tanh_shrink;
mod threshold;

pub use activation::{Activation, IntoActivation};
pub use celu::celu;
pub use elu::elu;
pub use exponential::exponential;
pub use gelu::gelu;
pub use glu::glu;
pub use hard_shrink::hard_shrink;
pub use hard_sigmoid::hard_sigmoid;
pub use hard_silu::hard_silu;
pub use hard_tanh::hard_tanh;
pub use leaky_relu::leaky_relu;
pub use linear::linear;
pub use log_sigmoid::log_sigmoid;
pub use log_softmax::log_softmax;
pub use mish::mish;
pub use relu::{relu, relu_with};
pub use relu6::relu6;
pub use selu::selu;
pub use sigmoid::sigmoid;
pub use silu::silu;
pub use soft_shrink::soft_shrink;
pub use softmax::softmax;
pub use softplus::softplus;
pub use softsign::softsign;
pub use sparse_plus::sparse_plus;
pub use sparse_sigmoid::sparse_sigmoid;
pub use sparsemax::sparsemax;
pub use squareplus::squareplus;
pub use tanh::tanh;
pub use tanh_shrink::tanh_shrink;
pub use threshold::threshold;

use hornblende_core::{Error, Result, Tensor};

/// What the list of a family knows about an activation.
pub struct Entry {
    /// The names it is found by; the first is the one that configurations write.
    pub names: &'static [&'static str],
    /// The function with Keras's default arguments.
    pub call: fn(&Tensor) -> Tensor,
    /// Where it has no derivative, for numerical checks of the gradient.
    pub kinks: &'static [f64],
}

/// All activations.
pub static ACTIVATIONS: &[&Entry] = &[
    &celu::ENTRY,
    &elu::ENTRY,
    &exponential::ENTRY,
    &gelu::ENTRY,
    &glu::ENTRY,
    &hard_shrink::ENTRY,
    &hard_sigmoid::ENTRY,
    &hard_silu::ENTRY,
    &hard_tanh::ENTRY,
    &leaky_relu::ENTRY,
    &linear::ENTRY,
    &log_sigmoid::ENTRY,
    &log_softmax::ENTRY,
    &mish::ENTRY,
    &relu::ENTRY,
    &relu6::ENTRY,
    &selu::ENTRY,
    &sigmoid::ENTRY,
    &silu::ENTRY,
    &soft_shrink::ENTRY,
    &softmax::ENTRY,
    &softplus::ENTRY,
    &softsign::ENTRY,
    &sparse_plus::ENTRY,
    &sparse_sigmoid::ENTRY,
    &sparsemax::ENTRY,
    &squareplus::ENTRY,
    &tanh::ENTRY,
    &tanh_shrink::ENTRY,
    &threshold::ENTRY,
];

/// The activation of this name, with Keras's default arguments.
///
/// # Errors
/// [`Error::UnknownName`] with the nearest known ones.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// let relu = activations::get("relu")?;
/// assert_eq!(relu.call(&Tensor::from([-1.0f32, 2.0])).to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
pub fn get(name: &str) -> Result<Activation> {
    let known = |entry: &&&Entry| entry.names.contains(&name);
    match ACTIVATIONS.iter().find(known) {
        Some(entry) => Ok(Activation::new(entry.names[0], entry.call)),
        None => Err(Error::unknown("activation", name, &names())),
    }
}

/// The names that [`get`] knows.
#[must_use]
pub fn names() -> Vec<&'static str> {
    ACTIVATIONS
        .iter()
        .flat_map(|entry| entry.names)
        .copied()
        .collect()
}
