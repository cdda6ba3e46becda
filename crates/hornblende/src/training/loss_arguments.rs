//! The losses of a model and their weights, in the ways in which they can be given to `compile`.

use std::sync::Arc;

use hornblende_core::Result;

use super::PerOutput;
use crate::losses::{IntoLoss, Loss};

/// The losses of a model: one for every output, an array in the order of the outputs, or an array of pairs
/// of the name of an output and its loss.
pub trait IntoLosses {
    /// The losses.
    ///
    /// # Errors
    /// [`hornblende_core::Error::UnknownName`] for a name that nothing has.
    fn into_losses(self) -> Result<PerOutput<Arc<dyn Loss>>>;
}

impl<L: IntoLoss> IntoLosses for L {
    fn into_losses(self) -> Result<PerOutput<Arc<dyn Loss>>> {
        Ok(PerOutput::Same(self.into_loss()?))
    }
}

impl<L: IntoLoss, const N: usize> IntoLosses for [L; N] {
    fn into_losses(self) -> Result<PerOutput<Arc<dyn Loss>>> {
        let losses = self.into_iter().map(L::into_loss);
        Ok(PerOutput::Positions(losses.collect::<Result<_>>()?))
    }
}

impl<L: IntoLoss> IntoLosses for Vec<L> {
    fn into_losses(self) -> Result<PerOutput<Arc<dyn Loss>>> {
        let losses = self.into_iter().map(L::into_loss);
        Ok(PerOutput::Positions(losses.collect::<Result<_>>()?))
    }
}

impl<S: Into<String>, L: IntoLoss, const N: usize> IntoLosses for [(S, L); N] {
    fn into_losses(self) -> Result<PerOutput<Arc<dyn Loss>>> {
        let named = self
            .into_iter()
            .map(|(output, loss)| Ok((output.into(), loss.into_loss()?)));
        Ok(PerOutput::Names(named.collect::<Result<_>>()?))
    }
}

/// How much the loss of each output counts: a number for all, numbers in the order of the outputs, or pairs of name
/// and number.
pub trait IntoLossWeights {
    /// The weights.
    fn into_loss_weights(self) -> PerOutput<f64>;
}

impl IntoLossWeights for f64 {
    fn into_loss_weights(self) -> PerOutput<f64> {
        PerOutput::Same(self)
    }
}

impl<const N: usize> IntoLossWeights for [f64; N] {
    fn into_loss_weights(self) -> PerOutput<f64> {
        PerOutput::Positions(self.to_vec())
    }
}

impl IntoLossWeights for Vec<f64> {
    fn into_loss_weights(self) -> PerOutput<f64> {
        PerOutput::Positions(self)
    }
}

impl<S: Into<String>, const N: usize> IntoLossWeights for [(S, f64); N] {
    fn into_loss_weights(self) -> PerOutput<f64> {
        let named = self.into_iter().map(|(output, w)| (output.into(), w));
        PerOutput::Names(named.collect())
    }
}

impl<S: Into<String>> IntoLossWeights for Vec<(S, f64)> {
    fn into_loss_weights(self) -> PerOutput<f64> {
        let named = self.into_iter().map(|(output, w)| (output.into(), w));
        PerOutput::Names(named.collect())
    }
}
