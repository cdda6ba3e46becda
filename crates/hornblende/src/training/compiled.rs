//! What `compile` makes of its arguments.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hornblende_core::{Result, Spec, Variable};

use super::metric_arguments::metrics_of;
use super::metric_choice::MetricChoice;
use super::step::Step;
use super::trackers::{OutputSlot, Trackers};
use super::{PerOutput, TrainStep};
use crate::losses::Loss;
use crate::optimizers::Optimizer;

/// A compiled model's optimizer, losses and metrics, and the programs that were made of them so far.
pub(super) struct Compiled {
    /// Tells this from what other calls of `compile` made.
    pub(super) id: u64,
    pub(super) optimizer: Arc<dyn Optimizer>,
    pub(super) losses: PerOutput<Arc<dyn Loss>>,
    pub(super) loss_weights: PerOutput<f64>,
    pub(super) metrics: PerOutput<Vec<MetricChoice>>,
    pub(super) weighted_metrics: PerOutput<Vec<MetricChoice>>,
    /// Made at the first batch, whose shapes tell what "accuracy" means.
    pub(super) trackers: Option<Trackers>,
    /// A step of the user's own.
    pub(super) train_step: Option<Arc<dyn TrainStep>>,
    /// The variables that the optimizer was built for.
    pub(super) trained: Option<Vec<Variable>>,
    pub(super) steps: Vec<Step>,
}

impl Compiled {
    /// A number that no other call of `compile` in this process has.
    pub(super) fn next_id() -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }

    /// Fails if something was given for outputs that the model does not have.
    pub(super) fn check(&self, outputs: &[String]) -> Result<()> {
        self.losses.resolve("loss", outputs)?;
        self.loss_weights.resolve("loss_weights", outputs)?;
        metrics_of(&self.metrics, "metrics", outputs)?;
        metrics_of(&self.weighted_metrics, "weighted_metrics", outputs)?;
        Ok(())
    }

    /// The loss of each output.
    pub(super) fn losses(&self, outputs: &[String]) -> Result<Vec<Option<Arc<dyn Loss>>>> {
        self.losses.resolve("loss", outputs)
    }

    /// The metrics, made at the first batch.
    pub(super) fn make_trackers(
        &mut self,
        outputs: &[String],
        labels: &[Option<Spec>],
        predictions: &[Spec],
        added: &[String],
    ) -> Result<()> {
        if self.trackers.is_none() {
            let losses = self.losses(outputs)?;
            let metrics = metrics_of(&self.metrics, "metrics", outputs)?;
            let weighted = metrics_of(&self.weighted_metrics, "weighted_metrics", outputs)?;
            let own = self
                .train_step
                .as_ref()
                .map_or_else(Vec::new, |step| step.metrics());
            let slot = |k: usize| OutputSlot {
                name: outputs[k].as_str(),
                has_loss: losses[k].is_some(),
                y_true: labels.get(k).cloned().flatten(),
                y_pred: &predictions[k],
                metrics: metrics[k].as_deref().unwrap_or_default(),
                weighted_metrics: weighted[k].as_deref().unwrap_or_default(),
            };
            let slots: Vec<OutputSlot<'_>> = (0..outputs.len()).map(slot).collect();
            self.trackers = Some(Trackers::new(&slots, added, own)?);
        }
        Ok(())
    }
}
