//! Transposed convolution of sequences.

use std::sync::Arc;

use super::geometry::ConvolutionKind;
use super::transposed::{Transposed, transposed};
use crate::layers::Entry;

/// What tells the class apart.
const KIND: ConvolutionKind = ConvolutionKind {
    class_name: "Conv1DTranspose",
    rank: 1,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["Convolution1DTranspose"],
    arguments: Transposed::ARGUMENTS,
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(Conv1DTranspose(Transposed::from_config(
            KIND, config,
        )?)))
    },
    examples: || Transposed::examples(KIND),
};

/// Transposed convolution of sequences: `activation(x spread over windows by the kernel + bias)`, the gradient by the
/// input of a convolution. It makes sequences larger where a convolution makes them smaller.
///
/// # Arguments
/// `filters`: the channels of the result. `kernel_size`: one number, or one for each axis. The others are methods:
/// [`Conv1DTranspose::strides`], [`Conv1DTranspose::padding`], [`Conv1DTranspose::output_padding`],
/// [`Conv1DTranspose::dilation_rate`], [`Conv1DTranspose::data_format`], and those of
/// [`AffineOptions`](crate::layers::AffineOptions) and [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, steps, channels]` gives `[batch, new steps, filters]`; the kernel is
/// `[kernel size, filters, channels]`. With `reach = (kernel size - 1) * dilation + 1`, along each axis `n` places
/// become, with padding `"valid"`, `(n - 1) * stride + max(reach, stride)`, or `(n - 1) * stride + reach +
/// output_padding` where that is given; with `"same"` `n * stride`, or `(n - 1) * stride + reach % 2 +
/// output_padding`.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not three axes or whose
/// channels differ from the first call's; [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0, for
/// an `output_padding` that is not below the strides, or of 0 along an even kernel with padding `"same"`, and for strides
/// and dilation that are both above 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Conv1DTranspose::new(1, 2).strides(2).kernel_initializer("ones");
/// let x = Tensor::from_vec([1, 2, 1], vec![1.0f32, 3.0]);
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [1.0, 1.0, 3.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.Conv1DTranspose`.
#[derive(Clone)]
pub struct Conv1DTranspose(Transposed);

transposed!(Conv1DTranspose);
