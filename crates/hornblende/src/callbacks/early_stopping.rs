//! Ends a training that no longer gets better.

use hornblende_core::{Result, Tensor, Value};

use super::entry::Entry;
use super::monitor::{Monitor, monitor_options};
use crate::config::Config;
use crate::training::{Callback, CallbackState, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "EarlyStopping",
    from_config: |config| Ok(Box::new(EarlyStopping::from_config(config)?)),
};

/// Ends a training when a monitored number has not improved for [`EarlyStopping::patience`] epochs.
///
/// An epoch improves on the best one if its number is better by more than [`EarlyStopping::min_delta`]. Each
/// epoch that does not counts as waited, and so does one that is worse than [`EarlyStopping::baseline`]. NaN
/// improves on nothing. Where the number is not logged, a warning says so once and nothing is stopped.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().optimizer(SGD::new().learning_rate(0.0)).loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32], [1.0]]), Tensor::from([[1.0f32], [3.0]]));
/// let mut stop = EarlyStopping::new().monitor("loss").patience(2);
/// let history = model.fit((&x, &y), Fit::new().epochs(100).verbose(0).callbacks(&mut stop))?;
/// assert_eq!((history.epoch.len(), stop.stopped_epoch()), (3, 2));
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.EarlyStopping`.
#[derive(Debug, Clone)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    verbose: bool,
    baseline: Option<f64>,
    restore_best_weights: bool,
    start_from_epoch: usize,
    wait: usize,
    best_epoch: usize,
    stopped_epoch: usize,
    best_weights: Vec<Value>,
}

monitor_options!(EarlyStopping);

impl EarlyStopping {
    /// Watches `val_loss` and stops at the first epoch that does not improve it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            monitor: Monitor::new(ENTRY.class_name),
            patience: 0,
            verbose: false,
            baseline: None,
            restore_best_weights: false,
            start_from_epoch: 0,
            wait: 0,
            best_epoch: 0,
            stopped_epoch: 0,
            best_weights: Vec::new(),
        }
    }

    /// After how many epochs without improvement to stop. Default: 0, which stops as 1 does.
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// The least change that counts as an improvement. Default: 0.
    #[must_use]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        self.monitor.min_delta = min_delta;
        self
    }

    /// Whether to print when it stops and what it restores. Default: no.
    #[must_use]
    pub fn verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    /// What the number has to be better than, or the epoch counts as waited. Default: nothing.
    #[must_use]
    pub fn baseline(mut self, baseline: f64) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Whether the model has the weights of its best epoch at the end, also of a training that was not
    /// stopped. Default: no.
    #[must_use]
    pub fn restore_best_weights(mut self, restore: bool) -> Self {
        self.restore_best_weights = restore;
        self
    }

    /// The first epoch, counted from 0, that is looked at. Default: 0.
    #[must_use]
    pub fn start_from_epoch(mut self, epoch: usize) -> Self {
        self.start_from_epoch = epoch;
        self
    }

    /// The epoch, counted from 0, at which it stopped; 0 if it did not.
    #[must_use]
    pub fn stopped_epoch(&self) -> usize {
        self.stopped_epoch
    }

    /// The epoch of the best value so far.
    #[must_use]
    pub fn best_epoch(&self) -> usize {
        self.best_epoch
    }

    /// For how many epochs nothing has improved.
    #[must_use]
    pub fn wait(&self) -> usize {
        self.wait
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = [
            "monitor",
            "min_delta",
            "patience",
            "verbose",
            "mode",
            "baseline",
            "restore_best_weights",
            "start_from_epoch",
        ];
        config.only(ENTRY.class_name, &known)?;
        let mut stop = Self::new();
        stop.monitor.read(config)?;
        stop.patience = config.size("patience")?.unwrap_or(0);
        stop.verbose = config.size("verbose")?.unwrap_or(0) > 0;
        stop.baseline = config.number("baseline")?;
        stop.restore_best_weights = config.flag("restore_best_weights")?.unwrap_or(false);
        stop.start_from_epoch = config.size("start_from_epoch")?.unwrap_or(0);
        Ok(stop)
    }

    fn keep(&mut self, run: &Run<'_>) {
        self.best_weights = run.model.weights().iter().map(|w| w.value()).collect();
    }

    /// Looks at the number of an epoch; true if the training is to end.
    fn look(&mut self, epoch: usize, value: f64, run: &Run<'_>) -> bool {
        if self.restore_best_weights && self.best_weights.is_empty() {
            // If nothing ever improves, the weights of the first epoch are the best there are.
            self.keep(run);
            self.best_epoch = epoch;
        }
        self.wait += 1;
        if self.monitor.improves(value, self.monitor.best) {
            self.monitor.best = Some(value);
            self.best_epoch = epoch;
            if self.restore_best_weights {
                self.keep(run);
            }
            if self.baseline.is_none() || self.monitor.improves(value, self.baseline) {
                self.wait = 0;
            }
            return false;
        }
        let stops = self.wait >= self.patience && epoch > 0;
        if stops {
            self.stopped_epoch = epoch;
        }
        stops
    }
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self::new()
    }
}

impl Callback for EarlyStopping {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_state(&self) -> CallbackState {
        let config = Config::new()
            .with("wait", self.wait)
            .with("best_epoch", self.best_epoch)
            .with("stopped_epoch", self.stopped_epoch);
        CallbackState {
            config: self.monitor.add_to(config),
            arrays: self.best_weights.clone(),
        }
    }

    fn set_state(&mut self, state: &CallbackState) -> Result<()> {
        self.wait = state.config.size("wait")?.unwrap_or(0);
        self.best_epoch = state.config.size("best_epoch")?.unwrap_or(0);
        self.stopped_epoch = state.config.size("stopped_epoch")?.unwrap_or(0);
        self.best_weights.clone_from(&state.arrays);
        self.monitor.restore(state)
    }

    fn on_train_begin(&mut self, _run: &mut Run<'_>) -> Result<Flow> {
        self.monitor.check()?;
        self.monitor.reset();
        (self.wait, self.best_epoch, self.stopped_epoch) = (0, 0, 0);
        self.best_weights.clear();
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        self.monitor.resolve(run)?;
        let value = self.monitor.value(logs, run);
        let Some(value) = value.filter(|_| epoch >= self.start_from_epoch) else {
            return Ok(Flow::Continue);
        };
        Ok(match self.look(epoch, value, run) {
            true => Flow::StopTraining,
            false => Flow::Continue,
        })
    }

    fn on_train_end(&mut self, _logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        if self.stopped_epoch > 0 && self.verbose {
            run.print(&format!("Epoch {}: early stopping", self.stopped_epoch + 1));
        }
        if !self.best_weights.is_empty() {
            if self.verbose {
                let epoch = self.best_epoch + 1;
                run.print(&format!(
                    "Restoring model weights from the end of the best epoch: {epoch}."
                ));
            }
            let weights: Vec<Tensor> = self.best_weights.drain(..).map(Tensor::from).collect();
            run.model.set_weights(&weights)?;
        }
        Ok(Flow::Continue)
    }
}
