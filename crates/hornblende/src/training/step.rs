//! One step as one program: forward pass, loss, gradients, update, metrics.

use std::panic::Location;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use hornblende_core::function;
use hornblende_core::{DType, Error, Program, Result, Spec, Tensor, Value, scope};

use super::compiled::Compiled;
use super::label_checks::LabelChecks;
use super::layout::{Batch, Layout};
use super::samples::{Samples, label_dtype};
use super::{StepLogs, StepScene, TrainStep};
use crate::layers::Call;
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
    /// Only reached by those who may change the step; the lock lets others share the model meanwhile.
    program: Mutex<Program>,
    /// Memory for rows that do not stand together.
    batch: Vec<Value>,
    /// Rows that do, while a run looks at them.
    shared: Vec<Value>,
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
        let (predictions, _) = plan.prediction_specs()?;
        let program = function::compile(&plan.specs, |columns| {
            plan.forward(&plan.layout.split(columns), &plan.call())
        })?;
        Ok(Self::new(plan, predictions, program))
    }

    /// A step that tests or trains; its outputs are the results of the trackers.
    pub(super) fn tracking(plan: &Plan<'_>, compiled: &mut Compiled) -> Result<Self> {
        let (predictions, added) = plan.prediction_specs()?;
        let losses = compiled.losses(plan.outputs)?;
        let labels = plan.label_specs(&losses, &predictions)?;
        compiled.make_trackers(plan.outputs, &labels, &predictions, &added)?;
        if plan.purpose == Purpose::Train {
            plan.build_optimizer(compiled)?;
        }
        let mut names = Vec::new();
        let program = function::compile(&plan.specs, |columns| {
            let mut logs = plan.trace(compiled, &losses, &plan.layout.split(columns))?;
            names = logs.iter().map(|(name, _)| name.clone()).collect();
            logs.sort_by(|a, b| a.0.cmp(&b.0));
            Ok(logs.into_iter().map(|(_, result)| result).collect())
        })?;
        if let (Some(_), Some(trackers)) = (&compiled.train_step, &mut compiled.trackers) {
            trackers.adopt(plan.caller, &names)?;
        }
        Ok(Self::new(plan, predictions, program))
    }

    fn new(plan: &Plan<'_>, predictions: Vec<Spec>, program: Program) -> Self {
        let empty = |spec: &Spec| Value::zeros(&spec.shape, spec.dtype);
        Self {
            purpose: plan.purpose,
            layout: plan.layout.clone(),
            batch: plan.specs.iter().map(empty).collect(),
            shared: vec![nothing(); plan.specs.len()],
            specs: plan.specs.clone(),
            predictions,
            program: Mutex::new(program),
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

    /// Runs on consecutive rows that begin with `first`, without copying them.
    pub(super) fn run_range(&mut self, samples: &Samples, first: usize) -> Result<&[Value]> {
        let rows = self.specs.first().map_or(0, |spec| spec.shape[0]);
        samples.share_range(first..first + rows, &mut self.shared)?;
        let outputs = unlocked(&mut self.program).run(&self.shared);
        // The data belong to the caller, who may drop them before the next run.
        let nothing = nothing();
        (self.shared.iter_mut()).for_each(|value| value.clone_from(&nothing));
        outputs
    }

    /// Runs on all the rows of samples that are a batch, without copying them.
    pub(super) fn run_all(&mut self, samples: &Samples) -> Result<&[Value]> {
        unlocked(&mut self.program).run(samples.columns())
    }

    /// Runs on these rows.
    pub(super) fn run_rows(&mut self, samples: &Samples, rows: &[usize]) -> Result<&[Value]> {
        samples.copy_rows(rows, &mut self.batch);
        unlocked(&mut self.program).run(&self.batch)
    }
}

/// A value that shares nothing with the data.
fn nothing() -> Value {
    static NOTHING: LazyLock<Value> = LazyLock::new(|| Value::zeros([], DType::U8));
    NOTHING.clone()
}

fn unlocked(program: &mut Mutex<Program>) -> &mut Program {
    program.get_mut().unwrap_or_else(PoisonError::into_inner)
}

/// The step of a model that has none of its own.
struct BuiltIn;

impl TrainStep for BuiltIn {}

impl Plan<'_> {
    /// The number of rows of a batch.
    pub(super) fn rows(&self) -> usize {
        self.specs.first().map_or(0, |spec| spec.shape[0])
    }

    fn call(&self) -> Call {
        Call::new(self.purpose == Purpose::Train)
    }

    /// The inputs of a batch in the types that the model takes.
    pub(super) fn inputs(&self, batch: &Batch) -> Vec<Tensor> {
        let wanted = self.model.input_specs();
        let converted = |(k, input): (usize, &Tensor)| match wanted.get(k) {
            Some(spec) if spec.dtype != input.dtype() => input.cast(spec.dtype),
            _ => input.clone(),
        };
        batch.inputs.iter().enumerate().map(converted).collect()
    }

    /// The model's outputs; `call` collects what its layers add.
    fn forward(&self, batch: &Batch, call: &Call) -> Result<Vec<Tensor>> {
        let inputs = self.inputs(batch);
        scope::at(self.location, || self.model.forward_in(&inputs, call))
    }

    /// What the model predicts for a batch and the names of what its layers log, without compiling anything.
    fn prediction_specs(&self) -> Result<(Vec<Spec>, Vec<String>)> {
        function::without_effects(|| {
            let placeholders = self.specs.iter().cloned().map(Tensor::placeholder);
            let batch = self.layout.split(&placeholders.collect::<Vec<_>>());
            let call = self.call();
            let outputs = self.forward(&batch, &call)?;
            let spec = |output: &Tensor| Ok(output.check()?.spec().clone());
            let specs = outputs.iter().map(spec).collect::<Result<_>>()?;
            let names = call.metrics().into_iter().map(|(name, _)| name);
            Ok((specs, names.collect()))
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
    ) -> Result<StepLogs> {
        let Some(trackers) = &compiled.trackers else {
            return Ok(Vec::new());
        };
        let scene = StepScene::new(self, compiled, losses, trackers, batch);
        let step: &dyn TrainStep = compiled.train_step.as_deref().unwrap_or(&BuiltIn);
        match self.purpose {
            Purpose::Train => step.train_step(&scene),
            Purpose::Test | Purpose::Predict => step.test_step(&scene),
        }
    }

    /// The loss that is minimised, and the loss of each output.
    pub(super) fn losses(
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
