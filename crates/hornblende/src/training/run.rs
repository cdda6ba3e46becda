//! What a callback is told about the run that it is in.

use std::sync::Arc;

use hornblende_core::Result;

use super::Verbose;
use crate::models::Model;
use crate::optimizers::Optimizer;

/// The run of `fit`, `evaluate` or `predict` that a callback is in.
pub struct Run<'a> {
    /// The model. All its methods may be called, except that `compile` inside `fit` is refused.
    pub model: &'a mut Model,
    pub(super) facts: &'a RunFacts,
}

/// What is fixed for a whole run.
#[derive(Debug, Clone, Default)]
pub(super) struct RunFacts {
    pub(super) epochs: usize,
    pub(super) initial_epoch: usize,
    pub(super) steps: Option<usize>,
    pub(super) verbose: Verbose,
}

impl Run<'_> {
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
    /// [`hornblende_core::Error::NotCompiled`] in `predict` of a model that is not compiled.
    pub fn optimizer(&self) -> Result<Arc<dyn Optimizer>> {
        self.model.optimizer()
    }
}
