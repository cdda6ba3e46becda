//! What `fit` returns.

use std::ops::Index;

use super::{Curves, Logs};

/// The record of a training run.
///
/// ```text
/// let history = model.fit((&x, &y), Fit::new().epochs(2))?;
/// history.history()["loss"]     // one value an epoch
/// history["loss"]               // the same
/// history.epoch                 // [0, 1]
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The epochs that were run, counted from 0.
    pub epoch: Vec<usize>,
    /// The number of epochs that was asked for.
    pub epochs: usize,
    /// The number of steps of an epoch.
    pub steps: usize,
    curves: Curves,
}

impl History {
    pub(crate) fn new(epochs: usize, steps: usize) -> Self {
        Self {
            epochs,
            steps,
            ..Self::default()
        }
    }

    /// The record goes on from this one of an interrupted run.
    pub(super) fn go_on(&mut self, epoch: Vec<usize>, curves: Curves) {
        self.epoch = epoch;
        self.curves = curves;
    }

    /// The logged values by name.
    #[must_use]
    pub fn history(&self) -> &Curves {
        &self.curves
    }

    /// Adds the logs of an epoch.
    pub(crate) fn record(&mut self, epoch: usize, logs: &Logs) {
        self.push(epoch, logs.entries());
    }

    pub(super) fn push<N: AsRef<str>>(&mut self, epoch: usize, logs: &[(N, f64)]) {
        self.epoch.push(epoch);
        for (name, value) in logs {
            self.curves.push(name.as_ref(), *value);
        }
    }
}

/// The values of a name, one an epoch; none where nothing was logged under it.
impl Index<&str> for History {
    type Output = [f64];

    fn index(&self, name: &str) -> &[f64] {
        &self.curves[name]
    }
}
