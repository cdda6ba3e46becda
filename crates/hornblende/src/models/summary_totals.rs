//! The numbers below the table.

use super::ParameterCount;

/// How many parameters a model has, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SummaryTotals {
    /// Parameters that training changes.
    pub trainable: ParameterCount,
    /// Parameters that training leaves alone: frozen ones and running statistics.
    pub non_trainable: ParameterCount,
    /// What the optimizer remembers; `None` before it has anything.
    pub optimizer: Option<ParameterCount>,
}

impl SummaryTotals {
    /// All parameters, the optimizer's included.
    #[must_use]
    pub fn total(&self) -> ParameterCount {
        self.trainable + self.non_trainable + self.optimizer.unwrap_or_default()
    }
}
