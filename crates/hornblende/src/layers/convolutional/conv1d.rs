//! Convolution of sequences.

use std::sync::Arc;

use super::convolution::{Convolution, convolution};
use super::geometry::ConvolutionKind;
use crate::layers::{Affine, Entry};

/// What tells the class apart.
const KIND: ConvolutionKind = ConvolutionKind {
    class_name: "Conv1D",
    rank: 1,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["Convolution1D"],
    arguments: Convolution::ARGUMENTS,
    unsupported: Affine::UNSUPPORTED,
    from_config: |config| Ok(Arc::new(Conv1D(Convolution::from_config(KIND, config)?))),
    examples: || Convolution::examples(KIND),
};

/// Convolution of sequences: `activation(kernel moved over x + bias)`. The kernel is not flipped.
///
/// # Arguments
/// `filters`: the channels of the result. `kernel_size`: one number, or one for each axis. The others are methods:
/// [`Conv1D::strides`], [`Conv1D::padding`], [`Conv1D::dilation_rate`], [`Conv1D::groups`],
/// [`Conv1D::data_format`], and those of [`AffineOptions`](crate::layers::AffineOptions) and
/// [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, steps, channels]` gives `[batch, new steps, filters]`; the kernel is
/// `[kernel size, channels / groups, filters]`. With padding `"valid"` the number of new steps is
/// `(steps - (kernel size - 1) * dilation - 1) / stride + 1`, rounded down, with `"same"` it is
/// `steps / stride`, rounded up, where of an odd number of added places the larger half stands at the end.
/// With padding `"causal"` as much is added before the first step as lets no result look ahead.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes, whose
/// channels differ from the first call's, or that is smaller than the kernel;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0, for groups that do not divide channels
/// and filters, and for strides and dilation that are both above 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from_vec([1, 4, 1], vec![1.0f32, 2.0, 4.0, 8.0]);
/// let sums = Conv1D::new(1, 2).kernel_initializer("ones");
/// assert_eq!(sums.call(&x)?.to_vec::<f32>()?, [3.0, 6.0, 12.0]);
/// let looks_back = Conv1D::new(1, 2).kernel_initializer("ones").padding("causal");
/// assert_eq!(looks_back.call(&x)?.to_vec::<f32>()?, [1.0, 3.0, 6.0, 12.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.Conv1D`, without its LoRA arguments.
#[derive(Clone)]
pub struct Conv1D(Convolution);

convolution!(Conv1D);
