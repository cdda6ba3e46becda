//! Keras's compile and fit for Rust.

pub mod models;
pub mod terminal;
pub mod training;
