//! Keras's compile and fit for Rust.
