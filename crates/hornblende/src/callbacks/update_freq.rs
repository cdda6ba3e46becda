// tidy: not an item
//! How often `TensorBoard` writes what a batch gives.

use hornblende_core::{Error, Result};

/// How often [`TensorBoard`](super::TensorBoard) writes the loss and the metrics: `"epoch"`, `"batch"` or a number
/// of batches, which convert.
///
/// # Example
/// ```
/// use hornblende::callbacks::{TensorBoard, UpdateFreq};
/// let board = TensorBoard::new("logs").update_freq("batch");
/// let board = TensorBoard::new("logs").update_freq(100);
/// # let _ = board;
/// assert_eq!(UpdateFreq::from("epoch"), UpdateFreq::Epoch);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum UpdateFreq {
    /// At the end of each epoch only.
    #[default]
    Epoch,
    /// Also after every so many batches.
    Batches(usize),
    /// A word that says neither; `fit` refuses it.
    Unknown(String),
}

impl From<&str> for UpdateFreq {
    fn from(word: &str) -> Self {
        match word {
            "epoch" => Self::Epoch,
            "batch" => Self::Batches(1),
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl From<usize> for UpdateFreq {
    fn from(batches: usize) -> Self {
        Self::Batches(batches)
    }
}

impl UpdateFreq {
    /// Fails for what makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        let got = match self {
            Self::Epoch | Self::Batches(1..) => return Ok(()),
            Self::Batches(0) => "0".to_owned(),
            Self::Unknown(word) => format!("\"{word}\""),
        };
        let expected = "\"epoch\", \"batch\" or a number of batches above 0";
        Err(Error::invalid_argument(
            "TensorBoard: update_freq",
            expected,
            got,
            "",
        ))
    }

    /// Whether it is the turn of this batch, counted from 1.
    pub(super) fn is_turn(&self, batch: usize) -> bool {
        matches!(self, Self::Batches(n @ 1..) if batch.is_multiple_of(*n))
    }
}
