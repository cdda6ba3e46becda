//! Lowers the learning rate where progress has ended.

use hornblende_core::{Error, Result};

use super::entry::Entry;
use super::monitor::{Monitor, monitor_options};
use super::python_number::repr;
use crate::config::Config;
use crate::training::{Callback, CallbackState, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "ReduceLROnPlateau",
    from_config: |config| Ok(Box::new(ReduceLROnPlateau::from_config(config)?)),
};

/// Multiplies the learning rate by [`ReduceLROnPlateau::factor`] when a monitored number has not improved for
/// [`ReduceLROnPlateau::patience`] epochs, but not below [`ReduceLROnPlateau::min_lr`].
///
/// The learning rate of each epoch is logged as `learning_rate`.
///
/// # Errors
/// In `fit`: if the optimizer's learning rate is a schedule, or for a factor of 1 or more.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().optimizer(SGD::new().learning_rate(1e-9)).loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32], [1.0]]), Tensor::from([[1.0f32], [3.0]]));
/// let reduce = ReduceLROnPlateau::new().monitor("loss").factor(0.5).patience(2);
/// let history = model.fit((&x, &y), Fit::new().epochs(4).verbose(0).callbacks(reduce))?;
/// let rates: Vec<f32> = history["learning_rate"].iter().map(|x| *x as f32).collect();
/// assert_eq!(rates, [1e-9, 1e-9, 1e-9, 5e-10]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.ReduceLROnPlateau`.
#[derive(Debug, Clone)]
pub struct ReduceLROnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    verbose: bool,
    cooldown: usize,
    min_lr: f64,
    wait: usize,
    cooldown_counter: usize,
}

monitor_options!(ReduceLROnPlateau);

impl ReduceLROnPlateau {
    /// Watches `val_loss` and divides the learning rate by 10 after 10 epochs.
    #[must_use]
    pub fn new() -> Self {
        let mut monitor = Monitor::new(ENTRY.class_name);
        monitor.min_delta = 1e-4;
        Self {
            monitor,
            factor: 0.1,
            patience: 10,
            verbose: false,
            cooldown: 0,
            min_lr: 0.0,
            wait: 0,
            cooldown_counter: 0,
        }
    }

    /// What the learning rate is multiplied by, below 1. Default: 0.1.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// After how many epochs without improvement to lower it. Default: 10.
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// Whether to print each change. Default: no.
    #[must_use]
    pub fn verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    /// The least change that counts as an improvement. Default: 1e-4.
    #[must_use]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        self.monitor.min_delta = min_delta;
        self
    }

    /// For how many epochs after a change nothing is waited for. Default: 0.
    #[must_use]
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }

    /// The least learning rate. Default: 0.
    #[must_use]
    pub fn min_lr(mut self, min_lr: f64) -> Self {
        self.min_lr = min_lr;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = [
            "monitor",
            "factor",
            "patience",
            "verbose",
            "mode",
            "min_delta",
            "cooldown",
            "min_lr",
        ];
        config.only(ENTRY.class_name, &known)?;
        let mut reduce = Self::new();
        reduce.monitor.read(config)?;
        reduce.factor = config.number("factor")?.unwrap_or(reduce.factor);
        reduce.patience = config.size("patience")?.unwrap_or(reduce.patience);
        reduce.verbose = config.size("verbose")?.unwrap_or(0) > 0;
        reduce.cooldown = config.size("cooldown")?.unwrap_or(0);
        reduce.min_lr = config.number("min_lr")?.unwrap_or(0.0);
        reduce.check()?;
        Ok(reduce)
    }

    fn check(&self) -> Result<()> {
        self.monitor.check()?;
        if self.factor < 1.0 {
            return Ok(());
        }
        Err(Error::invalid_argument(
            "ReduceLROnPlateau: factor",
            "a number below 1",
            self.factor.to_string(),
            "",
        ))
    }

    /// Lowers the learning rate if it is above the least one.
    fn lower(&mut self, epoch: usize, rate: f64, run: &mut Run<'_>) -> Result<()> {
        if rate <= f64::from(self.min_lr as f32) {
            return Ok(());
        }
        let lowered = (rate * self.factor).max(self.min_lr);
        run.optimizer()?.set_learning_rate(lowered)?;
        if self.verbose {
            run.print(&format!(
                "Epoch {}: ReduceLROnPlateau reducing learning rate to {}.",
                epoch + 1,
                repr(lowered)
            ));
        }
        self.cooldown_counter = self.cooldown;
        self.wait = 0;
        Ok(())
    }
}

impl Default for ReduceLROnPlateau {
    fn default() -> Self {
        Self::new()
    }
}

impl Callback for ReduceLROnPlateau {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_state(&self) -> CallbackState {
        let config = Config::new()
            .with("wait", self.wait)
            .with("cooldown_counter", self.cooldown_counter);
        self.monitor.add_to(config).into()
    }

    fn set_state(&mut self, state: &CallbackState) -> Result<()> {
        self.wait = state.config.size("wait")?.unwrap_or(0);
        self.cooldown_counter = state.config.size("cooldown_counter")?.unwrap_or(0);
        self.monitor.restore(state)
    }

    fn on_train_begin(&mut self, _run: &mut Run<'_>) -> Result<Flow> {
        self.check()?;
        self.monitor.reset();
        (self.wait, self.cooldown_counter) = (0, 0);
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        self.monitor.resolve(run)?;
        let rate = f64::from(run.optimizer()?.learning_rate().item::<f32>()?);
        logs.set("learning_rate", rate);
        let Some(value) = self.monitor.value(logs, run) else {
            return Ok(Flow::Continue);
        };
        if self.cooldown_counter > 0 {
            self.cooldown_counter -= 1;
            self.wait = 0;
        }
        if self.monitor.improves(value, self.monitor.best) {
            self.monitor.best = Some(value);
            self.wait = 0;
        } else if self.cooldown_counter == 0 {
            self.wait += 1;
            if self.wait >= self.patience {
                self.lower(epoch, rate, run)?;
            }
        }
        Ok(Flow::Continue)
    }
}
