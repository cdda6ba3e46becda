//! `fit`: training for several epochs.

use std::panic::Location;
use std::time::Instant;

use hornblende_core::{Error, Result};

use super::class_weights;
use super::logs::Logs;
use super::order::{Order, Rows};
use super::samples::Samples;
use super::session::{Course, Session};
use super::step::Purpose;
use super::{Data, Fit, History, IntoData, ProgressBar};
use crate::models::Model;

impl Model {
    /// Trains the model: goes through the data [`Fit::epochs`] times in batches.
    ///
    /// The loss that is logged is the mean over all samples of the epoch so far, each taken before the update
    /// that its batch makes; regularization losses are in it. The last, shorter batch is used too.
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
    pub fn fit(&mut self, data: impl IntoData, options: Fit) -> Result<History> {
        let location = Location::caller();
        let mut session = Session::open(self, "fit", location);
        let history = session.fit(data.into_data(), options);
        history.map_err(|error| error.at(location))
    }
}

/// Samples and the steps through them.
struct Part {
    samples: Samples,
    course: Course,
}

impl Session<'_> {
    fn fit(&mut self, data: Data, mut options: Fit) -> Result<History> {
        self.compiled()?;
        options.check()?;
        let (training, validation) = self.fit_samples(data, &mut options)?;
        let course = self.course(Purpose::Train, &training, options.batch_size)?;
        let training = Part {
            samples: training,
            course,
        };
        let batch_size = options.validation_batch_size.unwrap_or(options.batch_size);
        let validation = match validation {
            Some(samples) => {
                self.caller = "fit: validation data";
                let course = self.course(Purpose::Test, &samples, batch_size)?;
                self.caller = "fit";
                Some(Part { samples, course })
            }
            None => None,
        };
        let history = self.epochs(&training, validation.as_ref(), options)?;
        let compiled = self.compiled()?;
        let trained = compiled.trained.clone().unwrap_or_default();
        compiled.optimizer.finalize_variable_values(&trained)?;
        Ok(history)
    }

    /// The samples to train on and those to validate on.
    fn fit_samples(
        &mut self,
        mut data: Data,
        options: &mut Fit,
    ) -> Result<(Samples, Option<Samples>)> {
        if let Some(weights) = options.sample_weight.take() {
            data.sample_weight = Some(weights);
        }
        let signature = self.signature(&data.x)?;
        if options.class_weight.is_some() {
            self.check_class_weight(&data, signature.outputs.len())?;
        }
        let samples = Samples::of_data(self.caller, data, &signature)?;
        let (mut training, mut validation) = if options.validation_split > 0.0 {
            let (training, validation) = split(samples, options.validation_split)?;
            (training, Some(validation))
        } else {
            (samples, None)
        };
        if let Some(given) = options.validation_data.take() {
            validation = Some(Samples::of_data("fit: validation data", given, &signature)?);
        }
        if let Some(class_weight) = &options.class_weight {
            training = self.with_class_weight(training, class_weight)?;
        }
        Ok((training, validation))
    }

    fn check_class_weight(&self, data: &Data, outputs: usize) -> Result<()> {
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

    fn with_class_weight(&self, samples: Samples, weights: &[(usize, f64)]) -> Result<Samples> {
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

    fn epochs(
        &mut self,
        training: &Part,
        validation: Option<&Part>,
        options: Fit,
    ) -> Result<History> {
        let steps = training.course.steps();
        let steps = options
            .steps_per_epoch
            .map_or(steps, |limit| limit.min(steps));
        let mut history = History::new(options.epochs, steps);
        let mut logs = self.logs(options.console.style, validation.is_some())?;
        let shows = options.console.verbose != super::Verbose::Silent;
        let mut bar = options.console.bar(steps);
        let mut order = Order::new(training.course.rows, options.shuffle);
        for epoch in options.initial_epoch..options.epochs {
            bar.begin_epoch(epoch + 1, options.epochs, Instant::now());
            let done = self.epoch(
                training,
                &mut order,
                steps,
                &mut logs,
                shows.then_some(&mut bar),
            )?;
            let validated = (epoch + 1).is_multiple_of(options.validation_freq);
            let entries = match validation.filter(|_| validated) {
                Some(part) => {
                    self.validate(part, options.validation_steps, &mut logs)?;
                    logs.all()
                }
                None => logs.training(),
            };
            history.push(epoch, entries);
            bar.finish(done, entries, Instant::now());
        }
        Ok(history)
    }

    /// Trains on the next `steps` batches of the pass, or on as many as are left of it.
    fn epoch(
        &mut self,
        training: &Part,
        order: &mut Order,
        steps: usize,
        logs: &mut Logs,
        mut bar: Option<&mut ProgressBar>,
    ) -> Result<usize> {
        let compiled = self.compiled()?;
        if let Some(trackers) = &compiled.trackers {
            trackers.reset()?;
        }
        if order.left() == 0 {
            order.restart();
        }
        let mut done = 0;
        while done < steps && order.left() > 0 {
            let (step, count) = training.course.next(order.left());
            let step = &mut compiled.steps[step];
            let outputs = match order.take(count) {
                Rows::From(first) => step.run_range(&training.samples, first)?,
                Rows::These(rows) => step.run_rows(&training.samples, rows)?,
            };
            done += 1;
            if let Some(bar) = &mut bar {
                logs.read(outputs);
                bar.update(done, logs.training(), Instant::now());
            } else if done == steps || order.left() == 0 {
                logs.read(outputs);
            }
        }
        Ok(done)
    }

    fn validate(&mut self, part: &Part, limit: Option<usize>, logs: &mut Logs) -> Result<()> {
        self.test(&part.samples, part.course, limit, |_, outputs, is_last| {
            if is_last {
                logs.read_validation(outputs);
            }
        })
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
