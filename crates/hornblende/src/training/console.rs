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
    pub(super) fn bar(self, steps: Option<usize>) -> ProgressBar {
        let terminal = self.terminal.unwrap_or_else(|| match self.verbose {
            // Whoever shows nothing need not ask what standard output is.
            Verbose::Silent => Terminal::plain(),
            _ => Terminal::stdout(),
        });
        let bar = ProgressBar::new(steps, self.verbose, terminal).style(self.style);
        match self.writer {
            Some(writer) => bar.writer(writer),
            None => bar,
        }
    }
}

/// The options that `fit`, `evaluate` and `predict` share: what is printed where, and callbacks.
macro_rules! run_options {
    ($options:ident) => {
        impl<'c> $options<'c> {
            /// 0 shows nothing, 1 (the default) a progress bar, 2 a line (in `fit` one an epoch).
            #[must_use]
            pub fn verbose(mut self, verbose: impl crate::training::IntoVerbose) -> Self {
                match verbose.into_verbose() {
                    Ok(verbose) => self.console.verbose = verbose,
                    Err(error) => self.error = self.error.or(Some(error)),
                }
                self
            }

            /// The progress line of Keras 3 (the default) or of Keras 2.
            #[must_use]
            pub fn style(mut self, style: crate::training::ProgressStyle) -> Self {
                self.console.style = style;
                self
            }

            /// What is known about the place the progress is written to; standard output unless set.
            #[must_use]
            pub fn terminal(mut self, terminal: crate::terminal::Terminal) -> Self {
                self.console.terminal = Some(terminal);
                self
            }

            /// Writes the progress there instead of to standard output.
            #[must_use]
            pub fn writer(mut self, writer: impl std::io::Write + Send + 'static) -> Self {
                self.console.writer = Some(Box::new(writer));
                self
            }

            /// What is told of every stage: a callback, an array of callbacks of one type or a tuple of
            /// several, by value or as `&mut callback`. Called again, it adds to those there are.
            #[must_use]
            pub fn callbacks(mut self, callbacks: impl crate::training::IntoCallbacks<'c>) -> Self {
                self.callbacks.extend(callbacks.into_callbacks());
                self
            }
        }
    };
}
pub(super) use run_options;

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
