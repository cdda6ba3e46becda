//! A call of `fit`, `evaluate`, `predict` or one of their kind on a model.

use std::panic::Location;

use hornblende_core::{Error, Result, Spec, Tensor};

use super::Arrays;
use super::callback_list::recompiled;
use super::compiled::Compiled;
use super::label_checks::LabelChecks;
use super::samples::{InputSlot, Samples, Signature, label_dtype};
use super::step::{Plan, Purpose, Step};
use crate::models::Model;

/// How many programs are kept for each purpose; more are only met where batch sizes keep changing.
const KEPT: usize = 32;

/// What training keeps with a model between calls.
#[derive(Default)]
pub(super) struct TrainingState {
    pub(super) compiled: Option<Compiled>,
    pub(super) predicting: Vec<Step>,
    /// How many runs are going on whose hooks may call the model: their steps must stay where they are.
    runs: usize,
}

/// A model with its training state at hand; the state goes back however the call ends.
pub(super) struct Session<'a> {
    pub(super) model: &'a mut Model,
    pub(super) state: Box<TrainingState>,
    pub(super) caller: &'static str,
    pub(super) location: &'static Location<'static>,
    /// An empty state that holds the place while the model has its own back.
    spare: Option<Box<TrainingState>>,
}

/// The steps that lead through samples: all but the last batch have the same size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    pub(super) batch: usize,
    pub(super) rows: usize,
    /// The step of whole batches.
    pub(super) whole: usize,
    /// The step of what is left after them.
    pub(super) rest: Option<usize>,
}

impl Course {
    /// The number of steps.
    pub(super) fn steps(&self) -> usize {
        self.rows.div_ceil(self.batch)
    }

    /// The step and size of a batch where so many rows are left.
    pub(super) fn next(&self, left: usize) -> (usize, usize) {
        match self.rest {
            Some(rest) if left < self.batch => (rest, left),
            _ => (self.whole, self.batch),
        }
    }
}

impl<'a> Session<'a> {
    pub(super) fn open(
        model: &'a mut Model,
        caller: &'static str,
        location: &'static Location<'static>,
    ) -> Self {
        let kept = model.compiled.take();
        let mut state: Box<TrainingState> = kept
            .and_then(|kept| kept.downcast().ok())
            .unwrap_or_default();
        if state.runs == 0 {
            forget_oldest(&mut state.predicting);
            if let Some(compiled) = &mut state.compiled {
                forget_oldest(&mut compiled.steps);
            }
        }
        Self {
            model,
            state,
            caller,
            location,
            spare: None,
        }
    }

    /// Puts the model together for code that may call any of its methods.
    ///
    /// # Errors
    /// Those of `code`; [`Error::NotCompiled`] if it compiled the model anew.
    pub(super) fn with_model<R>(
        &mut self,
        code: impl FnOnce(&mut Model) -> Result<R>,
    ) -> Result<R> {
        let before = self.state.compiled.as_ref().map(|compiled| compiled.id);
        let spare = self.spare.take().unwrap_or_default();
        let mut state = std::mem::replace(&mut self.state, spare);
        state.runs += 1;
        self.model.compiled = Some(state);
        let result = code(self.model);
        let kept = self.model.compiled.take();
        let mut state: Box<TrainingState> = kept
            .and_then(|kept| kept.downcast().ok())
            .unwrap_or_default();
        state.runs = state.runs.saturating_sub(1);
        self.spare = Some(std::mem::replace(&mut self.state, state));
        let after = self.state.compiled.as_ref().map(|compiled| compiled.id);
        if before != after {
            return Err(recompiled(self.caller));
        }
        result
    }

    /// A step of those made for a purpose.
    pub(super) fn step_at(&mut self, purpose: Purpose, place: usize) -> Result<&mut Step> {
        match purpose {
            Purpose::Predict => Ok(&mut self.state.predicting[place]),
            Purpose::Train | Purpose::Test => Ok(&mut self.compiled()?.steps[place]),
        }
    }

    /// What `compile` left.
    pub(super) fn compiled(&mut self) -> Result<&mut Compiled> {
        let caller = self.caller;
        let compiled = self.state.compiled.as_mut();
        compiled.ok_or_else(|| not_compiled(caller))
    }

    /// The names that data are matched with. A model that is not built yet is built for these inputs.
    pub(super) fn signature(&self, x: &Arrays) -> Result<Signature> {
        if !self.model.is_built() {
            let tensors = match x {
                Arrays::Positions(tensors) => tensors.iter().collect(),
                Arrays::Names(named) => named.iter().map(|(_, t)| t).collect::<Vec<_>>(),
            };
            let spec = |t: &&Tensor| {
                let spec = t.check()?.spec();
                Ok(Spec {
                    shape: spec.shape.clone(),
                    dtype: label_dtype(spec.dtype),
                })
            };
            let specs = tensors.iter().map(spec).collect::<Result<Vec<Spec>>>()?;
            self.model.build(&specs)?;
        }
        let specs = self.model.input_specs();
        let slot = |(name, spec)| InputSlot { name, spec };
        Ok(Signature {
            inputs: self
                .model
                .input_names()
                .into_iter()
                .zip(specs)
                .map(slot)
                .collect(),
            outputs: self.model.output_names(),
        })
    }

    /// The steps that lead through the samples in batches of this size, compiled; fails if the labels do
    /// not fit.
    pub(super) fn course(
        &mut self,
        purpose: Purpose,
        samples: &Samples,
        batch_size: usize,
    ) -> Result<Course> {
        let rows = samples.rows();
        let batch = batch_size.min(rows);
        let whole = self.step(purpose, samples, batch)?;
        self.check_labels(purpose, samples, whole)?;
        let rest = match rows % batch {
            0 => None,
            rest => Some(self.step(purpose, samples, rest)?),
        };
        Ok(Course {
            batch,
            rows,
            whole,
            rest,
        })
    }

    /// The number of the step for batches of `rows` of these samples, made if there is none yet.
    pub(super) fn step(
        &mut self,
        purpose: Purpose,
        samples: &Samples,
        rows: usize,
    ) -> Result<usize> {
        let known = self.steps(purpose).iter();
        if let Some(found) = known.clone().position(|s| s.fits(purpose, samples, rows)) {
            return Ok(found);
        }
        let outputs = self.model.output_names();
        let plan = Plan {
            model: self.model,
            caller: self.caller,
            location: self.location,
            purpose,
            layout: samples.layout(),
            specs: samples.batch_specs(rows),
            outputs: &outputs,
        };
        let steps = match (&mut self.state.compiled, purpose) {
            (_, Purpose::Predict) => {
                let step = Step::predicting(&plan)?;
                self.state.predicting.push(step);
                &self.state.predicting
            }
            (Some(compiled), _) => {
                let step = Step::tracking(&plan, compiled)?;
                compiled.steps.push(step);
                self.model.optimizer_variables = compiled.optimizer.variables();
                &compiled.steps
            }
            (None, _) => return Err(not_compiled(self.caller)),
        };
        Ok(steps.len() - 1)
    }

    fn steps(&self, purpose: Purpose) -> &[Step] {
        match (&self.state.compiled, purpose) {
            (_, Purpose::Predict) => &self.state.predicting,
            (Some(compiled), _) => &compiled.steps,
            (None, _) => &[],
        }
    }

    /// Fails if a label is none that its loss can take.
    pub(super) fn check_labels(
        &mut self,
        purpose: Purpose,
        samples: &Samples,
        step: usize,
    ) -> Result<()> {
        let Some(compiled) = &self.state.compiled else {
            return Ok(());
        };
        if purpose == Purpose::Predict {
            return Ok(());
        }
        let outputs = self.model.output_names();
        let predictions = compiled.steps[step].predictions();
        for (k, loss) in compiled.losses(&outputs)?.iter().enumerate() {
            if let (Some(loss), Some((labels, rows))) = (loss, samples.labels(k)) {
                let checks = LabelChecks {
                    caller: self.caller,
                    output: &outputs[k],
                    loss: &**loss,
                    prediction: &predictions[k],
                };
                checks.values(labels, rows)?;
            }
        }
        Ok(())
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        let state: Box<TrainingState> = std::mem::take(&mut self.state);
        self.model.compiled = Some(state);
    }
}

pub(super) fn not_compiled(caller: &str) -> Error {
    Error::not_compiled(
        caller,
        "a compiled model",
        "one without optimizer and loss",
        "Call compile first",
    )
}

fn forget_oldest(steps: &mut Vec<Step>) {
    let surplus = steps.len().saturating_sub(KEPT);
    steps.drain(..surplus);
}
