//! A run of `fit` and how far it has come.

use hornblende_core::Result;

use super::History;
use super::callback_list::CallbackList;
use super::feed::Feed;
use super::logs::RunLogs;

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
    pub(super) validation_freq: usize,
    /// Whether an epoch of fewer steps than a pass has leaves the rest of it to the next one.
    pub(super) goes_on: bool,
    /// Whether the next epoch begins a new pass though this one is not used up.
    pub(super) was_cut: bool,
}

impl Feeds {
    /// Begins a pass, unless the epoch goes on with the one before it.
    pub(super) fn begin_epoch(&mut self) -> Result<()> {
        if self.was_cut || !self.training.has_next()? {
            self.training.restart()?;
        }
        Ok(())
    }

    /// Notes whether the pass was left early.
    pub(super) fn end_epoch(&mut self) {
        self.was_cut = !self.goes_on && !self.training.is_used_up();
    }
}
