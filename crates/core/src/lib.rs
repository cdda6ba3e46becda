//! Tensors, graphs and automatic differentiation.
//!
//! This crate does no input or output, starts no threads and contains no `unsafe`. It knows what a
//! computation is; an [`engine::Engine`] knows how to run it.
#![forbid(unsafe_code)]

pub mod autodiff;
pub mod control_flow;
mod deferred;
mod display;
pub mod dtype;
mod elements;
pub mod engine;
pub mod error;
pub mod eval;
pub mod function;
pub mod graph;
pub mod half;
mod hash;
mod lower;
mod order;
pub mod passes;
pub mod philox;
mod procedure;
pub mod program;
pub mod reference;
pub mod registry;
pub mod scope;
pub mod shape;
mod signature;
mod storage;
pub mod tensor;
pub mod testing;
pub mod value;
pub mod variable;

pub use autodiff::gradient;
pub use control_flow::{scan, while_loop};
pub use dtype::DType;
pub use elements::Elements;
pub use error::{Error, Result};
pub use function::{Function, function};
pub use graph::Spec;
pub use procedure::Procedure;
pub use program::Program;
pub use shape::Shape;
pub use storage::Storage;
pub use tensor::{Axes, Operand, Tensor};
pub use value::{Element, Value};
pub use variable::{Variable, VariableRule};
