//! The numbers that a run shows and records, in one buffer that is used again and again.

use std::sync::Arc;

use hornblende_core::Value;

use super::ProgressStyle;
use super::trackers::Trackers;

/// Logged names and numbers: those of the training, then those of the validation.
#[derive(Default)]
pub(super) struct Logs {
    entries: Vec<(Arc<str>, f64)>,
    /// For each name of the training which output of a step has its number.
    places: Vec<usize>,
}

impl Logs {
    /// The logs of a run in the order of the style: sorted as Keras 3 does, or the loss first.
    pub(super) fn new(trackers: &Trackers, style: ProgressStyle, validation: bool) -> Self {
        let places: Vec<usize> = match style {
            ProgressStyle::Keras3 => (0..trackers.names().len()).collect(),
            ProgressStyle::Keras2 => trackers.evaluation_order().to_vec(),
        };
        let name = |k: &usize| &trackers.names()[*k];
        let mut entries: Vec<(Arc<str>, f64)> =
            places.iter().map(|k| (Arc::clone(name(k)), 0.0)).collect();
        if validation {
            let prefixed = |k: &usize| (format!("val_{}", name(k)).into(), 0.0);
            entries.extend(places.iter().map(prefixed));
        }
        Self { entries, places }
    }

    /// Takes over the results of a training step.
    pub(super) fn read(&mut self, outputs: &[Value]) {
        for ((_, number), place) in self.entries.iter_mut().zip(&self.places) {
            *number = number_of(&outputs[*place]);
        }
    }

    /// Takes over the results of the last step of a validation.
    pub(super) fn read_validation(&mut self, outputs: &[Value]) {
        let entries = self.entries.iter_mut().skip(self.places.len());
        for ((_, number), place) in entries.zip(&self.places) {
            *number = number_of(&outputs[*place]);
        }
    }

    /// The numbers of the training alone.
    pub(super) fn training(&self) -> &[(Arc<str>, f64)] {
        &self.entries[..self.places.len()]
    }

    /// All numbers.
    pub(super) fn all(&self) -> &[(Arc<str>, f64)] {
        &self.entries
    }
}

/// The number that is logged for a result; for a metric of several numbers, their mean.
pub(super) fn number_of(result: &Value) -> f64 {
    match result.len() {
        1 => result.get_f64(0),
        n => (0..n).map(|k| result.get_f64(k)).sum::<f64>() / n as f64,
    }
}
