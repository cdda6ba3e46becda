//! `evaluate`: loss and metrics of a data set.

use std::panic::Location;
use std::time::Instant;

use hornblende_core::{Error, Result, Value};

use super::callback_list::CallbackList;
use super::feed::{ArrayFeed, Feed, warn_if_short};
use super::fit::ends;
use super::logs::{RunLogs, StepLogs, number_of};
use super::run::RunFacts;
use super::samples::Samples;
use super::session::Session;
use super::step::Purpose;
use super::{Evaluate, Evaluation, Flow, IntoSource, Logs, ProgressBar, ProgressStyle, Source};
use crate::models::Model;

impl Model {
    /// The loss and the metrics on data, in inference: nothing is learned, no dropout.
    ///
    /// # Errors
    /// If the model is not compiled, or if data and labels do not fit it.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
    /// model.compile(Compile::new().loss("mse").metrics(["mae"]))?;
    /// let (x, y) = (Tensor::zeros([3, 1], DType::F32), Tensor::ones([3, 1], DType::F32));
    /// let results = model.evaluate((&x, &y), Evaluate::new().verbose(0))?;
    /// assert_eq!(results.to_string(), "[1.0000, 1.0000]");
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn evaluate(&mut self, data: impl IntoSource, options: Evaluate<'_>) -> Result<Evaluation> {
        let location = Location::caller();
        let mut session = Session::open(self, "evaluate", location);
        let results = session.evaluate(data.into_source(), options);
        results.map_err(|error| error.at(location))
    }
}

impl Session<'_> {
    fn evaluate(&mut self, source: Source, mut options: Evaluate<'_>) -> Result<Evaluation> {
        self.compiled()?;
        options.check()?;
        let mut feed = self.evaluation_feed(source, &mut options)?;
        let steps = limited(feed.steps(), options.steps);
        let facts = RunFacts {
            steps,
            verbose: options.console.verbose,
            ..RunFacts::default()
        };
        let mut logs = self.logs(options.console.style)?;
        let mut bar = options.console.bar(steps);
        bar.start(Instant::now());
        let mut callbacks = CallbackList::new(options.callbacks, facts, bar);
        let mut results: Vec<f64> = Vec::new();
        let order = self.evaluation_order()?;
        let step_logs = &mut logs.steps;
        let after = |step: usize, outputs: &[Value], logs: &Logs, bar: &mut ProgressBar| {
            bar.update(step, logs.entries(), Instant::now());
            results.clear();
            results.extend(order.iter().map(|(place, _)| number_of(&outputs[*place])));
        };
        let done = self.test(&mut *feed, options.steps, &mut callbacks, step_logs, after)?;
        warn_if_short("evaluate", options.steps, done, &*feed);
        callbacks
            .bar
            .finish(done, step_logs.logs.entries(), Instant::now());
        let names = order.into_iter().map(|(_, name)| name);
        Ok(Evaluation::new(names.zip(results)))
    }

    fn evaluation_feed(
        &mut self,
        source: Source,
        options: &mut Evaluate<'_>,
    ) -> Result<Box<dyn Feed>> {
        let weights = options.sample_weight.take();
        match source {
            Source::Arrays(mut data) => {
                data.sample_weight = weights.or(data.sample_weight);
                let signature = self.signature(&data.x)?;
                let samples = Samples::of_data(self.caller, data, &signature)?;
                let course = self.course(Purpose::Test, &samples, options.batch_size)?;
                let feed = ArrayFeed::new(samples, course, Purpose::Test, false);
                Ok(Box::new(feed))
            }
            Source::Dataset(_) if weights.is_some() => Err(Error::invalid_argument(
                "sample_weight",
                "data that are arrays",
                "a dataset",
                "Make it the third part of the elements",
            )),
            Source::Dataset(dataset) => {
                ends(dataset.cardinality(), options.steps, "evaluate", "steps")?;
                Ok(Box::new(self.dataset_feed(Purpose::Test, dataset, None)?))
            }
        }
    }

    /// The results of the trackers in the order of [`Evaluation`]: their places and names.
    pub(super) fn evaluation_order(&mut self) -> Result<Vec<(usize, String)>> {
        let Some(trackers) = &self.compiled()?.trackers else {
            return Ok(Vec::new());
        };
        let name = |place: &usize| (*place, trackers.names()[*place].to_string());
        Ok(trackers.evaluation_order().iter().map(name).collect())
    }

    /// The buffers for the numbers of a run.
    pub(super) fn logs(&mut self, style: ProgressStyle) -> Result<RunLogs> {
        let trackers = self.compiled()?.trackers.as_ref();
        Ok(trackers.map_or_else(RunLogs::default, |t| RunLogs::new(t, style)))
    }

    /// Runs the test step through a pass of the feed, or through the first `limit` batches of it, and tells
    /// `after` the number of each step, its results and its logs. Returns the number of steps.
    pub(super) fn test(
        &mut self,
        feed: &mut dyn Feed,
        limit: Option<usize>,
        callbacks: &mut CallbackList<'_>,
        step_logs: &mut StepLogs,
        mut after: impl FnMut(usize, &[Value], &Logs, &mut ProgressBar),
    ) -> Result<usize> {
        if let Some(trackers) = &self.compiled()?.trackers {
            trackers.reset()?;
        }
        feed.restart()?;
        let mut flow = callbacks.tell(self, |callback, run| callback.on_test_begin(run))?;
        let mut done = 0;
        while flow == Flow::Continue && limit.is_none_or(|limit| done < limit) {
            if !feed.has_next()? {
                break;
            }
            flow = callbacks.tell(self, |callback, run| {
                callback.on_test_batch_begin(done, run)
            })?;
            if flow != Flow::Continue {
                break;
            }
            let Some(outputs) = feed.next(self)? else {
                break;
            };
            step_logs.read(outputs);
            after(done + 1, outputs, &step_logs.logs, &mut callbacks.bar);
            flow = callbacks.tell(self, |callback, run| {
                callback.on_test_batch_end(done, &step_logs.logs, run)
            })?;
            done += 1;
        }
        callbacks.tell(self, |callback, run| {
            callback.on_test_end(&step_logs.logs, run)
        })?;
        Ok(done)
    }
}

/// The smaller of a number of steps and a limit, where both are known.
pub(super) fn limited(steps: Option<usize>, limit: Option<usize>) -> Option<usize> {
    match (steps, limit) {
        (Some(steps), Some(limit)) => Some(steps.min(limit)),
        (steps, limit) => steps.or(limit),
    }
}
