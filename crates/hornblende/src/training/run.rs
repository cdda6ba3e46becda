//! What a callback is told about the run that it is in.

use std::io::Write;
use std::sync::Arc;

use hornblende_core::Result;

use super::session::TrainingState;
use super::{ProgressBar, Verbose};
use crate::formats::CheckpointFolder;
use crate::metrics::Direction;
use crate::models::Model;
use crate::optimizers::Optimizer;

/// The run of `fit`, `evaluate` or `predict` that a callback is in.
pub struct Run<'a> {
    /// The model. All its methods may be called, except that `compile` inside `fit` is refused.
    pub model: &'a mut Model,
    facts: RunFacts,
    bar: Option<&'a mut ProgressBar>,
    requests: Option<&'a mut Vec<Request>>,
}

/// What a callback asked `fit` to do as soon as all callbacks were told of the hook: only then is the state of
/// the run whole.
#[derive(Debug, Clone)]
pub(super) enum Request {
    /// Write a checkpoint.
    Save(CheckpointFolder),
    /// Continue from the checkpoint, if there is one.
    Restore(CheckpointFolder),
    /// Remove the checkpoint: the run is over.
    Delete(CheckpointFolder),
}

/// What is fixed for a whole run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RunFacts {
    pub(super) epochs: usize,
    pub(super) initial_epoch: usize,
    pub(super) steps: Option<usize>,
    pub(super) verbose: Verbose,
}

impl<'a> Run<'a> {
    /// A run in which hooks can be called by hand, as a loop of one's own or the test of a callback does.
    #[must_use]
    pub fn by_hand(model: &'a mut Model) -> Self {
        let facts = RunFacts::default();
        Self {
            model,
            facts,
            bar: None,
            requests: None,
        }
    }

    pub(super) fn new(
        model: &'a mut Model,
        facts: RunFacts,
        bar: &'a mut ProgressBar,
        requests: &'a mut Vec<Request>,
    ) -> Self {
        Self {
            model,
            facts,
            bar: Some(bar),
            requests: Some(requests),
        }
    }

    /// Tells how many epochs a run by hand has.
    #[must_use]
    pub fn with_epochs(mut self, epochs: usize) -> Self {
        self.facts.epochs = epochs;
        self
    }

    /// The number of the last epoch of `fit`; 0 in `evaluate` and `predict`.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.facts.epochs
    }

    /// The epoch that `fit` began with.
    #[must_use]
    pub fn initial_epoch(&self) -> usize {
        self.facts.initial_epoch
    }

    /// The number of steps of an epoch; `None` while it is not known.
    #[must_use]
    pub fn steps(&self) -> Option<usize> {
        self.facts.steps
    }

    /// How much the run prints.
    #[must_use]
    pub fn verbose(&self) -> Verbose {
        self.facts.verbose
    }

    /// Asks `fit` for a checkpoint of the run after this hook, which must be `on_train_batch_end` or
    /// `on_epoch_end`.
    pub(crate) fn save_checkpoint(&mut self, folder: &CheckpointFolder) {
        self.ask(Request::Save(folder.clone()));
    }

    /// Asks `fit` to continue from the checkpoint, if there is one, after this hook, which must be
    /// `on_train_begin`.
    pub(crate) fn restore_checkpoint(&mut self, folder: &CheckpointFolder) {
        self.ask(Request::Restore(folder.clone()));
    }

    /// Asks `fit` to remove the checkpoint after this hook, which must be `on_train_end`.
    pub(crate) fn delete_checkpoint(&mut self, folder: &CheckpointFolder) {
        self.ask(Request::Delete(folder.clone()));
    }

    fn ask(&mut self, request: Request) {
        // A run by hand has no loop that could do it.
        if let Some(requests) = &mut self.requests {
            requests.push(request);
        }
    }

    /// The model's optimizer.
    ///
    /// # Errors
    /// [`hornblende_core::Error::NotCompiled`] if the model is not compiled.
    pub fn optimizer(&self) -> Result<Arc<dyn Optimizer>> {
        self.model.optimizer()
    }

    /// Which way what is logged under this name gets better, as far as that is known: a loss down, a metric
    /// as it says itself. `val_` before the name makes no difference.
    #[must_use]
    pub fn direction(&self, name: &str) -> Option<Direction> {
        let name = name.strip_prefix("val_").unwrap_or(name);
        if name == "loss" {
            return Some(Direction::Down);
        }
        let kept = self.model.compiled.as_ref()?;
        let compiled = kept.downcast_ref::<TrainingState>()?.compiled.as_ref()?;
        compiled.trackers.as_ref()?.direction(name)
    }

    /// Prints a message without breaking the progress line, where the run prints.
    pub fn print(&mut self, text: &str) {
        match &mut self.bar {
            Some(bar) => bar.interrupt(text),
            // Whoever closed the output does not want to read it.
            None => drop(writeln!(std::io::stdout(), "{text}")),
        }
    }

    /// Prints a warning to standard error.
    pub fn warn(&mut self, text: &str) {
        warn(text);
    }
}

/// Prints a warning to standard error.
pub(super) fn warn(text: &str) {
    // Whoever closed the output does not want to read it.
    let _ = writeln!(std::io::stderr(), "warning: {text}");
}
