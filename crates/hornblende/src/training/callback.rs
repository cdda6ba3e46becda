//! What a callback is.

use hornblende_core::Result;

use super::{CallbackState, Logs, Run};

/// What a run does after a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Flow {
    /// It goes on.
    #[default]
    Continue,
    /// No more batches in this epoch (or in this evaluation or prediction); validation and the hooks of the end
    /// of the epoch still run.
    StopEpoch,
    /// As [`Flow::StopEpoch`], and no epoch follows: Keras's `model.stop_training = True`.
    StopTraining,
}

/// Something that is told of every stage of `fit`, `evaluate` and `predict`, and may change or end the run.
///
/// Implement the hooks that are needed; the others do nothing. A hook may call every method of
/// [`Run::model`], `evaluate`, `predict` and `save` among them. An error ends the run and is returned by
/// `fit`; the hooks of its end are not called then.
///
/// Hand it over by value, or as `&mut callback` to look at it afterwards.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
///
/// /// Stops as soon as the loss is small enough.
/// struct StopBelow(f64);
///
/// impl Callback for StopBelow {
///     fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _run: &mut Run) -> Result<Flow> {
///         let loss = logs.get("loss").unwrap_or(f64::NAN);
///         Ok(if loss < self.0 { Flow::StopTraining } else { Flow::Continue })
///     }
/// }
///
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().optimizer(SGD::new().learning_rate(0.1)).loss("mse"))?;
/// let x = Tensor::from([[0.0f32], [1.0]]);
/// let options = Fit::new().epochs(1000).verbose(0).callbacks(StopBelow(1e-3));
/// let history = model.fit((&x, &x), options)?;
/// assert!(history.epoch.len() < 1000);
/// # Ok::<(), Error>(())
/// ```
#[expect(unused_variables, reason = "the default hooks look at nothing")]
pub trait Callback {
    /// The class name, such as `EarlyStopping`; a checkpoint keeps states by it.
    fn class_name(&self) -> &'static str {
        "Callback"
    }

    /// What the callback remembers: a checkpoint keeps it, so that a resumed run goes on as if it had never
    /// ended. Nothing unless written.
    fn get_state(&self) -> CallbackState {
        CallbackState::default()
    }

    /// Takes over what [`Callback::get_state`] gave. Called between `on_train_begin` and the first epoch.
    ///
    /// # Errors
    /// If the state is none of this callback's.
    fn set_state(&mut self, state: &CallbackState) -> Result<()> {
        Ok(())
    }

    /// Before the first epoch of `fit`.
    ///
    /// # Errors
    /// An error ends the run; this holds for every hook.
    fn on_train_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// After the last epoch of `fit`, with the logs of that epoch.
    fn on_train_end(&mut self, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// Before an epoch, counted from 0.
    fn on_epoch_begin(&mut self, epoch: usize, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// After an epoch and its validation. What is set in the logs goes into the history and is shown.
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// Before a batch of training, counted from 0 in each epoch.
    fn on_train_batch_begin(&mut self, batch: usize, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// After a batch of training, with the loss and the metrics of the epoch so far.
    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// Before an evaluation, also before the validation of an epoch.
    fn on_test_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// After an evaluation, with its loss and metrics.
    fn on_test_end(&mut self, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// Before a batch of an evaluation.
    fn on_test_batch_begin(&mut self, batch: usize, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// After a batch of an evaluation, with the loss and the metrics so far.
    fn on_test_batch_end(&mut self, batch: usize, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// Before a prediction.
    fn on_predict_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// After a prediction.
    fn on_predict_end(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// Before a batch of a prediction.
    fn on_predict_batch_begin(&mut self, batch: usize, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }

    /// After a batch of a prediction.
    fn on_predict_batch_end(&mut self, batch: usize, run: &mut Run<'_>) -> Result<Flow> {
        Ok(Flow::Continue)
    }
}

/// Hands every hook on to what the pointer points to.
macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<C: Callback + ?Sized> Callback for $pointer {
            fn class_name(&self) -> &'static str {
                (**self).class_name()
            }
            fn get_state(&self) -> CallbackState {
                (**self).get_state()
            }
            fn set_state(&mut self, state: &CallbackState) -> Result<()> {
                (**self).set_state(state)
            }
            fn on_train_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_train_begin(run)
            }
            fn on_train_end(&mut self, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_train_end(logs, run)
            }
            fn on_epoch_begin(&mut self, epoch: usize, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_epoch_begin(epoch, run)
            }
            fn on_epoch_end(
                &mut self,
                epoch: usize,
                logs: &mut Logs,
                run: &mut Run<'_>,
            ) -> Result<Flow> {
                (**self).on_epoch_end(epoch, logs, run)
            }
            fn on_train_batch_begin(&mut self, batch: usize, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_train_batch_begin(batch, run)
            }
            fn on_train_batch_end(
                &mut self,
                batch: usize,
                logs: &Logs,
                run: &mut Run<'_>,
            ) -> Result<Flow> {
                (**self).on_train_batch_end(batch, logs, run)
            }
            fn on_test_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_test_begin(run)
            }
            fn on_test_end(&mut self, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_test_end(logs, run)
            }
            fn on_test_batch_begin(&mut self, batch: usize, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_test_batch_begin(batch, run)
            }
            fn on_test_batch_end(
                &mut self,
                batch: usize,
                logs: &Logs,
                run: &mut Run<'_>,
            ) -> Result<Flow> {
                (**self).on_test_batch_end(batch, logs, run)
            }
            fn on_predict_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_predict_begin(run)
            }
            fn on_predict_end(&mut self, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_predict_end(run)
            }
            fn on_predict_batch_begin(&mut self, batch: usize, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_predict_batch_begin(batch, run)
            }
            fn on_predict_batch_end(&mut self, batch: usize, run: &mut Run<'_>) -> Result<Flow> {
                (**self).on_predict_batch_end(batch, run)
            }
        }
    )*};
}
forward!(&mut C, Box<C>);
