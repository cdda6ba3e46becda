//! Convolution of images.

use std::sync::Arc;

use super::convolution::{Convolution, convolution};
use super::geometry::ConvolutionKind;
use crate::layers::{Affine, Entry};

/// What tells the class apart.
const KIND: ConvolutionKind = ConvolutionKind {
    class_name: "Conv2D",
    rank: 2,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["Convolution2D"],
    arguments: Convolution::ARGUMENTS,
    unsupported: Affine::UNSUPPORTED,
    from_config: |config| Ok(Arc::new(Conv2D(Convolution::from_config(KIND, config)?))),
    examples: || Convolution::examples(KIND),
};

/// Convolution of images: `activation(kernel moved over x + bias)`. The kernel is not flipped.
///
/// # Arguments
/// `filters`: the channels of the result. `kernel_size`: one number, or one for each axis. The others are methods:
/// [`Conv2D::strides`], [`Conv2D::padding`], [`Conv2D::dilation_rate`], [`Conv2D::groups`],
/// [`Conv2D::data_format`], and those of [`AffineOptions`](crate::layers::AffineOptions) and
/// [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, new height, new width, filters]`; the kernel is
/// `[kernel height, kernel width, channels / groups, filters]`. With padding `"valid"` the new height is
/// `(height - (kernel size - 1) * dilation - 1) / stride + 1`, rounded down, with `"same"` it is
/// `height / stride`, rounded up, where of an odd number of added places the larger half stands at the end.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not four axes, whose
/// channels differ from the first call's, or that is smaller than the kernel;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0, for groups that do not divide channels
/// and filters, and for strides and dilation that are both above 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Conv2D::new(32, 3).padding("same").activation("relu");
/// let y = layer.call(&Tensor::zeros([1, 28, 28, 1], DType::F32))?;
/// assert_eq!(y.shape().dims(), [1, 28, 28, 32]);
/// let sums = Conv2D::new(1, (1, 2)).kernel_initializer("ones");
/// let x = Tensor::from_vec([1, 1, 3, 1], vec![1.0f32, 2.0, 4.0]);
/// assert_eq!(sums.call(&x)?.to_vec::<f32>()?, [3.0, 6.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.Conv2D`, without its LoRA arguments.
#[derive(Clone)]
pub struct Conv2D(Convolution);

convolution!(Conv2D);
