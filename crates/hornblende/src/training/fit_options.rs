//! The arguments of `fit`.

use hornblende_core::{Error, Result};

use super::console::{Console, run_options};
use super::fit::ends;
use super::{Arrays, Callback, IntoArrays, IntoSource, Source, ValidationFreq};
use crate::data::Cardinality;

/// The arguments of [`Model::fit`](crate::models::Model::fit), with Keras's names and defaults.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let options = Fit::new().batch_size(64).epochs(2).validation_split(1.0 / 6.0);
/// ```
pub struct Fit<'c> {
    pub(super) batch_size: usize,
    pub(super) epochs: usize,
    pub(super) initial_epoch: usize,
    pub(super) shuffle: bool,
    pub(super) validation_data: Option<Source>,
    pub(super) validation_split: f64,
    pub(super) validation_batch_size: Option<usize>,
    pub(super) validation_steps: Option<usize>,
    pub(super) validation_freq: ValidationFreq,
    pub(super) class_weight: Option<Vec<(usize, f64)>>,
    pub(super) sample_weight: Option<Arrays>,
    pub(super) steps_per_epoch: Option<usize>,
    pub(super) console: Console,
    pub(super) callbacks: Vec<Box<dyn Callback + 'c>>,
    error: Option<Error>,
}

impl Default for Fit<'_> {
    fn default() -> Self {
        Self {
            batch_size: 32,
            epochs: 1,
            initial_epoch: 0,
            shuffle: true,
            validation_data: None,
            validation_split: 0.0,
            validation_batch_size: None,
            validation_steps: None,
            validation_freq: ValidationFreq::Every(1),
            class_weight: None,
            sample_weight: None,
            steps_per_epoch: None,
            console: Console::default(),
            callbacks: Vec::new(),
            error: None,
        }
    }
}

run_options!(Fit);

impl Fit<'_> {
    /// One epoch in shuffled batches of 32, with a progress bar and without validation.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of samples of a step. The last step of an epoch takes what is left.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// How often to go through the data; with [`Fit::initial_epoch`], the number of the last epoch.
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// The epoch to begin with, counted from 0, where a training is continued.
    #[must_use]
    pub fn initial_epoch(mut self, epoch: usize) -> Self {
        self.initial_epoch = epoch;
        self
    }

    /// Whether the samples come in another order each epoch. True unless set; the order follows from the
    /// seed (see [`crate::random::set_seed`]).
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// What to evaluate on after each epoch: `(&x, &y)`, `(&x, &y, &sample_weight)` or a dataset of batches.
    #[must_use]
    pub fn validation_data(mut self, data: impl IntoSource) -> Self {
        self.validation_data = Some(data.into_source());
        self
    }

    /// The share of the data, taken from its end before shuffling, to evaluate on after each epoch instead
    /// of training on it.
    #[must_use]
    pub fn validation_split(mut self, share: f64) -> Self {
        self.validation_split = share;
        self
    }

    /// The batch size of the validation, if not that of the training.
    #[must_use]
    pub fn validation_batch_size(mut self, batch_size: usize) -> Self {
        self.validation_batch_size = Some(batch_size);
        self
    }

    /// Validate on this many batches, from the first one, instead of all.
    #[must_use]
    pub fn validation_steps(mut self, steps: usize) -> Self {
        self.validation_steps = Some(steps);
        self
    }

    /// Validate after each epoch whose number, counted from 1, is divisible by this, or is in this list.
    #[must_use]
    pub fn validation_freq(mut self, epochs: impl Into<ValidationFreq>) -> Self {
        self.validation_freq = epochs.into();
        self
    }

    /// How much the samples of each class count in the loss; 1 for a class that is not named.
    ///
    /// For models of one output, whose labels are class numbers or one-hot rows.
    #[must_use]
    pub fn class_weight(mut self, weights: impl IntoIterator<Item = (usize, f64)>) -> Self {
        self.class_weight = Some(weights.into_iter().collect());
        self
    }

    /// How much each sample counts in the loss and in the weighted metrics; the same as a third member of
    /// the data.
    #[must_use]
    pub fn sample_weight(mut self, weights: impl IntoArrays) -> Self {
        self.sample_weight = Some(weights.into_arrays());
        self
    }

    /// End an epoch after this many steps; the next one goes on where it ended, and begins anew when the
    /// data are used up. Where the data run out before that, the epoch ends with them, and a warning says so once.
    #[must_use]
    pub fn steps_per_epoch(mut self, steps: usize) -> Self {
        self.steps_per_epoch = Some(steps);
        self
    }

    /// Fails for arguments that make no sense whatever the data.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        above_zero("batch_size", Some(self.batch_size))?;
        above_zero("epochs", Some(self.epochs))?;
        above_zero("steps_per_epoch", self.steps_per_epoch)?;
        above_zero("validation_batch_size", self.validation_batch_size)?;
        above_zero("validation_steps", self.validation_steps)?;
        self.validation_freq.check()?;
        if self.initial_epoch > self.epochs {
            return Err(Error::invalid_argument(
                "initial_epoch",
                format!("at most the number of epochs, {}", self.epochs),
                self.initial_epoch.to_string(),
                "epochs is the number of the last epoch, not how many are to follow",
            ));
        }
        // A NaN is in no range.
        if !(0.0..1.0).contains(&self.validation_split) {
            return Err(Error::invalid_argument(
                "validation_split",
                "a share from 0 to below 1",
                self.validation_split.to_string(),
                "",
            ));
        }
        Ok(())
    }

    /// Fails for arguments that make no sense with a dataset.
    pub(super) fn check_for_dataset(&self, cardinality: Cardinality) -> Result<()> {
        let refused = |name: &str, fix: &str| {
            let expected = "data that are arrays";
            Err(Error::invalid_argument(name, expected, "a dataset", fix))
        };
        if self.sample_weight.is_some() {
            return refused("sample_weight", "Make it the third part of the elements");
        }
        if self.validation_split > 0.0 {
            return refused(
                "validation_split",
                "Use `take` and `skip`, and validation_data",
            );
        }
        ends(cardinality, self.steps_per_epoch, "fit", "steps_per_epoch")
    }
}

/// Fails for a count that is 0.
pub(super) fn above_zero(name: &str, count: Option<usize>) -> Result<()> {
    match count {
        Some(0) => Err(Error::invalid_argument(name, "a number above 0", "0", "")),
        _ => Ok(()),
    }
}
