//! Windows that move over an array: pooling, its gradient, and the gradient of that.

mod geometry;
mod reduce;
mod select;

pub use geometry::Windows;
pub use reduce::WindowReduction;

#[cfg(test)]
mod tests;
