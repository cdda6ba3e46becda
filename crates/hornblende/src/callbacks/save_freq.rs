// tidy: not an item
//! How often a callback writes a file.

use hornblende_core::{Error, Result};

use crate::config::{Config, Json};

/// How often a callback writes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaveFreq {
    /// After every epoch.
    #[default]
    Epoch,
    /// After so many batches, counted across epochs.
    Batches(usize),
}

impl SaveFreq {
    /// The argument `save_freq` of a configuration.
    pub(super) fn from_config(config: &Config) -> Result<Self> {
        match config.get("save_freq") {
            None => Ok(Self::Epoch),
            Some(Json::String(word)) => word.as_str().into_save_freq(),
            Some(_) => config.size("save_freq")?.unwrap_or(0).into_save_freq(),
        }
    }
}

/// What can be given as `save_freq`: `"epoch"`, a number of batches, or a [`SaveFreq`].
pub trait IntoSaveFreq {
    /// The frequency.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for another word and for 0.
    fn into_save_freq(self) -> Result<SaveFreq>;
}

impl IntoSaveFreq for SaveFreq {
    fn into_save_freq(self) -> Result<SaveFreq> {
        match self {
            Self::Batches(0) => Err(refused("0")),
            frequency => Ok(frequency),
        }
    }
}

impl IntoSaveFreq for usize {
    fn into_save_freq(self) -> Result<SaveFreq> {
        SaveFreq::Batches(self).into_save_freq()
    }
}

impl IntoSaveFreq for &str {
    fn into_save_freq(self) -> Result<SaveFreq> {
        match self {
            "epoch" => Ok(SaveFreq::Epoch),
            other => Err(refused(&format!("\"{other}\""))),
        }
    }
}

fn refused(got: &str) -> Error {
    let expected = "\"epoch\" or a number of batches above 0";
    Error::invalid_argument("save_freq", expected, got, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_or_a_number_above_0_is_a_frequency() {
        assert_eq!("epoch".into_save_freq(), Ok(SaveFreq::Epoch));
        assert_eq!(7.into_save_freq(), Ok(SaveFreq::Batches(7)));
        assert!(0.into_save_freq().is_err() && "batch".into_save_freq().is_err());
    }
}
