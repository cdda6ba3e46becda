//! The record of a run, as a callback.

use hornblende_core::Result;

use super::entry::Entry;
use crate::training::{Callback, Flow, History, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "History",
    from_config: |config| {
        config.only("History", &[])?;
        Ok(Box::new(History::default()))
    },
};

/// A [`History`] handed to `fit` records what the one that `fit` returns does, as far as the callbacks before
/// it have set it. One that is kept from run to run holds the last of them.
impl Callback for History {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn on_train_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        *self = Self::new(run.epochs(), run.steps().unwrap_or(0));
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _run: &mut Run<'_>) -> Result<Flow> {
        self.record(epoch, logs);
        Ok(Flow::Continue)
    }
}
