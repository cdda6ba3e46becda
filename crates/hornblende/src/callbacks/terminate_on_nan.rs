//! Ends a training whose loss is no number any more.

use hornblende_core::{Error, Result};

use super::entry::Entry;
use super::python_number::repr;
use crate::training::{Callback, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "TerminateOnNaN",
    from_config: |config| {
        config.only("TerminateOnNaN", &["raise_error"])?;
        let fails = config.flag("raise_error")?.unwrap_or(false);
        Ok(Box::new(TerminateOnNaN::new().raise_error(fails)))
    },
};

/// Ends a training at the first batch after which the loss is NaN or infinite.
///
/// The loss is that of the epoch so far, so one bad batch is enough.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32], [1.0]]), Tensor::from([[f32::NAN], [3.0]]));
/// let options = Fit::new().epochs(9).verbose(0).callbacks(TerminateOnNaN::new());
/// assert_eq!(model.fit((&x, &y), options)?.epoch.len(), 1);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.TerminateOnNaN`.
#[derive(Debug, Clone, Copy, Default)]
pub struct TerminateOnNaN {
    raise_error: bool,
}

impl TerminateOnNaN {
    /// Ends the training and says so.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether `fit` returns an error instead of a history that ends early. Default: no.
    #[must_use]
    pub fn raise_error(mut self, raise_error: bool) -> Self {
        self.raise_error = raise_error;
        self
    }
}

impl Callback for TerminateOnNaN {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        let Some(loss) = logs.get("loss").filter(|loss| !loss.is_finite()) else {
            return Ok(Flow::Continue);
        };
        if self.raise_error {
            return Err(Error::data(
                "TerminateOnNaN",
                "a finite loss",
                format!("{} at batch {batch}", repr(loss)),
                "Look for NaN in the data, or lower the learning rate",
            ));
        }
        run.print(&format!(
            "Batch {batch}: Invalid loss, terminating training"
        ));
        Ok(Flow::StopTraining)
    }
}
