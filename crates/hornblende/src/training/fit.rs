//! `fit`: training for several epochs.

use std::panic::Location;
use std::time::Instant;

use hornblende_core::{Error, Result};

use super::callback_list::CallbackList;
use super::class_weights;
use super::evaluate::limited;
use super::feed::{ArrayFeed, Feed};
use super::fit_run::{Feeds, FitRun};
use super::run::RunFacts;
use super::samples::Samples;
use super::session::Session;
use super::step::Purpose;
use super::{Data, Fit, Flow, History, IntoSource, Source};
use crate::data::{Cardinality, Dataset};
use crate::models::Model;

impl Model {
    /// Trains the model: goes through the data [`Fit::epochs`] times in batches.
    ///
    /// The loss that is logged is the mean over all samples of the epoch so far, each taken before the update
    /// that its batch makes; regularization losses are in it. The last, shorter batch is used too.
    ///
    /// A [`Dataset`](crate::data::Dataset) brings its own batches: the options about their size, order and
    /// weights do not concern it, and one without end needs [`Fit::steps_per_epoch`].
    ///
    /// # Errors
    /// If the model is not compiled, or if data, labels and options do not fit it; it is then as it was
    /// before. A loss that is not finite is no error.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
    /// model.compile(Compile::new().optimizer(SGD::new().learning_rate(0.1)).loss("mse"))?;
    /// let x = Tensor::from([[0.0f32], [1.0], [2.0]]);
    /// let y = &x * 2.0 + 1.0;
    /// let history = model.fit((&x, &y), Fit::new().epochs(5).verbose(0))?;
    /// assert!(history["loss"][4] < history["loss"][0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn fit(&mut self, data: impl IntoSource, options: Fit<'_>) -> Result<History> {
        let location = Location::caller();
        let mut session = Session::open(self, "fit", location);
        let history = session.fit(data.into_source(), options);
        history.map_err(|error| error.at(location))
    }
}

/// The call in progress where it is about the validation data, for messages.
pub(super) const VALIDATION: &str = "fit: validation data";

/// What to validate on.
enum Validation {
    Samples(Samples),
    Dataset(Dataset),
}

impl Session<'_> {
    fn fit(&mut self, source: Source, mut options: Fit<'_>) -> Result<History> {
        self.compiled()?;
        options.check()?;
        let (training, validation) = match source {
            Source::Arrays(data) => {
                let (samples, split) = self.fit_samples(data, &mut options)?;
                let validation = self.validation(&mut options)?.or(split);
                let course = self.course(Purpose::Train, &samples, options.batch_size)?;
                let shuffle = options.shuffle;
                let feed = ArrayFeed::new(samples, course, Purpose::Train, shuffle);
                (Box::new(feed) as Box<dyn Feed>, validation)
            }
            Source::Dataset(dataset) => {
                options.check_for_dataset(dataset.cardinality())?;
                let weights = options.class_weight.take();
                let feed = self.dataset_feed(Purpose::Train, dataset, weights)?;
                (
                    Box::new(feed) as Box<dyn Feed>,
                    self.validation(&mut options)?,
                )
            }
        };
        let batch_size = options.validation_batch_size.unwrap_or(options.batch_size);
        let validation = match validation {
            Some(validation) => Some(self.validation_feed(validation, batch_size)?),
            None => None,
        };
        let feeds = Feeds {
            training,
            validation,
            validation_steps: options.validation_steps,
            validation_freq: options.validation_freq.clone(),
            steps_per_epoch: options.steps_per_epoch,
            was_cut: false,
            told: [false; 2],
        };
        self.epochs(feeds, options)
    }

    /// What is given to validate on, checked as far as that needs no step.
    fn validation(&mut self, options: &mut Fit<'_>) -> Result<Option<Validation>> {
        Ok(match options.validation_data.take() {
            None => None,
            Some(Source::Arrays(data)) => {
                let signature = self.signature(&data.x)?;
                let samples = Samples::of_data(VALIDATION, data, &signature)?;
                Some(Validation::Samples(samples))
            }
            Some(Source::Dataset(dataset)) => {
                let steps = options.validation_steps;
                ends(dataset.cardinality(), steps, VALIDATION, "validation_steps")?;
                Some(Validation::Dataset(dataset))
            }
        })
    }

    fn validation_feed(
        &mut self,
        validation: Validation,
        batch_size: usize,
    ) -> Result<Box<dyn Feed>> {
        self.caller = VALIDATION;
        let feed: Box<dyn Feed> = match validation {
            Validation::Samples(samples) => {
                let course = self.course(Purpose::Test, &samples, batch_size)?;
                Box::new(ArrayFeed::new(samples, course, Purpose::Test, false))
            }
            Validation::Dataset(dataset) => {
                Box::new(self.dataset_feed(Purpose::Test, dataset, None)?)
            }
        };
        self.caller = "fit";
        Ok(feed)
    }

    /// The samples to train on, and those to validate on if they are a share of the data.
    fn fit_samples(
        &mut self,
        mut data: Data,
        options: &mut Fit<'_>,
    ) -> Result<(Samples, Option<Validation>)> {
        if let Some(weights) = options.sample_weight.take() {
            data.sample_weight = Some(weights);
        }
        let signature = self.signature(&data.x)?;
        if options.class_weight.is_some() {
            self.check_class_weight(&data, signature.outputs.len())?;
        }
        let samples = Samples::of_data(self.caller, data, &signature)?;
        let (mut training, validation) = if options.validation_split > 0.0 {
            let (training, validation) = split(samples, options.validation_split)?;
            (training, Some(Validation::Samples(validation)))
        } else {
            (samples, None)
        };
        if let Some(class_weight) = &options.class_weight {
            training = self.with_class_weight(training, class_weight)?;
        }
        Ok((training, validation))
    }

    pub(super) fn check_class_weight(&self, data: &Data, outputs: usize) -> Result<()> {
        if data.sample_weight.is_some() {
            return Err(Error::invalid_argument(
                "fit",
                "class_weight or sample_weight",
                "both",
                "Multiply the sample weights by the weights of the classes",
            ));
        }
        if outputs != 1 {
            return Err(Error::invalid_argument(
                "fit: class_weight",
                "a model of one output",
                format!("one of {outputs}"),
                "Use sample_weight, which may differ from output to output",
            ));
        }
        Ok(())
    }

    pub(super) fn with_class_weight(
        &self,
        samples: Samples,
        weights: &[(usize, f64)],
    ) -> Result<Samples> {
        let Some((labels, _)) = samples.labels(0) else {
            return Err(Error::data(
                "fit: class_weight",
                "labels",
                "none",
                "Pass (x, y)",
            ));
        };
        let specs = self.model.output_specs();
        let last = specs.first().and_then(|spec| spec.shape.dims().last());
        // One unit tells two classes apart.
        let classes = last.map(|units| (*units).max(2));
        let weights = class_weights::sample_weights(labels, weights, classes)?;
        samples.with_weights(0, weights)
    }

    fn epochs(&mut self, feeds: Feeds, options: Fit<'_>) -> Result<History> {
        let steps = limited(feeds.training.steps(), options.steps_per_epoch);
        let facts = RunFacts {
            epochs: options.epochs,
            initial_epoch: options.initial_epoch,
            steps,
            verbose: options.console.verbose,
        };
        let logs = self.logs(options.console.style)?;
        let mut run = FitRun {
            feeds,
            callbacks: CallbackList::new(options.callbacks, facts, options.console.bar(steps)),
            logs,
            history: History::new(options.epochs, steps.unwrap_or(0)),
            steps,
            epoch: options.initial_epoch,
            done: None,
        };
        let callbacks = &mut run.callbacks;
        callbacks.tell(self, |callback, run| callback.on_train_begin(run))?;
        self.answer_requests(&mut run)?;
        while run.epoch < options.epochs && !run.callbacks.stops_training() {
            self.whole_epoch(&mut run, options.epochs)?;
        }
        let compiled = self.compiled()?;
        let trained = compiled.trained.clone().unwrap_or_default();
        compiled.optimizer.finalize_variable_values(&trained)?;
        let (callbacks, logs) = (&mut run.callbacks, &run.logs);
        callbacks.tell(self, |callback, run| {
            callback.on_train_end(&logs.epoch, run)
        })?;
        self.answer_requests(&mut run)?;
        Ok(run.history)
    }

    /// The epoch that comes next, or the rest of it in a run that continues another one: training,
    /// validation, history.
    fn whole_epoch(&mut self, run: &mut FitRun<'_>, epochs: usize) -> Result<()> {
        let epoch = run.epoch;
        let now = Instant::now();
        run.callbacks.bar.begin_epoch(epoch + 1, epochs, now);
        let flow = match run.done {
            // The interrupted run has told the callbacks, and they remember it.
            Some(_) => Flow::Continue,
            None => run
                .callbacks
                .tell(self, |callback, run| callback.on_epoch_begin(epoch, run))?,
        };
        let done = match flow {
            Flow::Continue => self.epoch(run)?,
            Flow::StopEpoch | Flow::StopTraining => 0,
        };
        let validated = self.validate(run)?;
        let FitRun {
            callbacks, logs, ..
        } = run;
        logs.end_epoch(validated);
        callbacks.tell(self, |callback, run| {
            callback.on_epoch_end(epoch, &mut logs.epoch, run)
        })?;
        run.history.push(epoch, logs.epoch.entries());
        let entries = run.logs.epoch.entries();
        run.callbacks.bar.finish(done, entries, Instant::now());
        run.epoch += 1;
        run.done = None;
        self.answer_requests(run)
    }

    /// Trains on the next batches of the pass, on as many as an epoch has or as are left of it; returns the
    /// number of batches of the epoch.
    fn epoch(&mut self, run: &mut FitRun<'_>) -> Result<usize> {
        let mut done = match run.done {
            Some(done) => done,
            None => {
                if let Some(trackers) = &self.compiled()?.trackers {
                    trackers.reset()?;
                }
                run.feeds.begin_epoch()?;
                0
            }
        };
        while run.steps.is_none_or(|steps| done < steps) && run.feeds.training.has_next()? {
            let flow = run.callbacks.tell(self, |callback, run| {
                callback.on_train_batch_begin(done, run)
            })?;
            if flow != Flow::Continue {
                break;
            }
            let Some(outputs) = run.feeds.training.next(self)? else {
                break;
            };
            let logs = &mut run.logs;
            logs.steps.read(outputs);
            let entries = logs.steps.logs.entries();
            run.callbacks.bar.update(done + 1, entries, Instant::now());
            let flow = run.callbacks.tell(self, |callback, run| {
                callback.on_train_batch_end(done, &logs.steps.logs, run)
            })?;
            done += 1;
            if flow != Flow::Continue {
                break;
            }
            run.done = Some(done);
            self.answer_requests(run)?;
        }
        run.feeds.end_epoch(done);
        Ok(done)
    }

    /// Validates if it is this epoch's turn; tells whether it was.
    fn validate(&mut self, run: &mut FitRun<'_>) -> Result<bool> {
        let its_turn = run.feeds.validation_freq.is_due_after(run.epoch);
        let Some(feed) = run.feeds.validation.as_mut().filter(|_| its_turn) else {
            return Ok(false);
        };
        let steps = run.feeds.validation_steps;
        let (callbacks, logs) = (&mut run.callbacks, &mut run.logs.validation);
        let done = self.test(&mut **feed, steps, callbacks, logs, |_, _, _, _| {})?;
        run.feeds.end_validation(done);
        Ok(true)
    }
}

/// Fails for a dataset without end where no number of steps is given.
pub(super) fn ends(
    cardinality: Cardinality,
    steps: Option<usize>,
    caller: &str,
    option: &str,
) -> Result<()> {
    match (cardinality, steps) {
        (Cardinality::Infinite, None) => Err(Error::invalid_argument(
            caller,
            format!("{option} for a dataset without end"),
            "none",
            "Set it, or repeat the dataset fewer times",
        )),
        _ => Ok(()),
    }
}

/// The rows before the validation and those of it: the last share, rounded so that training gets the floor
/// of what is left, as in Keras.
fn split(samples: Samples, share: f64) -> Result<(Samples, Samples)> {
    let rows = samples.rows();
    let at = (rows as f64 * (1.0 - share)).floor() as usize;
    if at == 0 || at == rows {
        return Err(Error::data(
            "fit: validation_split",
            "at least one row to train on and one to validate on",
            format!("a share of {share} of {rows} rows"),
            "Use more data or another share",
        ));
    }
    Ok(samples.split(at))
}
