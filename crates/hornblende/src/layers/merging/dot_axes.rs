// tidy: not an item
//! Along which axes `Dot` sums.

/// The axes of [`Dot`](crate::layers::Dot): one of both inputs, or one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DotAxes {
    /// The same axis of both inputs.
    Both(isize),
    /// An axis of the first and one of the second input.
    Each([isize; 2]),
}

impl From<isize> for DotAxes {
    fn from(axis: isize) -> Self {
        Self::Both(axis)
    }
}

impl From<[isize; 2]> for DotAxes {
    fn from(axes: [isize; 2]) -> Self {
        Self::Each(axes)
    }
}

impl From<(isize, isize)> for DotAxes {
    fn from((first, second): (isize, isize)) -> Self {
        Self::Each([first, second])
    }
}
