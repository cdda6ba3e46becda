//! Keras's compile and fit for Rust.

pub mod activations;
pub mod config;
pub mod datasets;
pub mod formats;
pub mod initializers;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod models;
pub mod ops;
pub mod optimizers;
pub mod random;
pub mod terminal;
pub mod training;

// The native engine makes itself the default when the process starts; naming it links it.
use hornblende_cpu as _;

pub use hornblende_core::{
    Axes, DType, Element, Error, Function, Operand, Program, Result, Shape, Spec, Storage, Tensor,
    Value, Variable, function, gradient, scan, while_loop,
};

/// What most programs use: `use hornblende::prelude::*;`.
pub mod prelude;
