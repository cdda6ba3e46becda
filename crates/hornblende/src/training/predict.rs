//! `predict`: what a model makes of inputs.

use std::panic::Location;
use std::time::Instant;

use hornblende_core::{Error, Result, Tensor};

use super::callback_list::CallbackList;
use super::collected::Collected;
use super::evaluate::limited;
use super::feed::{ArrayFeed, Feed, warn_if_short};
use super::fit::ends;
use super::run::RunFacts;
use super::samples::Samples;
use super::session::Session;
use super::step::Purpose;
use super::{IntoInputs, Predict, Source};
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
    pub fn predict(&mut self, x: impl IntoInputs, options: Predict<'_>) -> Result<Tensor> {
        let location = Location::caller();
        let mut session = Session::open(self, "predict", location);
        let outputs = session.predict(x.into_inputs(), options, true);
        outputs.and_then(only).map_err(|error| error.at(location))
    }

    /// As [`Model::predict`], for a model of several outputs.
    ///
    /// # Errors
    /// If the inputs do not fit.
    #[track_caller]
    pub fn predict_all(&mut self, x: impl IntoInputs, options: Predict<'_>) -> Result<Vec<Tensor>> {
        let location = Location::caller();
        let mut session = Session::open(self, "predict", location);
        let outputs = session.predict(x.into_inputs(), options, false);
        outputs.map_err(|error| error.at(location))
    }
}

impl Session<'_> {
    /// What the model makes of the inputs; with `single`, fails for a model of several outputs.
    fn predict(
        &mut self,
        source: Source,
        options: Predict<'_>,
        single: bool,
    ) -> Result<Vec<Tensor>> {
        options.check()?;
        let (mut feed, expected) = self.prediction_feed(source, &options, single)?;
        let steps = limited(feed.steps(), options.steps);
        let mut collected = Collected::new("predict", expected);
        let facts = RunFacts {
            steps,
            verbose: options.console.verbose,
            ..RunFacts::default()
        };
        let mut bar = options.console.bar(steps);
        bar.start(Instant::now());
        let mut callbacks = CallbackList::new(options.callbacks, facts, bar);
        const NOTHING: &[(&str, f64)] = &[];
        callbacks.tell(self, |callback, run| callback.on_predict_begin(run))?;
        let mut done = 0;
        while options.steps.is_none_or(|steps| done < steps) && feed.has_next()? {
            callbacks.tell(self, |callback, run| {
                callback.on_predict_batch_begin(done, run)
            })?;
            let Some(outputs) = feed.next(self)? else {
                break;
            };
            collected.add(outputs, feed.rows())?;
            callbacks.bar.update(done + 1, NOTHING, Instant::now());
            callbacks.tell(self, |callback, run| {
                callback.on_predict_batch_end(done, run)
            })?;
            done += 1;
        }
        warn_if_short("predict", options.steps, done, &*feed);
        callbacks.tell(self, |callback, run| callback.on_predict_end(run))?;
        callbacks.bar.finish(done, NOTHING, Instant::now());
        collected.into_tensors()
    }

    /// The batches of the inputs, and how many rows they have together as far as that is known.
    fn prediction_feed(
        &mut self,
        source: Source,
        options: &Predict<'_>,
        single: bool,
    ) -> Result<(Box<dyn Feed>, usize)> {
        let fits = |outputs: usize| match single && outputs > 1 {
            true => Err(several(outputs)),
            false => Ok(()),
        };
        match source {
            Source::Arrays(data) => {
                let signature = self.signature(&data.x)?;
                fits(signature.outputs.len())?;
                let samples = Samples::of_inputs(self.caller, data.x, &signature)?;
                let course = self.course(Purpose::Predict, &samples, options.batch_size)?;
                let steps = limited(Some(course.steps()), options.steps).unwrap_or(0);
                let rows = course.rows.min(steps * course.batch);
                let feed = ArrayFeed::new(samples, course, Purpose::Predict, false);
                Ok((Box::new(feed), rows))
            }
            Source::Dataset(dataset) => {
                ends(dataset.cardinality(), options.steps, "predict", "steps")?;
                let feed = self.dataset_feed(Purpose::Predict, dataset, None)?;
                fits(feed.signature().outputs.len())?;
                Ok((Box::new(feed), 0))
            }
        }
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
