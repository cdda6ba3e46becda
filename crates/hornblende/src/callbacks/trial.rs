// tidy: not an item
//! A trial of hyperparameters, for the dashboard that compares trials.

use std::path::Path;

use hornblende_core::Result;

use crate::summary::{HParamValue, SummaryWriter};

/// A trial that goes on. One that is dropped before it is finished has failed.
pub(super) struct Trial {
    writer: SummaryWriter,
    is_finished: bool,
}

impl Trial {
    /// Writes the hyperparameters into a file in the folder.
    pub(super) fn begin(folder: &Path, hparams: &[(String, HParamValue)]) -> Result<Self> {
        let mut writer = SummaryWriter::create(folder)?;
        writer.hparams(hparams.iter().cloned())?;
        writer.flush()?;
        Ok(Self {
            writer,
            is_finished: false,
        })
    }

    /// Writes that the trial is over.
    pub(super) fn finish(mut self) -> Result<()> {
        self.is_finished = true;
        self.writer.end_hparams(true)?;
        self.writer.flush()
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if !self.is_finished {
            // What ended the trial has been told; that this is noted too is only a courtesy.
            let _ = self.writer.end_hparams(false);
        }
    }
}
