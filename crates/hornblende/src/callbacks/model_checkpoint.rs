//! Saves the model while it is trained.

use std::path::Path;

use hornblende_core::{Error, Result};

use super::entry::Entry;
use super::monitor::{Monitor, monitor_options};
use super::path_pattern::PathPattern;
use super::{IntoSaveFreq, SaveFreq};
use crate::config::{Config, Json};
use crate::models::Model;
use crate::training::{Callback, CallbackState, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "ModelCheckpoint",
    from_config: |config| Ok(Box::new(ModelCheckpoint::from_config(config)?)),
};

/// Saves the model, or its weights alone, after each epoch or after so many batches; if asked, only when a
/// monitored number has improved.
///
/// # Arguments
/// `filepath`: a [`PathPattern`] such as `"model-{epoch:02d}-{val_loss:.4f}.keras"`, which must end in
/// `.keras`, or in `.weights.h5` with [`ModelCheckpoint::save_weights_only`]. Missing folders are made. A file
/// is complete or not there: it is written beside its place, then renamed.
///
/// # Errors
/// In `fit`: [`Error::InvalidArgument`] for another ending, [`Error::UnknownName`] for a place in the path that
/// is not logged, [`Error::Io`] if the file cannot be written.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32], [1.0]]), Tensor::from([[1.0f32], [3.0]]));
/// let folder = std::env::temp_dir().join(format!("hornblende-checkpoint-{}", std::process::id()));
/// let path = folder.join("best-{epoch:02d}.keras").display().to_string();
/// let keep = ModelCheckpoint::new(path).monitor("loss").save_best_only(true);
/// model.fit((&x, &y), Fit::new().epochs(1).verbose(0).callbacks(keep))?;
/// assert!(folder.join("best-01.keras").exists());
/// # std::fs::remove_dir_all(&folder).ok();
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.ModelCheckpoint`.
pub struct ModelCheckpoint {
    filepath: PathPattern,
    monitor: Monitor,
    verbose: bool,
    save_best_only: bool,
    save_weights_only: bool,
    save_freq: Result<SaveFreq>,
    epoch: usize,
    batches_since: usize,
    last_batch: Option<usize>,
}

monitor_options!(ModelCheckpoint);

impl ModelCheckpoint {
    /// Saves the whole model after each epoch.
    #[must_use]
    pub fn new(filepath: impl Into<PathPattern>) -> Self {
        Self {
            filepath: filepath.into(),
            monitor: Monitor::new(ENTRY.class_name),
            verbose: false,
            save_best_only: false,
            save_weights_only: false,
            save_freq: Ok(SaveFreq::Epoch),
            epoch: 0,
            batches_since: 0,
            last_batch: None,
        }
    }

    /// Whether to print what is saved. Default: no.
    #[must_use]
    pub fn verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    /// Whether to save only when the monitored number has improved. Default: no.
    #[must_use]
    pub fn save_best_only(mut self, save_best_only: bool) -> Self {
        self.save_best_only = save_best_only;
        self
    }

    /// Whether to save the weights alone. Default: no.
    #[must_use]
    pub fn save_weights_only(mut self, save_weights_only: bool) -> Self {
        self.save_weights_only = save_weights_only;
        self
    }

    /// When to save: `"epoch"`, or after so many batches, counted across epochs. Default: `"epoch"`.
    #[must_use]
    pub fn save_freq(mut self, save_freq: impl IntoSaveFreq) -> Self {
        self.save_freq = save_freq.into_save_freq();
        self
    }

    /// The number that the first saved model has to be better than. Default: none.
    #[must_use]
    pub fn initial_value_threshold(mut self, threshold: f64) -> Self {
        self.monitor.best = Some(threshold);
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = [
            "filepath",
            "monitor",
            "verbose",
            "save_best_only",
            "save_weights_only",
            "mode",
            "save_freq",
            "initial_value_threshold",
        ];
        config.only(ENTRY.class_name, &known)?;
        let mut keep = Self::new(config.text("filepath")?.unwrap_or_default());
        keep.monitor.read(config)?;
        keep.monitor.best = config.number("initial_value_threshold")?;
        keep.verbose = config.size("verbose")?.unwrap_or(0) > 0;
        keep.save_best_only = config.flag("save_best_only")?.unwrap_or(false);
        keep.save_weights_only = config.flag("save_weights_only")?.unwrap_or(false);
        keep.save_freq = SaveFreq::from_config(config);
        keep.check()?;
        Ok(keep)
    }

    fn check(&self) -> Result<()> {
        self.monitor.check()?;
        self.save_freq.clone()?;
        let (ending, fix) = match self.save_weights_only {
            true => (".weights.h5", ""),
            false => (".keras", "Set save_weights_only for the weights alone"),
        };
        if self.filepath.as_str().ends_with(ending) {
            return Ok(());
        }
        Err(Error::invalid_argument(
            "ModelCheckpoint: filepath",
            format!("a path that ends in {ending}"),
            self.filepath.as_str().to_owned(),
            fix,
        ))
    }

    /// Whether a checkpoint is due after this batch.
    fn is_due(&mut self, batch: usize) -> bool {
        let Ok(SaveFreq::Batches(every)) = self.save_freq else {
            return false;
        };
        self.batches_since += match self.last_batch {
            Some(last) if batch > last => batch - last,
            _ => batch + 1,
        };
        self.last_batch = Some(batch);
        let is_due = self.batches_since >= every;
        if is_due {
            self.batches_since = 0;
        }
        is_due
    }

    /// Whether the model of these logs is to be saved; says so if asked.
    fn is_wanted(&mut self, logs: &Logs, path: &Path, run: &mut Run<'_>) -> bool {
        let (epoch, path) = (self.epoch + 1, path.display());
        let name = self.monitor.name.clone();
        let value = match self.save_best_only {
            true => self.monitor.value(logs, run),
            false => None,
        };
        let Some(value) = value else {
            // Rather one file too many than none: what cannot be judged is saved.
            if self.verbose {
                run.print(&format!("Epoch {epoch}: saving model to {path}"));
            }
            return true;
        };
        let best = self.monitor.best;
        let before = best.map_or_else(|| "None".to_owned(), |best| format!("{best:.5}"));
        let improved = self.monitor.improves(value, best);
        if improved {
            self.monitor.best = Some(value);
        }
        if self.verbose {
            run.print(&match improved {
                true => format!(
                    "Epoch {epoch}: {name} improved from {before} to {value:.5}, saving model to {path}"
                ),
                false => format!("Epoch {epoch}: {name} did not improve from {before}"),
            });
        }
        improved
    }

    fn save(&mut self, batch: Option<usize>, logs: &Logs, run: &mut Run<'_>) -> Result<()> {
        let path = self.filepath.path(self.epoch, batch, logs)?;
        if !self.is_wanted(logs, &path, run) {
            return Ok(());
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
            std::fs::create_dir_all(folder).map_err(|error| {
                let subject = format!("ModelCheckpoint: {}", folder.display());
                Error::io(subject, "a folder that can be made", error.to_string(), "")
            })?;
        }
        write(run.model, &path, self.save_weights_only)?;
        if self.verbose {
            let (epoch, path) = (self.epoch + 1, path.display());
            run.print(&format!("Epoch {epoch}: finished saving model to {path}"));
        }
        Ok(())
    }
}

fn write(model: &Model, path: &Path, weights_only: bool) -> Result<()> {
    match weights_only {
        true => model.save_weights(path),
        false => model.save(path),
    }
}

impl Callback for ModelCheckpoint {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_state(&self) -> CallbackState {
        let config = Config::new()
            .with("batches_since", self.batches_since)
            .with("last_batch", self.last_batch.map_or(Json::Null, Json::from));
        self.monitor.add_to(config).into()
    }

    fn set_state(&mut self, state: &CallbackState) -> Result<()> {
        self.batches_since = state.config.size("batches_since")?.unwrap_or(0);
        self.last_batch = state.config.size("last_batch")?;
        self.monitor.restore(state)
    }

    fn on_train_begin(&mut self, _run: &mut Run<'_>) -> Result<Flow> {
        self.check().map(|()| Flow::Continue)
    }

    fn on_epoch_begin(&mut self, epoch: usize, _run: &mut Run<'_>) -> Result<Flow> {
        self.epoch = epoch;
        Ok(Flow::Continue)
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        if self.is_due(batch) {
            if self.save_best_only {
                self.monitor.resolve(run)?;
            }
            self.save(Some(batch), logs, run)?;
        }
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        self.epoch = epoch;
        if self.save_freq == Ok(SaveFreq::Epoch) {
            if self.save_best_only {
                self.monitor.resolve(run)?;
            }
            self.save(None, logs, run)?;
        }
        Ok(Flow::Continue)
    }
}
