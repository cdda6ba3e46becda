//! What a callback is told about the run that it is in.

use std::io::Write;
use std::sync::Arc;

use hornblende_core::Result;

use super::session::TrainingState;
use super::{ProgressBar, Verbose};
use crate::metrics::Direction;
use crate::models::Model;
use crate::optimizers::Optimizer;

/// The run of `fit`, `evaluate` or `predict` that a callback is in.
pub struct Run<'a> {
    /// The model. All its methods may be called, except that `compile` inside `fit` is refused.
    pub model: &'a mut Model,
    facts: RunFacts,
    bar: Option<&'a mut ProgressBar>,
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
        }
    }

    pub(super) fn new(model: &'a mut Model, facts: RunFacts, bar: &'a mut ProgressBar) -> Self {
        Self {
            model,
            facts,
            bar: Some(bar),
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
        // Whoever closed the output does not want to read it.
        let _ = writeln!(std::io::stderr(), "warning: {text}");
    }
}
