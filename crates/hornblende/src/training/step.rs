//! One step as one program: forward pass, loss, gradients, update, metrics.

use std::panic::Location;
use std::sync::Arc;

use hornblende_core::function;
use hornblende_core::{Error, Program, Result, Spec, Tensor, Value, Variable, gradient, scope};

use super::compiled::Compiled;
use super::label_checks::LabelChecks;
use super::layout::{Batch, Layout};
use super::samples::{Samples, label_dtype};
use crate::losses::Loss;
use crate::models::Model;

/// What a step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Train,
    Test,
    Predict,
}

/// A program for batches of one size, with the memory of a batch.
pub(super) struct Step {
    purpose: Purpose,
    layout: Layout,
    specs: Vec<Spec>,
    predictions: Vec<Spec>,
    program: Program,
    batch: Vec<Value>,
}

/// Everything that the making of a step is told.
pub(super) struct Plan<'a> {
    pub(super) model: &'a Model,
    /// The call that is in progress, for messages.
    pub(super) caller: &'a str,
    /// The user's line of that call.
    pub(super) location: &'static Location<'static>,
    pub(super) purpose: Purpose,
    pub(super) layout: &'a Layout,
    pub(super) specs: Vec<Spec>,
    pub(super) outputs: &'a [String],
}

impl Step {
    /// A step that only predicts; its outputs are those of the model.
    pub(super) fn predicting(plan: &Plan<'_>) -> Result<Self> {
        let predictions = plan.prediction_specs()?;
        let program = function::compile(&plan.specs, |columns| {
            let (outputs, _) = plan.forward(&plan.layout.split(columns))?;
            Ok(outputs)
        })?;
        Ok(Self::new(plan, predictions, program))
    }

    /// A step that tests or trains; its outputs are the results of the trackers.
    pub(super) fn tracking(plan: &Plan<'_>, compiled: &mut Compiled) -> Result<Self> {
        let predictions = plan.prediction_specs()?;
        let losses = compiled.losses(plan.outputs)?;
        let labels = plan.label_specs(&losses, &predictions)?;
        compiled.make_trackers(plan.outputs, &labels, &predictions)?;
        if plan.purpose == Purpose::Train {
            plan.build_optimizer(compiled)?;
        }
        let program = function::compile(&plan.specs, |columns| {
            plan.trace(compiled, &losses, &plan.layout.split(columns))
        })?;
        Ok(Self::new(plan, predictions, program))
    }

    fn new(plan: &Plan<'_>, predictions: Vec<Spec>, program: Program) -> Self {
        let empty = |spec: &Spec| Value::zeros(&spec.shape, spec.dtype);
        Self {
            purpose: plan.purpose,
            layout: plan.layout.clone(),
            batch: plan.specs.iter().map(empty).collect(),
            specs: plan.specs.clone(),
            predictions,
            program,
        }
    }

    /// Whether this is the step for batches of `rows` of these samples.
    pub(super) fn fits(&self, purpose: Purpose, samples: &Samples, rows: usize) -> bool {
        let same = |(spec, column): (&Spec, &Value)| {
            spec.dtype == column.dtype()
                && spec.shape.dims().first() == Some(&rows)
                && spec.shape.dims().get(1..) == column.shape().dims().get(1..)
        };
        self.purpose == purpose
            && self.layout == *samples.layout()
            && self.specs.iter().zip(samples.columns()).all(same)
    }

    /// What the model predicts for a batch.
    pub(super) fn predictions(&self) -> &[Spec] {
        &self.predictions
    }

    /// Runs on consecutive rows that begin with `first`.
    pub(super) fn run_range(&mut self, samples: &Samples, first: usize) -> Result<&[Value]> {
        samples.copy_range(first, &mut self.batch);
        self.program.run(&self.batch)
    }

    /// Runs on all the rows of samples that are a batch, without copying them.
    pub(super) fn run_all(&mut self, samples: &Samples) -> Result<&[Value]> {
        self.program.run(samples.columns())
    }

    /// Runs on these rows.
    pub(super) fn run_rows(&mut self, samples: &Samples, rows: &[usize]) -> Result<&[Value]> {
        samples.copy_rows(rows, &mut self.batch);
        self.program.run(&self.batch)
    }
}

impl Plan<'_> {
    /// The number of rows of a batch.
    fn rows(&self) -> usize {
        self.specs.first().map_or(0, |spec| spec.shape[0])
    }

    /// The model's outputs and the losses its layers add.
    fn forward(&self, batch: &Batch) -> Result<(Vec<Tensor>, Vec<Tensor>)> {
        let wanted = self.model.input_specs();
        let converted = |(k, input): (usize, &Tensor)| match wanted.get(k) {
            Some(spec) if spec.dtype != input.dtype() => input.cast(spec.dtype),
            _ => input.clone(),
        };
        let inputs: Vec<Tensor> = batch.inputs.iter().enumerate().map(converted).collect();
        let training = self.purpose == Purpose::Train;
        scope::at(self.location, || self.model.forward(&inputs, training))
    }

    /// What the model predicts for a batch, without compiling anything.
    fn prediction_specs(&self) -> Result<Vec<Spec>> {
        function::without_effects(|| {
            let placeholders = self.specs.iter().cloned().map(Tensor::placeholder);
            let batch = self.layout.split(&placeholders.collect::<Vec<_>>());
            let (outputs, _) = self.forward(&batch)?;
            let spec = |output: &Tensor| Ok(output.check()?.spec().clone());
            outputs.iter().map(spec).collect()
        })
    }

    /// The labels' shapes and types in the step, checked against the losses.
    fn label_specs(
        &self,
        losses: &[Option<Arc<dyn Loss>>],
        predictions: &[Spec],
    ) -> Result<Vec<Option<Spec>>> {
        let mut found = Vec::with_capacity(self.outputs.len());
        for (k, output) in self.outputs.iter().enumerate() {
            let spec = self
                .layout
                .label_column(k)
                .map(|column| &self.specs[column]);
            match (spec, &losses[k]) {
                (Some(spec), Some(loss)) => self
                    .label_checks(output, &**loss, &predictions[k])
                    .shape(&spec.shape)?,
                (None, Some(loss)) => {
                    return Err(Error::data(
                        self.caller,
                        format!("labels for output \"{output}\" and {}", loss.class_name()),
                        "none",
                        "Pass (x, y)",
                    ));
                }
                _ => {}
            }
            found.push(spec.map(|spec| Spec {
                shape: spec.shape.clone(),
                dtype: label_dtype(spec.dtype),
            }));
        }
        Ok(found)
    }

    fn label_checks<'b>(
        &'b self,
        output: &'b str,
        loss: &'b dyn Loss,
        prediction: &'b Spec,
    ) -> LabelChecks<'b> {
        LabelChecks {
            caller: self.caller,
            output,
            loss,
            prediction,
        }
    }

    fn build_optimizer(&self, compiled: &mut Compiled) -> Result<()> {
        if compiled.trained.is_none() {
            let variables = self.model.trainable_variables();
            compiled.optimizer.build(&variables)?;
            compiled.trained = Some(variables);
        }
        Ok(())
    }

    /// The step itself, on the placeholders of a batch.
    fn trace(
        &self,
        compiled: &Compiled,
        losses: &[Option<Arc<dyn Loss>>],
        batch: &Batch,
    ) -> Result<Vec<Tensor>> {
        let trained = compiled.trained.as_deref().unwrap_or_default();
        let sources: Vec<Tensor> = trained.iter().map(Variable::read).collect();
        let (predictions, added) = self.forward(batch)?;
        let (total, each) = self.losses(compiled, losses, batch, &predictions, &added)?;
        let Some(trackers) = &compiled.trackers else {
            return Ok(Vec::new());
        };
        trackers.update_losses(&total, &each, self.rows())?;
        trackers.update_metrics(batch, &predictions, self.location)?;
        if self.purpose == Purpose::Train {
            let scaled = compiled.optimizer.scale_loss(&total);
            let gradients = gradient(&scaled, &sources);
            let pairs: Vec<(Tensor, Variable)> = gradients
                .into_iter()
                .zip(trained)
                .filter_map(|(gradient, variable)| Some((gradient?, variable.clone())))
                .collect();
            scope::at(self.location, || compiled.optimizer.apply_gradients(&pairs))?;
        }
        let outputs: Vec<&str> = self.outputs.iter().map(String::as_str).collect();
        Ok(trackers.results(&outputs))
    }

    /// The loss that is minimised, and the loss of each output.
    fn losses(
        &self,
        compiled: &Compiled,
        losses: &[Option<Arc<dyn Loss>>],
        batch: &Batch,
        predictions: &[Tensor],
        added: &[Tensor],
    ) -> Result<(Tensor, Vec<Option<Tensor>>)> {
        let weights = compiled
            .loss_weights
            .resolve("loss_weights", self.outputs)?;
        let mut total: Option<Tensor> = None;
        let mut add = |term: Tensor| {
            total = Some(match total.take() {
                Some(sum) => sum + term,
                None => term,
            });
        };
        let mut each = Vec::with_capacity(losses.len());
        for (k, loss) in losses.iter().enumerate() {
            let (Some(loss), Some(y_true)) = (loss, &batch.labels[k]) else {
                each.push(None);
                continue;
            };
            let weight = batch.weights[k].as_ref();
            let value = scope::at(self.location, || {
                loss.compute(y_true, &predictions[k], weight)
            });
            value.check()?;
            add(match weights[k] {
                Some(weight) => &value * weight,
                None => value.clone(),
            });
            each.push(Some(value));
        }
        added.iter().cloned().for_each(&mut add);
        match total {
            Some(total) => Ok((total.check()?.clone(), each)),
            None => Err(Error::invalid_argument(
                self.caller,
                "a loss to minimise",
                "none",
                "Give compile a loss",
            )),
        }
    }
}
