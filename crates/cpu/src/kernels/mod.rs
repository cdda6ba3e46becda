//! Plain kernels over raw pointers: they know shapes and strides, and nothing of graphs.

pub mod convolution;
pub mod matmul;
pub(crate) mod shared;
#[cfg(test)]
mod testing;
pub mod window;
