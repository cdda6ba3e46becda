//! The epochs after which `fit` validates.

use hornblende_core::Result;

use super::fit_options::above_zero;

/// The epochs after which `fit` validates, counted from 1: every so many, or those of a list.
///
/// # Example
/// ```
/// use hornblende::training::ValidationFreq;
/// assert_eq!(ValidationFreq::from(2), ValidationFreq::Every(2));
/// assert_eq!(ValidationFreq::from([1, 5]), ValidationFreq::After(vec![1, 5]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ValidationFreq {
    /// After each epoch whose number is divisible by this.
    Every(usize),
    /// After the epochs of these numbers.
    After(Vec<usize>),
}

impl ValidationFreq {
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Every(epochs) => above_zero("validation_freq", Some(*epochs)),
            Self::After(_) => Ok(()),
        }
    }

    /// Whether an epoch, counted from 0, is followed by a validation.
    pub(super) fn is_due_after(&self, epoch: usize) -> bool {
        match self {
            Self::Every(epochs) => (epoch + 1).is_multiple_of(*epochs),
            Self::After(numbers) => numbers.contains(&(epoch + 1)),
        }
    }
}

impl From<usize> for ValidationFreq {
    fn from(epochs: usize) -> Self {
        Self::Every(epochs)
    }
}

impl<const N: usize> From<[usize; N]> for ValidationFreq {
    fn from(numbers: [usize; N]) -> Self {
        Self::After(numbers.into())
    }
}

impl From<Vec<usize>> for ValidationFreq {
    fn from(numbers: Vec<usize>) -> Self {
        Self::After(numbers)
    }
}
