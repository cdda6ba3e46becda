//! Callbacks: what looks at a run while it goes on, and may change or end it.
//!
//! `fit`, `evaluate` and `predict` take them by their option `callbacks`. Your own ones implement
//! [`Callback`]; [`LambdaCallback`] makes one of closures.

mod backup_and_restore;
mod csv_logger;
mod early_stopping;
mod embeddings_metadata;
mod entry;
mod history;
mod lambda_callback;
mod layer_summaries;
mod learning_rate_scheduler;
mod model_checkpoint;
mod monitor;
mod path_pattern;
mod progbar_logger;
mod python_number;
mod reduce_lr_on_plateau;
mod remote_monitor;
mod save_freq;
mod swap_ema_weights;
mod tensor_board;
mod terminate_on_nan;
mod trial;
mod update_freq;

pub use crate::training::{Callback, CallbackState, Flow, History, IntoCallbacks, Logs, Run};
pub use backup_and_restore::BackupAndRestore;
pub use csv_logger::CSVLogger;
pub use early_stopping::EarlyStopping;
pub use embeddings_metadata::EmbeddingsMetadata;
pub use entry::Entry;
pub use lambda_callback::LambdaCallback;
pub use learning_rate_scheduler::LearningRateScheduler;
pub use model_checkpoint::ModelCheckpoint;
pub use monitor::Mode;
pub use path_pattern::PathPattern;
pub use progbar_logger::ProgbarLogger;
pub use reduce_lr_on_plateau::ReduceLROnPlateau;
pub use remote_monitor::RemoteMonitor;
pub use save_freq::{IntoSaveFreq, SaveFreq};
pub use swap_ema_weights::SwapEMAWeights;
pub use tensor_board::TensorBoard;
pub use terminate_on_nan::TerminateOnNaN;
pub use update_freq::UpdateFreq;

use hornblende_core::Result;

use crate::config::Config;

/// All callbacks.
pub static CALLBACKS: &[&Entry] = &[
    &backup_and_restore::ENTRY,
    &csv_logger::ENTRY,
    &early_stopping::ENTRY,
    &history::ENTRY,
    &lambda_callback::ENTRY,
    &learning_rate_scheduler::ENTRY,
    &model_checkpoint::ENTRY,
    &progbar_logger::ENTRY,
    &reduce_lr_on_plateau::ENTRY,
    &remote_monitor::ENTRY,
    &swap_ema_weights::ENTRY,
    &tensor_board::ENTRY,
    &terminate_on_nan::ENTRY,
];

/// The callback of this class name with the arguments of a configuration, under Keras's names.
///
/// # Errors
/// [`hornblende_core::Error::UnknownName`] for an unknown class or argument, [`hornblende_core::Error::Format`] for
/// an argument of the wrong kind, [`hornblende_core::Error::InvalidArgument`] for one that makes no sense.
///
/// # Example
/// ```
/// use hornblende::{callbacks, config::Config};
/// let stop = callbacks::from_config("EarlyStopping", &Config::new().with("patience", 3))?;
/// assert_eq!(stop.class_name(), "EarlyStopping");
/// # Ok::<(), hornblende::Error>(())
/// ```
pub fn from_config(name: &str, config: &Config) -> Result<Box<dyn Callback>> {
    (Entry::find(name)?.from_config)(config)
}
