//! Where and how a run shows its progress.

use std::io::Write;

use hornblende_core::{Error, Result};

use super::{ProgressBar, ProgressStyle, Verbose};
use crate::terminal::Terminal;

/// What `fit`, `evaluate` and `predict` are told about showing their progress.
#[derive(Default)]
pub(super) struct Console {
    pub(super) verbose: Verbose,
    pub(super) style: ProgressStyle,
    pub(super) terminal: Option<Terminal>,
    pub(super) writer: Option<Box<dyn Write + Send>>,
}

impl Console {
    /// The progress bar of a run of this many steps.
    pub(super) fn bar(self, steps: usize) -> ProgressBar {
        let terminal = self.terminal.unwrap_or_else(|| match self.verbose {
            // Whoever shows nothing need not ask what standard output is.
            Verbose::Silent => Terminal::plain(),
            _ => Terminal::stdout(),
        });
        let bar = ProgressBar::new(Some(steps), self.verbose, terminal).style(self.style);
        match self.writer {
            Some(writer) => bar.writer(writer),
            None => bar,
        }
    }
}

/// How much to print: a [`Verbose`], Keras's number 0, 1 or 2, or a truth value.
pub trait IntoVerbose {
    /// The level.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a number that stands for none.
    fn into_verbose(self) -> Result<Verbose>;
}

impl IntoVerbose for Verbose {
    fn into_verbose(self) -> Result<Verbose> {
        Ok(self)
    }
}

impl IntoVerbose for i32 {
    fn into_verbose(self) -> Result<Verbose> {
        match u8::try_from(self) {
            Ok(level) => Verbose::try_from(level),
            Err(_) => Err(Error::invalid_argument(
                "verbose",
                "0 (silent), 1 (a progress bar) or 2 (one line an epoch)",
                self.to_string(),
                "",
            )),
        }
    }
}

impl IntoVerbose for bool {
    fn into_verbose(self) -> Result<Verbose> {
        Ok(if self { Verbose::Bar } else { Verbose::Silent })
    }
}
