//! How many elements a dataset has.

/// The number of elements of a dataset, as far as it is known without making them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// This many.
    Known(usize),
    /// It has no end.
    Infinite,
    /// It depends on the elements.
    Unknown,
}

impl Cardinality {
    /// The number, if it is known.
    #[must_use]
    pub fn known(self) -> Option<usize> {
        match self {
            Self::Known(count) => Some(count),
            _ => None,
        }
    }

    /// `f` of a known number; what is not known or has no end stays so.
    pub(super) fn map(self, f: impl FnOnce(usize) -> usize) -> Self {
        match self {
            Self::Known(count) => Self::Known(f(count)),
            other => other,
        }
    }

    /// The elements of both, one after the other.
    pub(super) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Infinite, _) | (_, Self::Infinite) => Self::Infinite,
            (Self::Known(a), Self::Known(b)) => Self::Known(a.saturating_add(b)),
            _ => Self::Unknown,
        }
    }

    /// The fewer of both.
    pub(super) fn least(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.min(b)),
            (Self::Infinite, other) | (other, Self::Infinite) => other,
            _ => Self::Unknown,
        }
    }
}
