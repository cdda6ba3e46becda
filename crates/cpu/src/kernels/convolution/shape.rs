//! What a convolution is made of.

/// The extents of a convolution over up to three spatial dimensions, channels last.
///
/// The input is `[batch, depth, height, width, in_channels]`, the kernel `[depth, height, width, in_channels / groups,
/// out_channels]`, the output `[batch, depth, height, width, out_channels]`. A convolution over fewer dimensions has extents
/// of one. With `o` an output position and `t` a tap,
///
/// ```text
/// output[o, f] = sum over t, c of input[o * stride + t * dilation - padding_low, c] * kernel[t, c, f]
/// ```
///
/// and what lies outside of the input is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvolutionShape {
    /// How many images there are.
    pub batch: usize,
    /// The spatial extents of the input.
    pub input: [usize; 3],
    /// Channels of the input; a multiple of `groups`.
    pub in_channels: usize,
    /// The spatial extents of the kernel.
    pub kernel: [usize; 3],
    /// Channels of the output; a multiple of `groups`.
    pub out_channels: usize,
    /// The distance of neighbouring windows; at least one.
    pub strides: [usize; 3],
    /// Zeros before and after the input; a negative number cuts off that much of it.
    pub padding: [(isize, isize); 3],
    /// The distance of neighbouring taps of the kernel; at least one.
    pub dilation: [usize; 3],
    /// Channels are cut into so many groups, each of which sees its own inputs only.
    pub groups: usize,
}

impl ConvolutionShape {
    /// A convolution over height and width with stride one and no padding.
    pub fn new_2d(
        batch: usize,
        input: [usize; 2],
        in_channels: usize,
        kernel: [usize; 2],
        out_channels: usize,
    ) -> Self {
        Self {
            batch,
            input: [1, input[0], input[1]],
            in_channels,
            kernel: [1, kernel[0], kernel[1]],
            out_channels,
            strides: [1; 3],
            padding: [(0, 0); 3],
            dilation: [1; 3],
            groups: 1,
        }
    }

    /// The spatial extents of the output; zero where the kernel is larger than the padded input.
    pub fn output(&self) -> [usize; 3] {
        std::array::from_fn(|dimension| {
            let (low, high) = self.padding[dimension];
            let padded = self.input[dimension] as isize + low + high;
            let reach = match self.kernel[dimension] {
                0 => 0,
                kernel => (kernel as isize - 1) * self.dilation[dimension] as isize + 1,
            };
            if padded < reach || padded <= 0 {
                0
            } else {
                (padded - reach) as usize / self.strides[dimension] + 1
            }
        })
    }

    /// The input channels that an output channel sees.
    pub(super) fn group_inputs(&self) -> usize {
        self.in_channels / self.groups
    }

    /// The output channels that an input channel feeds.
    pub(super) fn group_outputs(&self) -> usize {
        self.out_channels / self.groups
    }

    /// Whether each channel is a group of its own on both sides.
    pub(super) fn is_depthwise(&self) -> bool {
        self.groups > 1 && self.groups == self.in_channels && self.groups == self.out_channels
    }

    /// The taps of the kernel in the order of memory.
    pub(super) fn taps(&self) -> impl Iterator<Item = [usize; 3]> {
        let [depth, height, width] = self.kernel;
        (0..depth * height * width)
            .map(move |tap| [tap / width / height, tap / width % height, tap % width])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_extents_follow_the_formula_of_the_reference() {
        let mut shape = ConvolutionShape::new_2d(1, [28, 28], 1, [3, 3], 32);
        assert_eq!(shape.output(), [1, 26, 26]);
        shape.padding = [(0, 0), (1, 1), (1, 1)];
        assert_eq!(shape.output(), [1, 28, 28]);
        shape.strides = [1, 2, 3];
        assert_eq!(shape.output(), [1, 14, 10]);
        shape.dilation = [1, 2, 1];
        assert_eq!(shape.output(), [1, 13, 10]);
    }

    #[test]
    fn a_kernel_larger_than_the_input_has_no_output() {
        let shape = ConvolutionShape::new_2d(1, [2, 9], 1, [3, 3], 4);
        assert_eq!(shape.output(), [1, 0, 7]);
    }

    #[test]
    fn negative_padding_cuts_the_input() {
        let mut shape = ConvolutionShape::new_2d(1, [9, 9], 1, [3, 3], 4);
        shape.padding = [(0, 0), (-1, -2), (-9, 0)];
        assert_eq!(shape.output(), [1, 4, 0]);
    }
}
