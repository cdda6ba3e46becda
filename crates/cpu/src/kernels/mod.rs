//! Plain kernels over raw pointers: they know shapes and strides, and nothing of graphs.

pub mod convolution;
pub mod elementwise;
mod lanes;
pub mod matmul;
mod reduce;
pub(crate) mod shared;
#[cfg(test)]
mod testing;
mod vector_math;
pub mod window;
