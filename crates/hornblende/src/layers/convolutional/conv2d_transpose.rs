//! Transposed convolution of images.

use std::sync::Arc;

use super::geometry::ConvolutionKind;
use super::transposed::{Transposed, transposed};
use crate::layers::Entry;

/// What tells the class apart.
const KIND: ConvolutionKind = ConvolutionKind {
    class_name: "Conv2DTranspose",
    rank: 2,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["Convolution2DTranspose"],
    arguments: Transposed::ARGUMENTS,
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(Conv2DTranspose(Transposed::from_config(
            KIND, config,
        )?)))
    },
    examples: || Transposed::examples(KIND),
};

/// Transposed convolution of images: `activation(x spread over windows by the kernel + bias)`, the gradient by the
/// input of a convolution. It makes images larger where a convolution makes them smaller.
///
/// # Arguments
/// `filters`: the channels of the result. `kernel_size`: one number, or one for each axis. The others are methods:
/// [`Conv2DTranspose::strides`], [`Conv2DTranspose::padding`], [`Conv2DTranspose::output_padding`],
/// [`Conv2DTranspose::dilation_rate`], [`Conv2DTranspose::data_format`], and those of
/// [`AffineOptions`](crate::layers::AffineOptions) and [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, new height, new width, filters]`; the kernel is
/// `[kernel height, kernel width, filters, channels]`. With `reach = (kernel size - 1) * dilation + 1`, along each axis `n` places
/// become, with padding `"valid"`, `(n - 1) * stride + max(reach, stride)`, or `(n - 1) * stride + reach +
/// output_padding` where that is given; with `"same"` `n * stride`, or `(n - 1) * stride + reach % 2 +
/// output_padding`.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not four axes or whose
/// channels differ from the first call's; [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0, for
/// an `output_padding` that is not below the strides, or of 0 along an even kernel with padding `"same"`, and for strides
/// and dilation that are both above 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Conv2DTranspose::new(8, 3).strides(2).padding("same");
/// let y = layer.call(&Tensor::zeros([1, 7, 7, 16], DType::F32))?;
/// assert_eq!(y.shape().dims(), [1, 14, 14, 8]);
/// let spread = Conv2DTranspose::new(1, (1, 2)).kernel_initializer("ones");
/// let x = Tensor::from_vec([1, 1, 2, 1], vec![1.0f32, 3.0]);
/// assert_eq!(spread.call(&x)?.to_vec::<f32>()?, [1.0, 4.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.Conv2DTranspose`.
#[derive(Clone)]
pub struct Conv2DTranspose(Transposed);

transposed!(Conv2DTranspose);
