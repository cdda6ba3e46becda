//! Evaluates a model with the averages of its weights.

use hornblende_core::{Error, Result};

use super::entry::Entry;
use crate::config::Config;
use crate::training::{Callback, CallbackState, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "SwapEMAWeights",
    from_config: |config| {
        config.only("SwapEMAWeights", &["swap_on_epoch"])?;
        let swap = config.flag("swap_on_epoch")?.unwrap_or(false);
        Ok(Box::new(SwapEMAWeights::new().swap_on_epoch(swap)))
    },
};

/// Exchanges the weights and their moving averages before each evaluation, and back after it.
///
/// The optimizer must be made with `use_ema(true)`. With [`SwapEMAWeights::swap_on_epoch`] the averages are
/// in the model at the end of each epoch as well, so that a checkpoint that is written there has them; put
/// this callback before the one that writes.
///
/// # Errors
/// [`Error::InvalidArgument`] if the optimizer keeps no averages.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().optimizer(SGD::new().use_ema(true)).loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32], [1.0]]), Tensor::from([[1.0f32], [3.0]]));
/// let options = Fit::new().verbose(0).validation_data((&x, &y));
/// model.fit((&x, &y), options.callbacks(SwapEMAWeights::new()))?;
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.SwapEMAWeights`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SwapEMAWeights {
    swap_on_epoch: bool,
    averages_in_model: bool,
}

impl SwapEMAWeights {
    /// Swaps around evaluations and predictions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the averages are in the model at the end of each epoch too. Default: no.
    #[must_use]
    pub fn swap_on_epoch(mut self, swap: bool) -> Self {
        self.swap_on_epoch = swap;
        self
    }

    /// Sees to it that the averages are in the model, or that they are not.
    fn put(&mut self, averages: bool, run: &Run<'_>) -> Result<Flow> {
        if self.averages_in_model == averages {
            return Ok(Flow::Continue);
        }
        let pairs = run.optimizer()?.moving_averages();
        if pairs.is_empty() {
            return Err(Error::invalid_argument(
                "SwapEMAWeights",
                "an optimizer that keeps moving averages and has been used",
                "one without",
                "Make the optimizer with use_ema(true)",
            ));
        }
        for (variable, average) in pairs {
            let value = variable.value();
            variable.set(average.value())?;
            average.set(value)?;
        }
        self.averages_in_model = averages;
        Ok(Flow::Continue)
    }
}

impl Callback for SwapEMAWeights {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_state(&self) -> CallbackState {
        Config::new()
            .with("averages_in_model", self.averages_in_model)
            .into()
    }

    fn set_state(&mut self, state: &CallbackState) -> Result<()> {
        self.averages_in_model = state.config.flag("averages_in_model")?.unwrap_or(false);
        Ok(())
    }

    fn on_epoch_begin(&mut self, _epoch: usize, run: &mut Run<'_>) -> Result<Flow> {
        self.put(false, run)
    }

    fn on_epoch_end(&mut self, epoch: usize, _: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        if !self.swap_on_epoch {
            return Ok(Flow::Continue);
        }
        self.put(true, run)?;
        if epoch + 1 == run.epochs() {
            // The end of `fit` puts the averages into the weights, which must not undo the exchange.
            for (variable, average) in run.optimizer()?.moving_averages() {
                average.set(variable.value())?;
            }
        }
        Ok(Flow::Continue)
    }

    fn on_test_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        self.put(true, run)
    }

    fn on_test_end(&mut self, _: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        self.put(false, run)
    }

    fn on_predict_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        self.put(true, run)
    }

    fn on_predict_end(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        self.put(false, run)
    }
}
