//! The arguments of `predict`.

use hornblende_core::{Error, Result};

use super::Callback;
use super::console::{Console, run_options};
use super::fit_options::above_zero;

/// The arguments of [`Model::predict`](crate::models::Model::predict), with Keras's names and defaults.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let options = Predict::new().batch_size(128).verbose(0);
/// ```
pub struct Predict<'c> {
    pub(super) batch_size: usize,
    pub(super) steps: Option<usize>,
    pub(super) console: Console,
    pub(super) callbacks: Vec<Box<dyn Callback + 'c>>,
    error: Option<Error>,
}

impl Default for Predict<'_> {
    fn default() -> Self {
        Self {
            batch_size: 32,
            steps: None,
            console: Console::default(),
            callbacks: Vec::new(),
            error: None,
        }
    }
}

run_options!(Predict);

impl Predict<'_> {
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

    /// Predict this many batches instead of all.
    #[must_use]
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = Some(steps);
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
