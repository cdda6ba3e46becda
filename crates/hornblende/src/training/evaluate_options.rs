//! The arguments of `evaluate`.

use std::io::Write;

use hornblende_core::{Error, Result};

use super::console::Console;
use super::fit_options::above_zero;
use super::{Arrays, IntoArrays, IntoVerbose, ProgressStyle};
use crate::terminal::Terminal;

/// The arguments of [`Model::evaluate`](crate::models::Model::evaluate), with Keras's names and defaults.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let options = Evaluate::new().batch_size(128).verbose(2);
/// ```
pub struct Evaluate {
    pub(super) batch_size: usize,
    pub(super) sample_weight: Option<Arrays>,
    pub(super) steps: Option<usize>,
    pub(super) console: Console,
    error: Option<Error>,
}

impl Default for Evaluate {
    fn default() -> Self {
        Self {
            batch_size: 32,
            sample_weight: None,
            steps: None,
            console: Console::default(),
            error: None,
        }
    }
}

impl Evaluate {
    /// Batches of 32, with a progress bar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of samples of a step.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// How much each sample counts in the loss and in the weighted metrics.
    #[must_use]
    pub fn sample_weight(mut self, weights: impl IntoArrays) -> Self {
        self.sample_weight = Some(weights.into_arrays());
        self
    }

    /// Evaluate on this many batches instead of all.
    #[must_use]
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = Some(steps);
        self
    }

    /// 0 shows nothing, 1 (the default) a progress bar, 2 a line.
    #[must_use]
    pub fn verbose(mut self, verbose: impl IntoVerbose) -> Self {
        match verbose.into_verbose() {
            Ok(verbose) => self.console.verbose = verbose,
            Err(error) => self.error = self.error.or(Some(error)),
        }
        self
    }

    /// The progress line of Keras 3 (the default) or of Keras 2.
    #[must_use]
    pub fn style(mut self, style: ProgressStyle) -> Self {
        self.console.style = style;
        self
    }

    /// What is known about the place the progress is written to; standard output unless set.
    #[must_use]
    pub fn terminal(mut self, terminal: Terminal) -> Self {
        self.console.terminal = Some(terminal);
        self
    }

    /// Writes the progress there instead of to standard output.
    #[must_use]
    pub fn writer(mut self, writer: impl Write + Send + 'static) -> Self {
        self.console.writer = Some(Box::new(writer));
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        above_zero("batch_size", Some(self.batch_size))?;
        above_zero("steps", self.steps)
    }
}
