//! A step of one's own.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::StepScene;
use crate::metrics::Metric;

/// What a step logs: names and scalars.
pub type StepLogs = Vec<(String, Tensor)>;

/// What one step of training and of testing does: the `train_step` and `test_step` that a Keras model overrides.
///
/// The step is traced once for each size of batch and becomes one program, as the built-in one does. What it returns
/// is logged as it is: return a metric's `result()` for a mean over the epoch.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// use std::sync::Arc;
///
/// /// Logs the norm of the gradients beside loss and metrics.
/// struct WithNorm {
///     norm: Arc<Mean>,
/// }
///
/// impl TrainStep for WithNorm {
///     fn train_step(&self, step: &StepScene<'_>) -> Result<StepLogs> {
///         let y_pred = step.forward(step.x())?;
///         let loss = step.compute_loss(&y_pred)?;
///         let gradients = GradientTape::new().gradient(&loss, step.trainable_variables());
///         let squares = gradients.iter().flatten().map(|g| g.square().sum(..));
///         let norm = squares.reduce(|a, b| a + b).expect("a gradient").sqrt();
///         step.apply_gradients(gradients)?;
///         self.norm.update_state(&norm, None)?;
///         let mut logs = step.compute_metrics(&y_pred)?;
///         logs.push(("norm".to_owned(), self.norm.result()));
///         Ok(logs)
///     }
///     fn metrics(&self) -> Vec<Arc<dyn Metric>> {
///         vec![self.norm.clone()]
///     }
/// }
///
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([2]));
/// let step = WithNorm { norm: Arc::new(Mean::new()) };
/// model.compile(Compile::new().optimizer("sgd").loss("mse").metrics(["mae"]).train_step(step))?;
/// let (x, y) = (Tensor::ones([8, 2], DType::F32), Tensor::zeros([8, 1], DType::F32));
/// let history = model.fit((&x, &y), Fit::new().batch_size(4).epochs(2).verbose(0))?;
/// assert!(history["norm"][1] < history["norm"][0]);
/// assert!(history["mae"][1] < history["mae"][0]);
/// # Ok::<(), Error>(())
/// ```
pub trait TrainStep: Send + Sync {
    /// One step of training. By default what `fit` does anyway.
    ///
    /// # Errors
    /// What `fit` is to return.
    fn train_step(&self, step: &StepScene<'_>) -> Result<StepLogs> {
        let y_pred = step.forward(step.x())?;
        let loss = step.compute_loss(&y_pred)?;
        step.minimize(&loss)?;
        step.compute_metrics(&y_pred)
    }

    /// One step of testing, which must log the same names. By default what `evaluate` does anyway.
    ///
    /// # Errors
    /// What `evaluate` is to return.
    fn test_step(&self, step: &StepScene<'_>) -> Result<StepLogs> {
        let y_pred = step.forward(step.x())?;
        step.compute_loss(&y_pred)?;
        step.compute_metrics(&y_pred)
    }

    /// The metrics that the step keeps itself; they are reset when an epoch begins.
    fn metrics(&self) -> Vec<Arc<dyn Metric>> {
        Vec::new()
    }
}
