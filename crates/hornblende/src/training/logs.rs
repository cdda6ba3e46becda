//! The numbers that a run shows and records.

use std::sync::Arc;

use hornblende_core::Value;

use super::ProgressStyle;
use super::trackers::Trackers;

/// Logged names and numbers, such as `loss` and the metrics, in the order in which they are shown.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut logs = Logs::default();
/// logs.set("loss", 0.5);
/// logs.set("learning_rate", 0.1);
/// assert_eq!(logs.get("loss"), Some(0.5));
/// assert_eq!(logs.get("val_loss"), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Logs(Vec<(Arc<str>, f64)>);

impl Logs {
    /// The number of this name, if there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        let found = self.0.iter().find(|(n, _)| **n == *name);
        found.map(|(_, number)| *number)
    }

    /// Sets the number of a name; a new name comes last.
    pub fn set(&mut self, name: &str, number: f64) {
        match self.0.iter_mut().find(|(n, _)| **n == *name) {
            Some((_, old)) => *old = number,
            None => self.0.push((name.into(), number)),
        }
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// Names and numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, number)| (&**name, *number))
    }

    /// Names and numbers as one slice.
    pub(crate) fn entries(&self) -> &[(Arc<str>, f64)] {
        &self.0
    }
}

/// The logs of steps of one kind.
#[derive(Clone, Default)]
pub(super) struct StepLogs {
    pub(super) logs: Logs,
    /// For each name which output of a step has its number.
    places: Vec<usize>,
}

impl StepLogs {
    /// Takes over the results of a step.
    pub(super) fn read(&mut self, outputs: &[Value]) {
        for ((_, number), place) in self.logs.0.iter_mut().zip(&self.places) {
            *number = number_of(&outputs[*place]);
        }
    }

    /// The numbers alone.
    pub(super) fn numbers(&self) -> Vec<f64> {
        self.logs.iter().map(|(_, number)| number).collect()
    }

    /// Takes over numbers that [`StepLogs::numbers`] gave.
    pub(super) fn set_numbers(&mut self, numbers: &[f64]) {
        for ((_, number), known) in self.logs.0.iter_mut().zip(numbers) {
            *number = *known;
        }
    }
}

/// The logs of a run, in buffers that are used again and again.
#[derive(Default)]
pub(super) struct RunLogs {
    /// Those of training steps, or of the steps of an evaluation of its own.
    pub(super) steps: StepLogs,
    /// Those of the steps of a validation, under the names of the metrics.
    pub(super) validation: StepLogs,
    /// The logs of an epoch.
    pub(super) epoch: Logs,
    validation_names: Vec<Arc<str>>,
}

impl RunLogs {
    /// The logs of a run in the order of the style: sorted as Keras 3 does, or the loss first.
    pub(super) fn new(trackers: &Trackers, style: ProgressStyle) -> Self {
        let places: Vec<usize> = match style {
            ProgressStyle::Keras3 => (0..trackers.names().len()).collect(),
            ProgressStyle::Keras2 => trackers.evaluation_order().to_vec(),
        };
        let names = || places.iter().map(|k| &trackers.names()[*k]);
        let logs = Logs(names().map(|name| (Arc::clone(name), 0.0)).collect());
        let validation_names = names().map(|name| format!("val_{name}").into()).collect();
        let steps = StepLogs { logs, places };
        Self {
            validation: steps.clone(),
            steps,
            epoch: Logs::default(),
            validation_names,
        }
    }

    /// Makes the logs of an epoch of those of its steps.
    pub(super) fn end_epoch(&mut self, validated: bool) {
        let epoch = &mut self.epoch.0;
        epoch.clear();
        epoch.extend_from_slice(&self.steps.logs.0);
        if validated {
            let names = self.validation_names.iter().zip(&self.validation.logs.0);
            epoch.extend(names.map(|(name, (_, number))| (Arc::clone(name), *number)));
        }
    }
}

/// The number that is logged for a result; for a metric of several numbers, their mean.
pub(super) fn number_of(result: &Value) -> f64 {
    match result.len() {
        1 => result.get_f64(0),
        n => (0..n).map(|k| result.get_f64(k)).sum::<f64>() / n as f64,
    }
}
