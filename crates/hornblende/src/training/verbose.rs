//! How much a run says.

use hornblende_core::{Error, Result};

/// How much `fit`, `evaluate` and `predict` print.
///
/// Keras's numbers convert: 0 is silent, 1 a progress bar, 2 one line an epoch.
///
/// # Example
/// ```
/// use hornblende::training::Verbose;
/// assert_eq!(Verbose::try_from(2)?, Verbose::Line);
/// assert!(Verbose::try_from(7).is_err());
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Verbose {
    /// Nothing.
    Silent = 0,
    /// A bar that is redrawn on a terminal; its last state, once, in a pipe or a file.
    #[default]
    Bar = 1,
    /// One line at the end of an epoch.
    Line = 2,
}

impl TryFrom<u8> for Verbose {
    type Error = Error;

    fn try_from(level: u8) -> Result<Self> {
        match level {
            0 => Ok(Self::Silent),
            1 => Ok(Self::Bar),
            2 => Ok(Self::Line),
            _ => Err(Error::invalid_argument(
                "verbose",
                "0 (silent), 1 (a progress bar) or 2 (one line an epoch)",
                level.to_string(),
                "",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keras_levels_convert_and_others_are_refused_by_name() {
        assert_eq!(Verbose::try_from(0), Ok(Verbose::Silent));
        assert_eq!(Verbose::try_from(1), Ok(Verbose::Bar));
        let error = Verbose::try_from(3).unwrap_err();
        assert_eq!(
            error.to_string(),
            "verbose: expected 0 (silent), 1 (a progress bar) or 2 (one line an epoch); got 3."
        );
    }
}
