//! Single batches: for loops of one's own.

use std::panic::Location;

use hornblende_core::{Result, Tensor};

use super::logs::number_of;
use super::predict::only;
use super::samples::Samples;
use super::session::Session;
use super::step::Purpose;
use super::{Data, Evaluation, IntoArrays, IntoData};
use crate::models::Model;

impl Model {
    /// Trains on one batch: `(&x, &y)` or `(&x, &y, &sample_weight)`. The results are those of this batch, from
    /// before its update.
    ///
    /// # Errors
    /// As [`Model::fit`].
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let mut model = Sequential::new().add(Dense::new(1).input_shape([2]));
    /// model.compile(Compile::new().loss("mse"))?;
    /// let (x, y) = (Tensor::ones([4, 2], DType::F32), Tensor::zeros([4, 1], DType::F32));
    /// let first = model.train_on_batch((&x, &y))?.loss();
    /// assert!(model.train_on_batch((&x, &y))?.loss() < first);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn train_on_batch(&mut self, data: impl IntoData) -> Result<Evaluation> {
        let location = Location::caller();
        let mut session = Session::open(self, "train_on_batch", location);
        let results = session.on_batch(Purpose::Train, data.into_data());
        results.map_err(|error| error.at(location))
    }

    /// Tests on one batch. The results are those of all batches tested since [`Model::reset_metrics`] or since
    /// other data went through the model, as in Keras.
    ///
    /// # Errors
    /// As [`Model::evaluate`].
    #[track_caller]
    pub fn test_on_batch(&mut self, data: impl IntoData) -> Result<Evaluation> {
        let location = Location::caller();
        let mut session = Session::open(self, "test_on_batch", location);
        let results = session.on_batch(Purpose::Test, data.into_data());
        results.map_err(|error| error.at(location))
    }

    /// What the model makes of one batch.
    ///
    /// # Errors
    /// As [`Model::predict`].
    #[track_caller]
    pub fn predict_on_batch(&mut self, x: impl IntoArrays) -> Result<Tensor> {
        let location = Location::caller();
        let mut session = Session::open(self, "predict_on_batch", location);
        let outputs = session.predict_batch(x);
        outputs.and_then(only).map_err(|error| error.at(location))
    }

    /// As [`Model::predict_on_batch`], for a model of several outputs.
    ///
    /// # Errors
    /// As [`Model::predict_all`].
    #[track_caller]
    pub fn predict_all_on_batch(&mut self, x: impl IntoArrays) -> Result<Vec<Tensor>> {
        let location = Location::caller();
        let mut session = Session::open(self, "predict_all_on_batch", location);
        let outputs = session.predict_batch(x);
        outputs.map_err(|error| error.at(location))
    }

    /// Lets loss and metrics forget the batches so far. `fit` and `evaluate` do so themselves.
    ///
    /// # Errors
    /// What a metric of your own returns.
    #[track_caller]
    pub fn reset_metrics(&mut self) -> Result<()> {
        let location = Location::caller();
        let mut session = Session::open(self, "reset_metrics", location);
        let mut reset = || match &session.compiled()?.trackers {
            Some(trackers) => trackers.reset(),
            None => Ok(()),
        };
        reset().map_err(|error| error.at(location))
    }
}

impl Session<'_> {
    fn on_batch(&mut self, purpose: Purpose, data: Data) -> Result<Evaluation> {
        self.compiled()?;
        let signature = self.signature(&data.x)?;
        let samples = Samples::of_data(self.caller, data, &signature)?;
        let course = self.course(purpose, &samples, samples.rows())?;
        let order = self.evaluation_order()?;
        if let (Purpose::Train, Some(trackers)) = (purpose, &self.compiled()?.trackers) {
            trackers.reset()?;
        }
        let outputs = self.compiled()?.steps[course.whole].run_range(&samples, 0)?;
        let result = |(place, name): (usize, String)| (name, number_of(&outputs[place]));
        Ok(Evaluation::new(order.into_iter().map(result)))
    }

    fn predict_batch(&mut self, x: impl IntoArrays) -> Result<Vec<Tensor>> {
        let x = x.into_arrays();
        let signature = self.signature(&x)?;
        let samples = Samples::of_inputs(self.caller, x, &signature)?;
        let course = self.course(Purpose::Predict, &samples, samples.rows())?;
        let outputs = self.state.predicting[course.whole].run_range(&samples, 0)?;
        Ok(outputs.iter().cloned().map(Tensor::from).collect())
    }
}
