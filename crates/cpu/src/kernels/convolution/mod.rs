//! Convolutions over images whose channels come last, and their two gradients.
//!
//! None of them brings patches together: each is a matrix product whose left matrix is read where it lies, in the image, or
//! in a small copy of a part of it with zeros around. See [`ConvolutionShape`] for what is computed.

mod correlation;
mod cut;
mod depthwise;
mod filter_gradient;
mod forward;
mod input_gradient;
mod shape;
mod window;

pub use filter_gradient::FilterGradient;
pub use forward::ForwardConvolution;
pub use input_gradient::InputGradient;
pub use shape::ConvolutionShape;

#[cfg(test)]
mod tests;
