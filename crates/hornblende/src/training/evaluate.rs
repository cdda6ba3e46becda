//! `evaluate`: loss and metrics of a data set.

use std::panic::Location;
use std::time::Instant;

use hornblende_core::{Result, Value};

use super::logs::{Logs, number_of};
use super::samples::Samples;
use super::session::{Course, Session};
use super::step::Purpose;
use super::{Data, Evaluate, Evaluation, IntoData, ProgressStyle};
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
    pub fn evaluate(&mut self, data: impl IntoData, options: Evaluate) -> Result<Evaluation> {
        let location = Location::caller();
        let mut session = Session::open(self, "evaluate", location);
        let results = session.evaluate(data.into_data(), options);
        results.map_err(|error| error.at(location))
    }
}

impl Session<'_> {
    fn evaluate(&mut self, mut data: Data, options: Evaluate) -> Result<Evaluation> {
        self.compiled()?;
        options.check()?;
        if let Some(weights) = options.sample_weight {
            data.sample_weight = Some(weights);
        }
        let signature = self.signature(&data.x)?;
        let samples = Samples::of_data(self.caller, data, &signature)?;
        let course = self.course(Purpose::Test, &samples, options.batch_size)?;
        let steps = course.steps();
        let steps = options.steps.map_or(steps, |limit| limit.min(steps));
        let mut logs = self.logs(options.console.style, false)?;
        let mut bar = options.console.bar(steps);
        bar.start(Instant::now());
        let mut results = None;
        let order = self.evaluation_order()?;
        self.test(&samples, course, Some(steps), |step, outputs, is_last| {
            logs.read(outputs);
            bar.update(step, logs.training(), Instant::now());
            if is_last {
                let result =
                    |(place, name): &(usize, String)| (name.clone(), number_of(&outputs[*place]));
                results = Some(Evaluation::new(order.iter().map(result)));
            }
        })?;
        bar.finish(steps, logs.training(), Instant::now());
        Ok(results.unwrap_or_else(|| Evaluation::new::<String>([])))
    }

    /// The results of the trackers in the order of [`Evaluation`]: their places and names.
    pub(super) fn evaluation_order(&mut self) -> Result<Vec<(usize, String)>> {
        let Some(trackers) = &self.compiled()?.trackers else {
            return Ok(Vec::new());
        };
        let name = |place: &usize| (*place, trackers.names()[*place].to_string());
        Ok(trackers.evaluation_order().iter().map(name).collect())
    }

    /// The buffer for the numbers of a run.
    pub(super) fn logs(&mut self, style: ProgressStyle, validation: bool) -> Result<Logs> {
        let trackers = self.compiled()?.trackers.as_ref();
        Ok(trackers.map_or_else(Logs::default, |t| Logs::new(t, style, validation)))
    }

    /// Runs the test step through the samples, or through the first `limit` batches of them, and tells
    /// `after` the number of each step, its results, and whether it was the last one.
    pub(super) fn test(
        &mut self,
        samples: &Samples,
        course: Course,
        limit: Option<usize>,
        mut after: impl FnMut(usize, &[Value], bool),
    ) -> Result<()> {
        let compiled = self.compiled()?;
        if let Some(trackers) = &compiled.trackers {
            trackers.reset()?;
        }
        let steps = limit.map_or(course.steps(), |limit| limit.min(course.steps()));
        for done in 0..steps {
            let first = done * course.batch;
            let (step, _) = course.next(course.rows - first);
            let outputs = compiled.steps[step].run_range(samples, first)?;
            after(done + 1, outputs, done + 1 == steps);
        }
        Ok(())
    }
}
