//! `compile`: how a model is to be trained.

use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result};

use super::compiled::Compiled;
use super::session::{Session, TrainingState, not_compiled};
use super::{
    IntoLossWeights, IntoLosses, IntoMetricList, IntoMetrics, MetricChoice, PerOutput, TrainStep,
};
use crate::losses::{IntoLoss, Loss};
use crate::models::Model;
use crate::optimizers::{IntoOptimizer, Optimizer};

/// The arguments of [`Model::compile`], with Keras's names and defaults.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let options = Compile::new()
///     .optimizer(RMSprop::new().learning_rate(1e-3))
///     .loss("sparse_categorical_crossentropy")
///     .metrics(["accuracy"]);
/// ```
pub struct Compile {
    optimizer: Option<Arc<dyn Optimizer>>,
    losses: PerOutput<Arc<dyn Loss>>,
    loss_weights: PerOutput<f64>,
    metrics: PerOutput<Vec<MetricChoice>>,
    weighted_metrics: PerOutput<Vec<MetricChoice>>,
    train_step: Option<Arc<dyn TrainStep>>,
    error: Option<Error>,
}

impl Default for Compile {
    fn default() -> Self {
        Self {
            optimizer: None,
            losses: PerOutput::Nothing,
            loss_weights: PerOutput::Nothing,
            metrics: PerOutput::Nothing,
            weighted_metrics: PerOutput::Nothing,
            train_step: None,
            error: None,
        }
    }
}

impl Compile {
    /// The optimizer `"rmsprop"`, no loss, no metrics.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The optimizer: a name such as `"adam"` or a value such as `Adam::new().learning_rate(1e-3)`.
    #[must_use]
    pub fn optimizer(mut self, optimizer: impl IntoOptimizer) -> Self {
        self.optimizer = self.kept(optimizer.into_optimizer());
        self
    }

    /// The loss: a name such as `"mse"`, a value, or a closure `|y_true: &Tensor, y_pred: &Tensor| ..`.
    ///
    /// For a model of several outputs a single loss counts for each of them; an array has one for each
    /// output; an array of pairs such as `[("score", "mse")]` names the outputs. See also
    /// [`Compile::loss_for`].
    #[must_use]
    pub fn loss(mut self, loss: impl IntoLosses) -> Self {
        if let Some(losses) = self.kept(loss.into_losses()) {
            self.losses = losses;
        }
        self
    }

    /// The loss of the output of this name; call it once for each output that has one.
    #[must_use]
    pub fn loss_for(mut self, output: &str, loss: impl IntoLoss) -> Self {
        if let Some(loss) = self.kept(loss.into_loss()) {
            self.losses.set(output.to_owned(), loss);
        }
        self
    }

    /// How much the loss of each output counts in the sum: a number for all of them, an array in the order of the
    /// outputs, or of pairs of name and weight. 1 unless set.
    #[must_use]
    pub fn loss_weights(mut self, weights: impl IntoLossWeights) -> Self {
        self.loss_weights = weights.into_loss_weights();
        self
    }

    /// What else to log: an array of names, values or functions, `["acc", "mse"]`; a tuple where their types
    /// differ, `(AUC::new(), "mse", mean_pred)`. A function of labels and predictions is logged under its own name
    /// as the mean over the samples; a closure is named by a pair, `("error", |y_true: &Tensor, y_pred: &Tensor|
    /// ..)`. A metric of several numbers is logged as their mean.
    ///
    /// `"accuracy"` (also `"acc"`) becomes the accuracy that fits the shapes of labels and predictions. For a
    /// model of several outputs: an array of pairs such as `[("score", ["mae"])]`, a `Vec` of lists in the
    /// order of the outputs, or [`Compile::metrics_for`]. These metrics ignore sample weights and class
    /// weights.
    #[must_use]
    pub fn metrics<K>(mut self, metrics: impl IntoMetrics<K>) -> Self {
        if let Some(metrics) = self.kept(metrics.into_metrics()) {
            self.metrics = metrics;
        }
        self
    }

    /// The metrics of the output of this name.
    #[must_use]
    pub fn metrics_for<K>(mut self, output: &str, metrics: impl IntoMetricList<K>) -> Self {
        if let Some(metrics) = self.kept(metrics.into_metric_list()) {
            self.metrics.set(output.to_owned(), metrics);
        }
        self
    }

    /// Metrics that weight the samples as the loss does.
    #[must_use]
    pub fn weighted_metrics<K>(mut self, metrics: impl IntoMetrics<K>) -> Self {
        if let Some(metrics) = self.kept(metrics.into_metrics()) {
            self.weighted_metrics = metrics;
        }
        self
    }

    /// The weighted metrics of the output of this name.
    #[must_use]
    pub fn weighted_metrics_for<K>(
        mut self,
        output: &str,
        metrics: impl IntoMetricList<K>,
    ) -> Self {
        if let Some(metrics) = self.kept(metrics.into_metric_list()) {
            self.weighted_metrics.set(output.to_owned(), metrics);
        }
        self
    }

    /// What a step does, in place of forward pass, loss, update and metrics: Keras's overridden `train_step` and
    /// `test_step`.
    #[must_use]
    pub fn train_step(mut self, step: impl TrainStep + 'static) -> Self {
        self.train_step = Some(Arc::new(step));
        self
    }

    /// The value, or nothing where there is an error; the first error is kept for `compile` to return.
    fn kept<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    pub(super) fn compiled(self) -> Result<Compiled> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let optimizer = match self.optimizer {
            Some(optimizer) => optimizer,
            None => "rmsprop".into_optimizer()?,
        };
        Ok(Compiled {
            id: Compiled::next_id(),
            optimizer,
            losses: self.losses,
            loss_weights: self.loss_weights,
            metrics: self.metrics,
            weighted_metrics: self.weighted_metrics,
            trackers: None,
            train_step: self.train_step,
            trained: None,
            steps: Vec::new(),
        })
    }
}

impl Model {
    /// Says how the model is to be trained: optimizer, loss, metrics.
    ///
    /// The training step itself is compiled at the first batch, whose shapes it needs. What was compiled
    /// before is replaced; the weights stay.
    ///
    /// # Errors
    /// For a name that nothing has, an argument out of range, or outputs that the model does not have. The
    /// model is then compiled as it was before.
    #[track_caller]
    pub fn compile(&mut self, options: Compile) -> Result<()> {
        let location = Location::caller();
        let compiled = || -> Result<Compiled> {
            let compiled = options.compiled()?;
            if self.is_built() {
                compiled.check(&self.output_names())?;
            }
            Ok(compiled)
        };
        let compiled = compiled().map_err(|error| error.at(location))?;
        self.compile_with(compiled, location);
        Ok(())
    }

    pub(super) fn compile_with(
        &mut self,
        compiled: Compiled,
        location: &'static Location<'static>,
    ) {
        let mut session = Session::open(self, "compile", location);
        session.state.compiled = Some(compiled);
        session.model.optimizer_variables.clear();
    }

    /// The optimizer of the compiled model.
    ///
    /// # Errors
    /// [`Error::NotCompiled`] if there is none.
    pub fn optimizer(&self) -> Result<Arc<dyn Optimizer>> {
        let kept = self.compiled.as_ref();
        let state = kept.and_then(|kept| kept.downcast_ref::<TrainingState>());
        let compiled = state.and_then(|state| state.compiled.as_ref());
        let optimizer = compiled.map(|compiled| Arc::clone(&compiled.optimizer));
        optimizer.ok_or_else(|| not_compiled("optimizer"))
    }
}
