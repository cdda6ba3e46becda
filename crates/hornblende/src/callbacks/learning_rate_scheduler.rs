//! Sets the learning rate of each epoch.

use hornblende_core::{Error, Result};

use super::entry::{Entry, needs_code};
use super::python_number::repr;
use crate::training::{Callback, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "LearningRateScheduler",
    from_config: |_| Err(needs_code(ENTRY.class_name)),
};

/// Sets the learning rate before each epoch to what a closure of the epoch (counted from 0) and the learning
/// rate so far gives. It is logged as `learning_rate`.
///
/// # Errors
/// In `fit`: if the optimizer's learning rate is a schedule, or if the closure gives a number that is negative
/// or not finite.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().optimizer(SGD::new().learning_rate(0.5)).loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32], [1.0]]), Tensor::from([[1.0f32], [3.0]]));
/// let halved = LearningRateScheduler::new(|epoch, lr| if epoch < 2 { lr } else { lr * 0.5 });
/// let history = model.fit((&x, &y), Fit::new().epochs(4).verbose(0).callbacks(halved))?;
/// assert_eq!(history["learning_rate"], [0.5, 0.5, 0.25, 0.125]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.LearningRateScheduler`, whose schedule may also be a function of the epoch alone.
pub struct LearningRateScheduler {
    schedule: Box<dyn FnMut(usize, f64) -> f64>,
    verbose: bool,
}

impl LearningRateScheduler {
    /// A scheduler that follows this closure of epoch and learning rate.
    #[must_use]
    pub fn new(schedule: impl FnMut(usize, f64) -> f64 + 'static) -> Self {
        Self {
            schedule: Box::new(schedule),
            verbose: false,
        }
    }

    /// Whether to print the learning rate of each epoch. Default: no.
    #[must_use]
    pub fn verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }
}

impl Callback for LearningRateScheduler {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn on_epoch_begin(&mut self, epoch: usize, run: &mut Run<'_>) -> Result<Flow> {
        let optimizer = run.optimizer()?;
        let rate = f64::from(optimizer.learning_rate().item::<f32>()?);
        let rate = (self.schedule)(epoch, rate);
        if !(rate.is_finite() && rate >= 0.0) {
            return Err(Error::invalid_argument(
                "LearningRateScheduler",
                "a schedule that gives finite numbers of at least 0",
                format!("{} at epoch {epoch}", repr(rate)),
                "",
            ));
        }
        optimizer.set_learning_rate(rate)?;
        if self.verbose {
            run.print(&format!(
                "Epoch {}: LearningRateScheduler setting learning rate to {}.",
                epoch + 1,
                repr(rate)
            ));
        }
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        let rate = run.optimizer()?.learning_rate().item::<f32>()?;
        logs.set("learning_rate", rate.into());
        Ok(Flow::Continue)
    }
}
