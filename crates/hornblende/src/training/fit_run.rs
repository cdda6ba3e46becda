//! A run of `fit` and how far it has come.

use hornblende_core::Result;

use super::callback_list::CallbackList;
use super::feed::{Feed, warn_if_short};
use super::fit::VALIDATION;
use super::logs::RunLogs;
use super::{History, ValidationFreq};

/// A run of `fit` and how far it has come.
pub(super) struct FitRun<'c> {
    pub(super) feeds: Feeds,
    pub(super) callbacks: CallbackList<'c>,
    pub(super) logs: RunLogs,
    pub(super) history: History,
    /// The number of steps of an epoch, if it is known.
    pub(super) steps: Option<usize>,
    /// The epoch that is being run, or the next one.
    pub(super) epoch: usize,
    /// How many steps of the epoch are done; `None` between epochs.
    pub(super) done: Option<usize>,
}

/// What a run trains on, and what it validates on and how.
pub(super) struct Feeds {
    pub(super) training: Box<dyn Feed>,
    pub(super) validation: Option<Box<dyn Feed>>,
    pub(super) validation_steps: Option<usize>,
    pub(super) validation_freq: ValidationFreq,
    /// The number of steps of an epoch, if it was asked for: an epoch of fewer steps than a pass has leaves the rest
    /// of it to the next one, and one of more ends with the pass.
    pub(super) steps_per_epoch: Option<usize>,
    /// Whether the next epoch begins a new pass though this one is not used up.
    pub(super) was_cut: bool,
    /// Whether it was told that an epoch had too little to train on, or to validate on.
    pub(super) told: [bool; 2],
}

impl Feeds {
    /// Begins a pass, unless the epoch goes on with the one before it.
    pub(super) fn begin_epoch(&mut self) -> Result<()> {
        if self.was_cut || !self.training.has_next()? {
            self.training.restart()?;
        }
        Ok(())
    }

    /// Notes whether the pass was left early, after so many steps of the epoch.
    pub(super) fn end_epoch(&mut self, done: usize) {
        self.was_cut = self.steps_per_epoch.is_none() && !self.training.is_used_up();
        if !self.told[0] {
            self.told[0] = warn_if_short("fit", self.steps_per_epoch, done, &*self.training);
        }
    }

    /// Notes after how many steps a validation ended.
    pub(super) fn end_validation(&mut self, done: usize) {
        if let Some(feed) = self.validation.as_deref().filter(|_| !self.told[1]) {
            self.told[1] = warn_if_short(VALIDATION, self.validation_steps, done, feed);
        }
    }
}
