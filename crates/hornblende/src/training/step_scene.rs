//! What a step finds: the batch, the model, the optimizer.

use std::cell::RefCell;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor, Variable, gradient, scope};

use super::StepLogs;
use super::compiled::Compiled;
use super::layout::Batch;
use super::step::{Plan, Purpose};
use super::trackers::Trackers;
use crate::layers::Call;
use crate::losses::Loss;
use crate::optimizers::Optimizer;

/// The batch and the pieces of the compiled model, for one step of training or testing.
///
/// A step is traced: the tensors have no values yet, and what is assigned is assigned when the program runs.
pub struct StepScene<'a> {
    plan: &'a Plan<'a>,
    compiled: &'a Compiled,
    losses: &'a [Option<Arc<dyn Loss>>],
    trackers: &'a Trackers,
    batch: &'a Batch,
    inputs: Vec<Tensor>,
    /// Reads of the variables from before the step assigns to them.
    sources: Vec<Tensor>,
    /// What the last forward pass was told by layers.
    call: RefCell<Call>,
}

impl<'a> StepScene<'a> {
    pub(super) fn new(
        plan: &'a Plan<'a>,
        compiled: &'a Compiled,
        losses: &'a [Option<Arc<dyn Loss>>],
        trackers: &'a Trackers,
        batch: &'a Batch,
    ) -> Self {
        let trained = compiled.trained.as_deref().unwrap_or_default();
        Self {
            inputs: plan.inputs(batch),
            sources: trained.iter().map(Variable::read).collect(),
            call: RefCell::new(Call::new(plan.purpose == Purpose::Train)),
            plan,
            compiled,
            losses,
            trackers,
            batch,
        }
    }

    /// The inputs of the batch.
    #[must_use]
    pub fn x(&self) -> &[Tensor] {
        &self.inputs
    }

    /// The labels of the first output.
    ///
    /// # Errors
    /// [`Error::Data`] if there are none.
    pub fn y(&self) -> Result<&Tensor> {
        let first = self.batch.labels.first().and_then(Option::as_ref);
        first.ok_or_else(|| Error::data(self.plan.caller, "labels", "none", "Pass (x, y)"))
    }

    /// The labels of each output.
    #[must_use]
    pub fn labels(&self) -> &[Option<Tensor>] {
        &self.batch.labels
    }

    /// The sample weights of each output.
    #[must_use]
    pub fn sample_weights(&self) -> &[Option<Tensor>] {
        &self.batch.weights
    }

    /// Whether this is a step of training.
    #[must_use]
    pub fn training(&self) -> bool {
        self.plan.purpose == Purpose::Train
    }

    /// What the model makes of these inputs.
    ///
    /// # Errors
    /// If they do not fit.
    pub fn forward(&self, x: &[Tensor]) -> Result<Vec<Tensor>> {
        let call = Call::new(self.training());
        let model = self.plan.model;
        let outputs = scope::at(self.plan.location, || model.forward_in(x, &call))?;
        *self.call.borrow_mut() = call;
        Ok(outputs)
    }

    /// The loss that was compiled, with what layers and regularizers added in the last
    /// [`forward`](StepScene::forward); it is logged too.
    ///
    /// # Errors
    /// If there is no loss, or the predictions do not fit it.
    pub fn compute_loss(&self, y_pred: &[Tensor]) -> Result<Tensor> {
        let added = self.call.borrow().losses();
        let plan = self.plan;
        let (total, each) = plan.losses(self.compiled, self.losses, self.batch, y_pred, &added)?;
        self.trackers.update_losses(&total, &each, plan.rows())?;
        Ok(total)
    }

    /// Lets the compiled metrics take the batch in: the results of loss, metrics, and what layers log.
    ///
    /// # Errors
    /// If the predictions do not fit a metric.
    pub fn compute_metrics(&self, y_pred: &[Tensor]) -> Result<StepLogs> {
        let plan = self.plan;
        let added = self.call.borrow().metrics();
        self.trackers
            .update_metrics(self.batch, y_pred, plan.location)?;
        self.trackers.update_added(&added, plan.rows())?;
        let outputs: Vec<&str> = plan.outputs.iter().map(String::as_str).collect();
        Ok(self.trackers.named_results(&outputs))
    }

    /// The optimizer that was compiled.
    #[must_use]
    pub fn optimizer(&self) -> &dyn Optimizer {
        &*self.compiled.optimizer
    }

    /// The variables that training changes; none in a step of testing.
    #[must_use]
    pub fn trainable_variables(&self) -> &[Variable] {
        self.compiled.trained.as_deref().unwrap_or_default()
    }

    /// Updates the variables by these gradients, in the order of [`StepScene::trainable_variables`]; `None` leaves one
    /// as it is.
    ///
    /// # Errors
    /// As [`Optimizer::apply_gradients`].
    pub fn apply_gradients(
        &self,
        gradients: impl IntoIterator<Item = impl Into<Option<Tensor>>>,
    ) -> Result<()> {
        let pairs: Vec<(Tensor, Variable)> = (gradients.into_iter().map(Into::into))
            .zip(self.trainable_variables())
            .filter_map(|(gradient, variable)| Some((gradient?, variable.clone())))
            .collect();
        let optimizer = &self.compiled.optimizer;
        scope::at(self.plan.location, || optimizer.apply_gradients(&pairs))
    }

    /// Updates the variables so that the loss falls, scaling it where the optimizer asks for that.
    ///
    /// # Errors
    /// As [`Optimizer::apply_gradients`].
    pub fn minimize(&self, loss: &Tensor) -> Result<()> {
        let scaled = self.compiled.optimizer.scale_loss(loss);
        self.apply_gradients(gradient(&scaled, &self.sources))
    }
}
