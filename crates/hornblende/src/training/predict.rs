//! `predict`: what a model makes of inputs.

use std::panic::Location;
use std::time::Instant;

use hornblende_core::{Error, Result, Spec, Tensor, Value};

use super::callback_list::CallbackList;
use super::run::RunFacts;
use super::samples::Samples;
use super::session::Session;
use super::step::Purpose;
use super::{Arrays, IntoArrays, Predict};
use crate::models::Model;

impl Model {
    /// What the model makes of the inputs, batch by batch, in inference. The model need not be compiled.
    ///
    /// # Errors
    /// If the inputs do not fit, or if the model has several outputs; see [`Model::predict_all`].
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let mut model = Sequential::new().add(Dense::new(10).input_shape([64]));
    /// let x = Tensor::zeros([3, 64], DType::F32);
    /// let predictions = model.predict(&x, Predict::new().verbose(0))?;
    /// assert_eq!(predictions.shape().dims(), [3, 10]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn predict(&mut self, x: impl IntoArrays, options: Predict<'_>) -> Result<Tensor> {
        let location = Location::caller();
        let mut session = Session::open(self, "predict", location);
        let outputs = session.predict(x.into_arrays(), options, true);
        outputs.and_then(only).map_err(|error| error.at(location))
    }

    /// As [`Model::predict`], for a model of several outputs.
    ///
    /// # Errors
    /// If the inputs do not fit.
    #[track_caller]
    pub fn predict_all(&mut self, x: impl IntoArrays, options: Predict<'_>) -> Result<Vec<Tensor>> {
        let location = Location::caller();
        let mut session = Session::open(self, "predict", location);
        let outputs = session.predict(x.into_arrays(), options, false);
        outputs.map_err(|error| error.at(location))
    }
}

impl Session<'_> {
    /// What the model makes of the inputs; with `single`, fails for a model of several outputs before
    /// anything is computed.
    fn predict(&mut self, x: Arrays, options: Predict<'_>, single: bool) -> Result<Vec<Tensor>> {
        options.check()?;
        let signature = self.signature(&x)?;
        if single && signature.outputs.len() > 1 {
            return Err(several(signature.outputs.len()));
        }
        let samples = Samples::of_inputs(self.caller, x, &signature)?;
        let course = self.course(Purpose::Predict, &samples, options.batch_size)?;
        let steps = course.steps();
        let steps = options.steps.map_or(steps, |limit| limit.min(steps));
        let rows = course.rows.min(steps * course.batch);
        let specs = self.state.predicting[course.whole].predictions();
        let mut collected = specs
            .iter()
            .map(|spec| self.room(spec, course.batch, rows))
            .collect::<Result<Vec<Value>>>()?;
        let facts = RunFacts {
            steps: Some(steps),
            verbose: options.console.verbose,
            ..RunFacts::default()
        };
        let mut bar = options.console.bar(Some(steps));
        bar.start(Instant::now());
        let mut callbacks = CallbackList::new(options.callbacks, facts, bar);
        const NOTHING: &[(&str, f64)] = &[];
        callbacks.tell(self, |callback, run| callback.on_predict_begin(run))?;
        for done in 0..steps {
            callbacks.tell(self, |callback, run| {
                callback.on_predict_batch_begin(done, run)
            })?;
            let first = done * course.batch;
            let (step, _) = course.next(course.rows - first);
            let outputs = self.state.predicting[step].run_range(&samples, first)?;
            for (all, output) in collected.iter_mut().zip(outputs) {
                let width = all.len() / rows;
                all.make_mut()
                    .copy_from(first * width, output.storage(), 0, output.len());
            }
            callbacks.bar.update(done + 1, NOTHING, Instant::now());
            callbacks.tell(self, |callback, run| {
                callback.on_predict_batch_end(done, run)
            })?;
        }
        callbacks.tell(self, |callback, run| callback.on_predict_end(run))?;
        callbacks.bar.finish(steps, NOTHING, Instant::now());
        Ok(collected.into_iter().map(Tensor::from).collect())
    }

    /// Room for the predictions of all rows.
    fn room(&self, spec: &Spec, batch: usize, rows: usize) -> Result<Value> {
        if spec.shape.dims().first() != Some(&batch) {
            return Err(Error::shape_mismatch(
                self.caller,
                "an output with a row for each sample",
                format!("shape {} for a batch of {batch}", spec.shape),
                "",
            ));
        }
        Ok(Value::zeros(spec.shape.with(0, rows), spec.dtype))
    }
}

/// The output of a model that has one.
pub(super) fn only(mut outputs: Vec<Tensor>) -> Result<Tensor> {
    match outputs.len() {
        1 => Ok(outputs.remove(0)),
        count => Err(several(count)),
    }
}

fn several(count: usize) -> Error {
    Error::invalid_argument(
        "predict",
        "a model of one output",
        format!("one of {count}"),
        "Use predict_all, or predict_all_on_batch",
    )
}
