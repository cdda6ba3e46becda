//! Everything that is logged: the loss, the losses of the outputs, the metrics.

use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result, Spec, Tensor, Variable, scope};

use super::layout::Batch;
use super::mean_tracker::MeanTracker;
use super::metric_choice::MetricChoice;
use crate::metrics::{Direction, METRICS, Metric};

/// The metrics of a compiled model, with the names they are logged under.
pub(super) struct Trackers {
    loss: MeanTracker,
    /// The plain mean over batches of the loss of each output; only where several outputs have one.
    outputs: Vec<Option<MeanTracker>>,
    metrics: Vec<TrackedMetric>,
    /// What layers log, in the order of their calls.
    added: Vec<(String, MeanTracker)>,
    /// Metrics of a step of the user's own, which are told when an epoch begins.
    own: Vec<Arc<dyn Metric>>,
    /// Whether a step of the user's own has said what is logged.
    is_adopted: bool,
    /// The logged names in sorted order, as Keras logs them.
    names: Vec<Arc<str>>,
    /// The names in the order in which `evaluate` gives them.
    evaluation_order: Vec<usize>,
}

struct TrackedMetric {
    key: String,
    output: usize,
    weighted: bool,
    metric: Arc<dyn Metric>,
}

/// What is known about an output when its metrics are made.
pub(super) struct OutputSlot<'a> {
    pub(super) name: &'a str,
    pub(super) has_loss: bool,
    pub(super) y_true: Option<Spec>,
    pub(super) y_pred: &'a Spec,
    pub(super) metrics: &'a [MetricChoice],
    pub(super) weighted_metrics: &'a [MetricChoice],
}

impl Trackers {
    /// The trackers of these outputs, of what layers log under the names `added`, and of a step's own metrics.
    pub(super) fn new(
        slots: &[OutputSlot<'_>],
        added: &[String],
        own: Vec<Arc<dyn Metric>>,
    ) -> Result<Self> {
        let several = slots.len() > 1;
        let mut metrics: Vec<TrackedMetric> = Vec::new();
        // The names that metrics have apart from what makes them unique: `evaluate` goes by them.
        let mut own_names = vec!["loss".to_owned()];
        let mut taken: HashMap<String, usize> = HashMap::new();
        let mut unnamed: HashMap<String, usize> = HashMap::new();
        for weighted in [false, true] {
            for (output, slot) in slots.iter().enumerate() {
                let choices = if weighted {
                    slot.weighted_metrics
                } else {
                    slot.metrics
                };
                for choice in choices {
                    let (mut name, metric) = build(slot, choice)?;
                    if choice.is_numbered() {
                        name = numbered(name, &mut unnamed);
                    }
                    let prefix = if several {
                        format!("{}_", slot.name)
                    } else {
                        String::new()
                    };
                    let key = unique_key(&prefix, &name, weighted, &mut taken);
                    own_names.push(name);
                    metrics.push(TrackedMetric {
                        key,
                        output,
                        weighted,
                        metric,
                    });
                }
            }
        }
        taken.insert("loss".to_owned(), 1);
        let tracker_of = |name: &String| {
            let key = unique_key("", name, false, &mut taken);
            (key.clone(), MeanTracker::new(&key))
        };
        let added: Vec<_> = added.iter().map(tracker_of).collect();
        own_names.extend(added.iter().map(|(key, _)| key.clone()));
        // The loss of an output that has the only one would be the loss of the model, without regularization.
        let losses = slots.iter().filter(|slot| slot.has_loss).count();
        let tracked = |slot: &OutputSlot<'_>| {
            let key = format!("{}_loss", slot.name);
            (losses > 1 && slot.has_loss).then(|| MeanTracker::new(&key))
        };
        let outputs: Vec<_> = slots.iter().map(tracked).collect();
        let of_outputs = |(slot, tracker): (&OutputSlot<'_>, &Option<MeanTracker>)| {
            tracker.as_ref().map(|_| format!("{}_loss", slot.name))
        };
        own_names.extend(slots.iter().zip(&outputs).filter_map(of_outputs));
        let mut trackers = Self {
            loss: MeanTracker::new("loss"),
            outputs,
            metrics,
            added,
            own,
            is_adopted: false,
            names: Vec::new(),
            evaluation_order: Vec::new(),
        };
        let output_names: Vec<&str> = slots.iter().map(|s| s.name).collect();
        trackers.order(&output_names, &own_names);
        Ok(trackers)
    }

    fn order(&mut self, outputs: &[&str], own_names: &[String]) {
        let mut names: Vec<String> = self.entries(outputs).map(|(name, _)| name).collect();
        names.sort();
        let place = |name: &String| names.iter().position(|n| n == name);
        let mut order: Vec<usize> = Vec::new();
        // First the names that metrics themselves have, in the order of compile; then the rest, sorted.
        for k in own_names.iter().filter_map(place).chain(0..names.len()) {
            if !order.contains(&k) {
                order.push(k);
            }
        }
        self.evaluation_order = order;
        self.names = names.into_iter().map(Into::into).collect();
    }

    /// All state behind what is logged.
    pub(super) fn variables(&self) -> Vec<Variable> {
        let losses = std::iter::once(&self.loss).chain(self.outputs.iter().flatten());
        let mut variables: Vec<Variable> = losses.flat_map(MeanTracker::variables).collect();
        variables.extend(self.metrics.iter().flat_map(|m| m.metric.variables()));
        variables
    }

    /// The logged names, sorted.
    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// The places of the names in the order in which `evaluate` gives them.
    pub(super) fn evaluation_order(&self) -> &[usize] {
        &self.evaluation_order
    }

    /// Which way what is logged under this name (or by the metric of this name) gets better.
    pub(super) fn direction(&self, name: &str) -> Option<Direction> {
        let by_key = self.metrics.iter().find(|m| m.key == name);
        let by_name = || self.metrics.iter().find(|m| m.metric.name() == name);
        match by_key.or_else(by_name) {
            Some(found) => found.metric.direction(),
            // The loss of one output of several.
            None => (name.ends_with("_loss") && self.names.iter().any(|n| **n == *name))
                .then_some(Direction::Down),
        }
    }

    /// Forgets everything taken in.
    pub(super) fn reset(&self) -> Result<()> {
        self.loss.reset()?;
        for output in self.outputs.iter().flatten() {
            output.reset()?;
        }
        for (_, added) in &self.added {
            added.reset()?;
        }
        let metrics = self.metrics.iter().map(|tracked| &tracked.metric);
        let mut metrics = metrics.chain(&self.own);
        metrics.try_for_each(|metric| metric.reset_state())
    }

    /// Takes over the names that a step of the user's own logs, and gives its results in the order of
    /// [`Trackers::names`].
    pub(super) fn adopt(&mut self, caller: &str, names: &[String]) -> Result<()> {
        let mut sorted: Vec<Arc<str>> = names.iter().map(|name| name.as_str().into()).collect();
        sorted.sort();
        if self.is_adopted && sorted != self.names {
            return Err(Error::invalid_argument(
                caller,
                format!(
                    "a step that logs {}, as the one before",
                    listed(&self.names)
                ),
                listed(&sorted),
                "Let train_step and test_step log the same names",
            ));
        }
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            let got = format!("\"{}\" twice", twice[0]);
            return Err(Error::invalid_argument(
                caller,
                "logs of different names",
                got,
                "",
            ));
        }
        let place = |name: &String| sorted.iter().position(|known| **known == **name);
        self.evaluation_order = names.iter().filter_map(place).collect();
        // The loss leads, as in what `evaluate` gives for other models.
        let is_other = |place: &usize| *sorted[*place] != *"loss";
        self.evaluation_order.sort_by_key(is_other);
        self.names = sorted;
        self.is_adopted = true;
        Ok(())
    }

    /// Takes in what layers log for a batch of this many rows.
    pub(super) fn update_added(&self, values: &[(String, Tensor)], rows: usize) -> Result<()> {
        let mut pairs = self.added.iter().zip(values);
        pairs.try_for_each(|((_, tracker), (_, value))| tracker.update(value, rows as f64))
    }

    /// Takes in the loss of a batch of this many rows, and the loss of each output.
    pub(super) fn update_losses(
        &self,
        total: &Tensor,
        outputs: &[Option<Tensor>],
        rows: usize,
    ) -> Result<()> {
        self.loss.update(total, rows as f64)?;
        for (tracker, loss) in self.outputs.iter().zip(outputs) {
            if let (Some(tracker), Some(loss)) = (tracker, loss) {
                tracker.update(loss, 1.0)?;
            }
        }
        Ok(())
    }

    /// Lets each metric take in a batch.
    pub(super) fn update_metrics(
        &self,
        batch: &Batch,
        predictions: &[Tensor],
        location: &'static Location<'static>,
    ) -> Result<()> {
        for tracked in &self.metrics {
            let output = tracked.output;
            let Some(y_true) = &batch.labels[output] else {
                continue;
            };
            let weight = batch.weights[output].as_ref().filter(|_| tracked.weighted);
            let update = || {
                tracked
                    .metric
                    .update_state(y_true, &predictions[output], weight)
            };
            let name = tracked.metric.class_name();
            if METRICS.iter().any(|entry| entry.class_name == name) {
                scope::at(location, update)?;
            } else {
                // A metric of the user's own names its own lines.
                update()?;
            }
        }
        Ok(())
    }

    /// Names and results, sorted by name.
    pub(super) fn named_results(&self, outputs: &[&str]) -> Vec<(String, Tensor)> {
        let mut entries: Vec<(String, Tensor)> = self
            .entries(outputs)
            .map(|(name, result)| (name, result()))
            .collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }

    /// Names and how to get the results.
    fn entries<'a>(
        &'a self,
        outputs: &'a [&str],
    ) -> impl Iterator<Item = (String, Box<dyn Fn() -> Tensor + 'a>)> {
        type Get<'a> = Box<dyn Fn() -> Tensor + 'a>;
        let loss: Get<'a> = Box::new(|| self.loss.result());
        let of_outputs = self
            .outputs
            .iter()
            .zip(outputs)
            .filter_map(|(tracker, name)| {
                let tracker = tracker.as_ref()?;
                Some((
                    format!("{name}_loss"),
                    Box::new(|| tracker.result()) as Get<'a>,
                ))
            });
        let of_metrics = self
            .metrics
            .iter()
            .map(|m| (m.key.clone(), Box::new(|| m.metric.result()) as Get<'a>));
        let of_layers = (self.added.iter())
            .map(|(key, tracker)| (key.clone(), Box::new(|| tracker.result()) as Get<'a>));
        std::iter::once(("loss".to_owned(), loss))
            .chain(of_outputs)
            .chain(of_metrics)
            .chain(of_layers)
    }
}

fn listed(names: &[Arc<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

/// The metric with its state made.
fn build(slot: &OutputSlot<'_>, choice: &MetricChoice) -> Result<(String, Arc<dyn Metric>)> {
    let Some(y_true) = &slot.y_true else {
        return Err(Error::data(
            "metrics",
            format!("labels for output \"{}\", which has metrics", slot.name),
            "none",
            "",
        ));
    };
    let (name, metric) = choice.resolve(y_true, slot.y_pred);
    metric.build(y_true, slot.y_pred)?;
    Ok((name, metric))
}

/// The name under which a metric is logged: a name that is taken is numbered, or, for the first weighted
/// metric of a taken name, begins with `weighted_`.
fn unique_key(
    prefix: &str,
    name: &str,
    weighted: bool,
    taken: &mut HashMap<String, usize>,
) -> String {
    let plain = format!("{prefix}{name}");
    let candidate = if weighted && taken.contains_key(&plain) {
        format!("{prefix}weighted_{name}")
    } else {
        plain
    };
    numbered(candidate, taken)
}

/// The name, with a number if it occurred before: `auc`, `auc_1`, ...
fn numbered(name: String, occurred: &mut HashMap<String, usize>) -> String {
    let count = occurred.entry(name.clone()).or_insert(0);
    *count += 1;
    match *count {
        1 => name,
        n => format!("{name}_{}", n - 1),
    }
}
