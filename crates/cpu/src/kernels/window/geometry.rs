//! Where windows lie, planned once.

use std::ops::Range;

/// The most axes along which a window may move.
pub(super) const MOST_AXES: usize = 8;

/// Windows over a row-major array of any rank, one for each element of the result.
///
/// Element `w` of window `o` is the array's element `o * stride + w * dilation - padding_low` along each axis; what lies
/// outside is no part of the window. Axes at the end along which nothing moves, such as channels, are worked on as
/// vectors, and those at the beginning, such as the batch, are divided among threads. Planning allocates, running does not.
///
/// ```
/// use hornblende_cpu::Pool;
/// use hornblende_cpu::kernels::window::{WindowReduction, Windows};
///
/// // A window of two elements over five, with a step of two.
/// let windows = Windows::new(&[5], &[2], &[2], &[(0, 0)], &[1]).unwrap();
/// assert_eq!(windows.output(), [2]);
/// let x = [1.0_f32, 4.0, 3.0, 2.0, 9.0];
/// let mut y = [f32::NAN; 2];
/// // SAFETY: the arrays have the extents of the windows.
/// unsafe { windows.reduce(Pool::global(), WindowReduction::Max, x.as_ptr(), y.as_mut_ptr()) };
/// assert_eq!(y, [4.0, 3.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Windows {
    output: Vec<usize>,
    /// How many times the windowed axes repeat: the product of the axes before them.
    pub(super) outer: usize,
    /// The axes from the first to the last along which a window moves.
    pub(super) axes: Vec<Axis>,
    /// Neighbours that share their windows: the product of the axes behind.
    pub(super) inner: usize,
    /// Elements of the array, and of the result, for each repetition.
    pub(super) input_elements: usize,
    pub(super) output_elements: usize,
    /// Whether no element is part of two windows.
    pub(super) disjoint: bool,
    /// Whether every element is part of exactly one window.
    pub(super) tiled: bool,
}

/// An axis along which windows move.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// For each window, the distance of its first element from the first of the axis, and how many it has.
    windows: Vec<(usize, usize)>,
    /// The distance of neighbouring elements of a window.
    step: usize,
}

/// The elements of one window.
#[derive(Clone, Copy)]
pub(super) struct Taps {
    rank: usize,
    start: usize,
    counts: [usize; MOST_AXES],
    steps: [usize; MOST_AXES],
}

impl Windows {
    /// Plans windows over an array of extents `input`; the other arguments have an entry for every axis.
    ///
    /// Padding is given before and after, and cuts where it is negative. Steps are at least one. `None` if more than eight
    /// neighbouring axes have windows.
    pub fn new(
        input: &[usize],
        size: &[usize],
        strides: &[usize],
        padding: &[(isize, isize)],
        dilation: &[usize],
    ) -> Option<Self> {
        let moves = |at: usize| size[at] != 1 || strides[at] != 1 || padding[at] != (0, 0);
        let rank = input.len();
        let first = (0..rank).find(|&at| moves(at)).unwrap_or(rank);
        let end = (first..rank)
            .rfind(|&at| moves(at))
            .map_or(first, |last| last + 1);
        if end - first > MOST_AXES {
            return None;
        }
        let output: Vec<usize> = (0..rank)
            .map(|at| count_windows(input[at], size[at], strides[at], padding[at], dilation[at]))
            .collect();
        let inner = input[end..].iter().product();
        let mut distance = inner;
        let mut axes: Vec<Axis> = Vec::new();
        for at in (first..end).rev() {
            let windows = (0..output[at])
                .map(|o| {
                    span(
                        input[at],
                        size[at],
                        o * strides[at],
                        padding[at].0,
                        dilation[at],
                    )
                })
                .map(|(start, count)| (start * distance, count))
                .collect();
            axes.insert(
                0,
                Axis {
                    windows,
                    step: dilation[at] * distance,
                },
            );
            distance *= input[at];
        }
        let apart = |at: usize| {
            let reach = size[at].saturating_sub(1) * dilation[at] + 1;
            strides[at] >= reach || output[at] <= 1
        };
        let covered = |at: usize| {
            let dense = size[at] == strides[at] && (dilation[at] == 1 || size[at] == 1);
            dense && padding[at] == (0, 0) && input[at].is_multiple_of(size[at])
        };
        Some(Self {
            outer: input[..first].iter().product(),
            input_elements: input[first..].iter().product(),
            output_elements: output[first..].iter().product(),
            disjoint: (first..end).all(apart),
            tiled: (first..end).all(covered),
            output,
            axes,
            inner,
        })
    }

    /// The extents of the result.
    pub fn output(&self) -> &[usize] {
        &self.output
    }

    /// How many windows there are in each repetition.
    pub(super) fn windows(&self) -> usize {
        self.axes.iter().map(|axis| axis.windows.len()).product()
    }

    /// Calls `f(window, taps)` for a range of the windows of a repetition.
    #[inline(always)]
    pub(super) fn walk(&self, range: Range<usize>, mut f: impl FnMut(usize, &Taps)) {
        let rank = self.axes.len();
        let mut at = [0; MOST_AXES];
        let mut taps = Taps {
            rank,
            start: 0,
            counts: [1; MOST_AXES],
            steps: [0; MOST_AXES],
        };
        let mut starts = [0; MOST_AXES];
        let mut rest = range.start;
        for (axis, place) in self.axes.iter().zip(&mut at).rev() {
            *place = rest % axis.windows.len().max(1);
            rest /= axis.windows.len().max(1);
        }
        for (index, axis) in self.axes.iter().enumerate() {
            taps.steps[index] = axis.step;
            if !range.is_empty() {
                (starts[index], taps.counts[index]) = axis.windows[at[index]];
            }
        }
        for window in range {
            taps.start = starts[..rank].iter().sum();
            f(window, &taps);
            for (index, axis) in self.axes.iter().enumerate().rev() {
                at[index] += 1;
                let wraps = at[index] == axis.windows.len();
                if wraps {
                    at[index] = 0;
                }
                (starts[index], taps.counts[index]) = axis.windows[at[index]];
                if !wraps {
                    break;
                }
            }
        }
    }
}

impl Taps {
    /// Calls `f` with the place of each element in row-major order.
    #[inline(always)]
    pub(super) fn each(&self, mut f: impl FnMut(usize)) {
        if self.counts[..self.rank].contains(&0) {
            return;
        }
        let last = self.rank.saturating_sub(1);
        let mut at = [0; MOST_AXES];
        let mut base = self.start;
        loop {
            let mut place = base;
            for _ in 0..self.counts[last] {
                f(place);
                place += self.steps[last];
            }
            let mut axis = last;
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                at[axis] += 1;
                base += self.steps[axis];
                if at[axis] < self.counts[axis] {
                    break;
                }
                base -= at[axis] * self.steps[axis];
                at[axis] = 0;
            }
        }
    }
}

fn count_windows(
    input: usize,
    size: usize,
    stride: usize,
    padding: (isize, isize),
    dilation: usize,
) -> usize {
    let padded = input as isize + padding.0 + padding.1;
    let reach = if size == 0 {
        0
    } else {
        ((size - 1) * dilation + 1) as isize
    };
    if padded < reach || padded <= 0 {
        0
    } else {
        (padded - reach) as usize / stride + 1
    }
}

/// The first element inside of the array, and the number of elements inside, of the window at `at`.
fn span(input: usize, size: usize, at: usize, low: isize, dilation: usize) -> (usize, usize) {
    let first = at as isize - low;
    let elements = (0..size).map(|tap| first + (tap * dilation) as isize);
    let mut inside = elements.filter(|&place| (0..input as isize).contains(&place));
    inside
        .next()
        .map_or((0, 0), |start| (start as usize, 1 + inside.count()))
}
