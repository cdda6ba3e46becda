//! Going on with a run of `fit` that was interrupted.

use std::path::Path;

use hornblende_core::{Error, Result};

use super::entry::Entry;
use super::{IntoSaveFreq, SaveFreq};
use crate::config::Config;
use crate::formats::CheckpointFolder;
use crate::training::{Callback, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "BackupAndRestore",
    from_config: |config| Ok(Box::new(BackupAndRestore::from_config(config)?)),
};

/// Writes checkpoints of a run of `fit`, and goes on from the newest one if the run was interrupted: by a
/// signal, by an error, by a loss of power.
///
/// The program is started again as it was. What follows is, bit for bit, what the undisturbed run would have
/// done: weights, the optimizer's variables, metrics in the middle of an epoch, random numbers, the order of
/// the samples, what callbacks remember ([`Callback::get_state`]) and the history are all restored. Keras's
/// callback restores weights and the epoch. A program that compiles the model otherwise is refused, as far as words
/// describe it ([`Model::get_compile_config`](crate::models::Model::get_compile_config)); so are other data.
///
/// A checkpoint is complete before it takes the place of the one before it, which is kept beside it, and a
/// damaged one is noticed. When the run ends, the checkpoints are removed.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
///
/// /// A program that is interrupted once.
/// struct Interrupt(usize);
/// impl Callback for Interrupt {
///     fn on_epoch_begin(&mut self, epoch: usize, _: &mut Run) -> Result<Flow> {
///         if epoch == self.0 {
///             return Err(Error::data("example", "no interruption", "one", ""));
///         }
///         Ok(Flow::Continue)
///     }
/// }
///
/// # let folder = std::env::temp_dir().join(format!("hornblende-doc-backup-{}", std::process::id()));
/// let train = |interrupt| {
///     hornblende::random::set_seed(1);
///     let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
///     model.compile(Compile::new().optimizer("adam").loss("mse"))?;
///     let x = Tensor::from([[0.0f32], [1.0], [2.0]]);
///     let callbacks = (BackupAndRestore::new(&folder), Interrupt(interrupt));
///     model.fit((&x, &x), Fit::new().epochs(4).verbose(0).callbacks(callbacks))
/// };
/// let undisturbed = train(100)?;
/// assert!(train(2).is_err());
/// assert_eq!(train(100)?, undisturbed);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.BackupAndRestore`.
#[derive(Debug)]
pub struct BackupAndRestore {
    folder: CheckpointFolder,
    save_freq: SaveFreq,
    delete_checkpoint: bool,
    /// The batches since the last checkpoint.
    batches: usize,
    error: Option<Error>,
}

impl BackupAndRestore {
    /// Checkpoints after every epoch, in this folder. It belongs to one run at a time.
    #[must_use]
    pub fn new(backup_dir: impl AsRef<Path>) -> Self {
        Self {
            folder: CheckpointFolder::new(backup_dir),
            save_freq: SaveFreq::Epoch,
            delete_checkpoint: true,
            batches: 0,
            error: None,
        }
    }

    /// When checkpoints are written: `"epoch"`, or after so many batches.
    #[must_use]
    pub fn save_freq(mut self, save_freq: impl IntoSaveFreq) -> Self {
        match save_freq.into_save_freq() {
            Ok(save_freq) => self.save_freq = save_freq,
            Err(error) => self.error = Some(error),
        }
        self
    }

    /// Whether the checkpoints are removed when the run is over. True unless set.
    #[must_use]
    pub fn delete_checkpoint(mut self, delete: bool) -> Self {
        self.delete_checkpoint = delete;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        // The checkpoint before the newest is always kept, which Keras does where `double_checkpoint` is set.
        let known = [
            "backup_dir",
            "save_freq",
            "double_checkpoint",
            "delete_checkpoint",
        ];
        config.only(ENTRY.class_name, &known)?;
        let Some(folder) = config.text("backup_dir")? else {
            let expected = "the folder for the checkpoints";
            return Err(Error::invalid_argument("backup_dir", expected, "none", ""));
        };
        let mut backup = Self::new(folder);
        backup.save_freq = SaveFreq::from_config(config)?;
        if let Some(delete) = config.flag("delete_checkpoint")? {
            backup.delete_checkpoint = delete;
        }
        Ok(backup)
    }
}

impl Callback for BackupAndRestore {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn on_train_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        self.batches = 0;
        run.restore_checkpoint(&self.folder);
        Ok(Flow::Continue)
    }

    fn on_train_batch_end(&mut self, _: usize, _: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        self.batches += 1;
        if matches!(self.save_freq, SaveFreq::Batches(count) if self.batches >= count) {
            self.batches = 0;
            run.save_checkpoint(&self.folder);
        }
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, _: usize, _: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        if self.save_freq == SaveFreq::Epoch {
            run.save_checkpoint(&self.folder);
        }
        Ok(Flow::Continue)
    }

    fn on_train_end(&mut self, _: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        if self.delete_checkpoint {
            run.delete_checkpoint(&self.folder);
        }
        Ok(Flow::Continue)
    }
}
