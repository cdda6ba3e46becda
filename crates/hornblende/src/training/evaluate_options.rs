//! The arguments of `evaluate`.

use hornblende_core::{Error, Result};

use super::console::{Console, run_options};
use super::fit_options::above_zero;
use super::{Arrays, Callback, IntoArrays};

/// The arguments of [`Model::evaluate`](crate::models::Model::evaluate), with Keras's names and defaults.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let options = Evaluate::new().batch_size(128).verbose(2);
/// ```
pub struct Evaluate<'c> {
    pub(super) batch_size: usize,
    pub(super) sample_weight: Option<Arrays>,
    pub(super) steps: Option<usize>,
    pub(super) console: Console,
    pub(super) callbacks: Vec<Box<dyn Callback + 'c>>,
    error: Option<Error>,
}

impl Default for Evaluate<'_> {
    fn default() -> Self {
        Self {
            batch_size: 32,
            sample_weight: None,
            steps: None,
            console: Console::default(),
            callbacks: Vec::new(),
            error: None,
        }
    }
}

run_options!(Evaluate);

impl Evaluate<'_> {
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

    pub(super) fn check(&self) -> Result<()> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        above_zero("batch_size", Some(self.batch_size))?;
        above_zero("steps", self.steps)
    }
}
