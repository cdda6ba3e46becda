//! Initializers: the first values of variables.

mod initializer;

pub use initializer::Initializer;
