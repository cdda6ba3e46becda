//! Plain kernels over raw pointers: they know shapes and strides, and nothing of graphs.

pub mod convolution;
pub mod matmul;
mod shared;
#[cfg(test)]
mod testing;
pub mod window;
