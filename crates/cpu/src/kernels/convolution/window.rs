//! The part of an image stack that some output positions look at, with zeros where it reaches outside.
#![allow(unsafe_code)] // Pointers into operands whose extents the caller vouches for.

use super::cut::{Cut, Part};
use crate::kernels::matmul::Float;

/// Which coordinates of the input a range of outputs looks at, for every part of a cut.
///
/// Output `i` of a dimension stands at step `i / out_step`, and looks at coordinates from `step * in_step + low` to
/// `step * in_step + high`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    extents: [usize; 3],
    channels: usize,
    output: [usize; 3],
    in_step: [usize; 3],
    out_step: [usize; 3],
    low: [isize; 3],
    high: [isize; 3],
    /// Whether some window reaches outside, so that parts must be copied.
    padded: bool,
    /// The distance of images, planes, lines and positions: of the input itself, or of a padded copy.
    pub(super) strides: [isize; 4],
    copy_elements: usize,
}

impl Windows {
    pub(super) fn new(
        (extents, channels): ([usize; 3], usize),
        output: [usize; 3],
        (in_step, out_step): ([usize; 3], [usize; 3]),
        (low, high): ([isize; 3], [isize; 3]),
        cut: &Cut,
    ) -> Self {
        let mut windows = Self {
            extents,
            channels,
            output,
            in_step,
            out_step,
            low,
            high,
            padded: false,
            strides: [0; 4],
            copy_elements: 0,
        };
        windows.padded = (0..3).any(|dimension| {
            let (start, length) = windows.span(dimension, 0, output[dimension]);
            start < 0 || start + length as isize > extents[dimension] as isize
        });
        let [images, planes, lines] = cut.largest();
        let sizes = if windows.padded {
            // A part that begins in the middle of a step sees one step more.
            let most = |dimension: usize, count: usize| {
                let steps =
                    count.div_ceil(out_step[dimension]) + usize::from(out_step[dimension] > 1);
                windows.span(dimension, 0, steps * out_step[dimension]).1
            };
            [most(0, planes), most(1, lines), most(2, output[2])]
        } else {
            extents
        };
        let line = sizes[2] * channels;
        let plane = sizes[1] * line;
        windows.strides = [sizes[0] * plane, plane, line, channels].map(|stride| stride as isize);
        windows.copy_elements = if windows.padded {
            images * sizes[0] * plane
        } else {
            0
        };
        windows
    }

    /// The first coordinate and the number of coordinates that outputs from `from` to `to` look at.
    fn span(&self, dimension: usize, from: usize, to: usize) -> (isize, usize) {
        let step = self.out_step[dimension];
        let (first, last) = (from / step, to.saturating_sub(1) / step);
        let start = (first * self.in_step[dimension]) as isize + self.low[dimension];
        let reach = (self.high[dimension] - self.low[dimension]) as usize + 1;
        (
            start,
            last.saturating_sub(first) * self.in_step[dimension] + reach,
        )
    }

    /// How many elements of workspace a part needs.
    pub(super) fn workspace(&self) -> usize {
        self.copy_elements
    }

    /// Where the window of the part's first step begins: in the input itself, or in a copy of the part with zeros around it.
    ///
    /// # Safety
    /// `input` is valid for all images, `workspace` for [`Windows::workspace`] elements.
    pub(super) unsafe fn open<T: Float>(
        &self,
        input: *const T,
        part: &Part,
        workspace: *mut T,
    ) -> *const T {
        let ranges = [part.planes.clone(), part.lines.clone(), 0..self.output[2]];
        let spans: [_; 3] =
            std::array::from_fn(|at| self.span(at, ranges[at].start, ranges[at].end));
        if !self.padded {
            let mut offset = part.images.start as isize * self.strides[0];
            for (&(start, _), stride) in spans.iter().zip(&self.strides[1..]) {
                offset += start * stride;
            }
            // Wrapping, because a part of an empty input points nowhere.
            return input.wrapping_offset(offset);
        }
        let [image_stride, plane_stride, line_stride, _] = self.strides;
        let line = self.extents[2] * self.channels;
        for (image, index) in part.images.clone().enumerate() {
            for plane in 0..spans[0].1 {
                for at in 0..spans[1].1 {
                    let (z, y) = (spans[0].0 + plane as isize, spans[1].0 + at as isize);
                    let inside = (0..self.extents[0] as isize).contains(&z)
                        && (0..self.extents[1] as isize).contains(&y);
                    let from = inside.then(|| {
                        let lines =
                            (index * self.extents[0] + z as usize) * self.extents[1] + y as usize;
                        input.wrapping_add(lines * line)
                    });
                    let to = image as isize * image_stride
                        + plane as isize * plane_stride
                        + at as isize * line_stride;
                    // SAFETY: the line lies inside of the input, and the copy inside of the workspace.
                    unsafe { self.copy_line(from, spans[2], workspace.offset(to)) };
                }
            }
        }
        workspace
    }

    /// # Safety
    /// `from` is a line of the input, `to` has room for `length` positions.
    unsafe fn copy_line<T: Float>(
        &self,
        from: Option<*const T>,
        (start, length): (isize, usize),
        to: *mut T,
    ) {
        let width = self.extents[2] as isize;
        let before = (-start).clamp(0, length as isize) as usize;
        let until = (width - start).clamp(before as isize, length as isize) as usize;
        let (before, until) = if from.is_some() {
            (before, until)
        } else {
            (length, length)
        };
        let channels = self.channels;
        // SAFETY: positions from `before` to `until` lie inside of the line.
        unsafe {
            std::slice::from_raw_parts_mut(to, before * channels).fill(T::ZERO);
            if let Some(from) = from {
                let skipped = (start + before as isize) * channels as isize;
                let count = (until - before) * channels;
                std::ptr::copy_nonoverlapping(
                    from.wrapping_offset(skipped),
                    to.add(before * channels),
                    count,
                );
            }
            let rest = to.add(until * channels);
            std::slice::from_raw_parts_mut(rest, (length - until) * channels).fill(T::ZERO);
        }
    }
}
