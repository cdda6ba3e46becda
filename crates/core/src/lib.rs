//! Tensors, graphs and automatic differentiation.
//!
//! This crate does no input or output, starts no threads and contains no `unsafe`. It knows what a
//! computation is; an [`engine::Engine`] knows how to run it.
#![forbid(unsafe_code)]

pub mod dtype;
pub mod engine;
pub mod error;
pub mod graph;
pub mod half;
pub mod philox;
pub mod reference;
pub mod shape;
pub mod value;

pub use dtype::DType;
pub use error::{Error, Result};
pub use shape::Shape;
pub use value::{Element, Storage, Value};
