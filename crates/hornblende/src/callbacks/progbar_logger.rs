//! The progress line, as a callback.

use std::time::Instant;

use hornblende_core::Result;

use super::entry::Entry;
use crate::terminal::Terminal;
use crate::training::{Callback, Flow, Logs, ProgressBar, Run, Verbose};

pub(super) const ENTRY: Entry = Entry {
    class_name: "ProgbarLogger",
    from_config: |config| {
        config.only("ProgbarLogger", &[])?;
        Ok(Box::new(ProgbarLogger::new()))
    },
};

/// Shows a progress bar on standard output, as `fit` does itself unless it is told `verbose(0)`.
///
/// There is a use for it with `verbose(0)`, where the place in the order of the callbacks matters, or in a
/// loop of one's own that calls hooks by hand.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32], [1.0]]), Tensor::from([[1.0f32], [3.0]]));
/// model.fit((&x, &y), Fit::new().verbose(0).callbacks(ProgbarLogger::new()))?;
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.ProgbarLogger`.
#[derive(Default)]
pub struct ProgbarLogger {
    bar: Option<ProgressBar>,
    done: usize,
}

impl ProgbarLogger {
    /// A bar on standard output.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Callback for ProgbarLogger {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn on_epoch_begin(&mut self, epoch: usize, run: &mut Run<'_>) -> Result<Flow> {
        let new = || ProgressBar::new(run.steps(), Verbose::Bar, Terminal::stdout());
        let bar = self.bar.get_or_insert_with(new);
        bar.begin_epoch(epoch + 1, run.epochs(), Instant::now());
        self.done = 0;
        Ok(Flow::Continue)
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, _: &mut Run<'_>) -> Result<Flow> {
        self.done = batch + 1;
        if let Some(bar) = &mut self.bar {
            bar.update(self.done, logs.entries(), Instant::now());
        }
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, _: &mut Run<'_>) -> Result<Flow> {
        if let Some(bar) = &mut self.bar {
            bar.finish(self.done, logs.entries(), Instant::now());
        }
        Ok(Flow::Continue)
    }
}
