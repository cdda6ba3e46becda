//! A callback made of closures.

use hornblende_core::Result;

use super::entry::{Entry, needs_code};
use crate::training::{Callback, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "LambdaCallback",
    from_config: |_| Err(needs_code(ENTRY.class_name)),
};

type OnBegin<'f> = Option<Box<dyn FnMut(&mut Run<'_>) -> Result<Flow> + 'f>>;
type OnEnd<'f> = Option<Box<dyn FnMut(&Logs, &mut Run<'_>) -> Result<Flow> + 'f>>;
type OnEpochBegin<'f> = Option<Box<dyn FnMut(usize, &mut Run<'_>) -> Result<Flow> + 'f>>;
type OnEpochEnd<'f> = Option<Box<dyn FnMut(usize, &mut Logs, &mut Run<'_>) -> Result<Flow> + 'f>>;
type OnBatchEnd<'f> = Option<Box<dyn FnMut(usize, &Logs, &mut Run<'_>) -> Result<Flow> + 'f>>;

/// A callback made of closures, one for each hook that is of interest.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32], [1.0]]), Tensor::from([[1.0f32], [3.0]]));
/// let mut losses = Vec::new();
/// let collect = LambdaCallback::new().on_epoch_end(|_epoch, logs, _run| {
///     losses.extend(logs.get("loss"));
///     Ok(Flow::Continue)
/// });
/// let history = model.fit((&x, &y), Fit::new().epochs(3).verbose(0).callbacks(collect))?;
/// assert_eq!(history["loss"], losses);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.LambdaCallback`.
#[derive(Default)]
pub struct LambdaCallback<'f> {
    train_begin: OnBegin<'f>,
    train_end: OnEnd<'f>,
    epoch_begin: OnEpochBegin<'f>,
    epoch_end: OnEpochEnd<'f>,
    batch_begin: OnEpochBegin<'f>,
    batch_end: OnBatchEnd<'f>,
}

impl<'f> LambdaCallback<'f> {
    /// A callback that does nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Called before the first epoch.
    #[must_use]
    pub fn on_train_begin(mut self, hook: impl FnMut(&mut Run<'_>) -> Result<Flow> + 'f) -> Self {
        self.train_begin = Some(Box::new(hook));
        self
    }

    /// Called after the last epoch.
    #[must_use]
    pub fn on_train_end(
        mut self,
        hook: impl FnMut(&Logs, &mut Run<'_>) -> Result<Flow> + 'f,
    ) -> Self {
        self.train_end = Some(Box::new(hook));
        self
    }

    /// Called before each epoch.
    #[must_use]
    pub fn on_epoch_begin(
        mut self,
        hook: impl FnMut(usize, &mut Run<'_>) -> Result<Flow> + 'f,
    ) -> Self {
        self.epoch_begin = Some(Box::new(hook));
        self
    }

    /// Called after each epoch.
    #[must_use]
    pub fn on_epoch_end(
        mut self,
        hook: impl FnMut(usize, &mut Logs, &mut Run<'_>) -> Result<Flow> + 'f,
    ) -> Self {
        self.epoch_end = Some(Box::new(hook));
        self
    }

    /// Called before each batch of training; Keras's `on_batch_begin`.
    #[must_use]
    pub fn on_train_batch_begin(
        mut self,
        hook: impl FnMut(usize, &mut Run<'_>) -> Result<Flow> + 'f,
    ) -> Self {
        self.batch_begin = Some(Box::new(hook));
        self
    }

    /// Called after each batch of training; Keras's `on_batch_end`.
    #[must_use]
    pub fn on_train_batch_end(
        mut self,
        hook: impl FnMut(usize, &Logs, &mut Run<'_>) -> Result<Flow> + 'f,
    ) -> Self {
        self.batch_end = Some(Box::new(hook));
        self
    }
}

impl Callback for LambdaCallback<'_> {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn on_train_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        self.train_begin
            .as_mut()
            .map_or(Ok(Flow::Continue), |hook| hook(run))
    }

    fn on_train_end(&mut self, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        let hook = self.train_end.as_mut();
        hook.map_or(Ok(Flow::Continue), |hook| hook(logs, run))
    }

    fn on_epoch_begin(&mut self, epoch: usize, run: &mut Run<'_>) -> Result<Flow> {
        let hook = self.epoch_begin.as_mut();
        hook.map_or(Ok(Flow::Continue), |hook| hook(epoch, run))
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        let hook = self.epoch_end.as_mut();
        hook.map_or(Ok(Flow::Continue), |hook| hook(epoch, logs, run))
    }

    fn on_train_batch_begin(&mut self, batch: usize, run: &mut Run<'_>) -> Result<Flow> {
        let hook = self.batch_begin.as_mut();
        hook.map_or(Ok(Flow::Continue), |hook| hook(batch, run))
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        let hook = self.batch_end.as_mut();
        hook.map_or(Ok(Flow::Continue), |hook| hook(batch, logs, run))
    }
}
