//! Losses: how far predictions are from what they should be.
//!
//! `compile` takes one by name, as a value, as a function of this module or as a closure: `.loss("mse")`,
//! `.loss(MeanSquaredError::new().reduction("sum"))`, `.loss(losses::mean_squared_error)`,
//! `.loss(|y_true: &Tensor, y_pred: &Tensor| (y_true - y_pred).square().mean(..))`.
//!
//! The functions compute one loss a sample with Keras's default arguments; with others,
//! `Huber::new().delta(2.0).call(&y_true, &y_pred)` does. A function that makes a loss:
//!
//! ```
//! use hornblende::{ops, prelude::*};
//! fn focal_loss(gamma: f64, alpha: f64) -> impl Fn(&Tensor, &Tensor) -> Tensor + Send + Sync {
//!     move |y_true, y_pred| {
//!         let p_t = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred);
//!         let alpha_t = y_true * alpha + (1.0 - y_true) * (1.0 - alpha);
//!         (alpha_t * (1.0 - p_t).pow(gamma) * ops::binary_crossentropy(y_true, y_pred, false)).mean(-1)
//!     }
//! }
//! let mut model = Sequential::new().add(Input::new([2])).add(Dense::new(1).activation("sigmoid"));
//! model.compile(Compile::new().optimizer("adam").loss(focal_loss(2.0, 0.75)))?;
//! # Ok::<(), Error>(())
//! ```

mod base;
mod binary_crossentropy;
mod binary_focal_crossentropy;
mod categorical_crossentropy;
mod categorical_focal_crossentropy;
mod categorical_generalized_cross_entropy;
mod categorical_hinge;
mod circle;
mod class_factors;
mod cosine_similarity;
mod crossentropy_arguments;
mod ctc;
mod dice;
mod function_loss;
mod hinge;
mod huber;
mod kl_divergence;
mod log_cosh;
mod loss;
mod mean_absolute_error;
mod mean_absolute_percentage_error;
mod mean_squared_error;
mod mean_squared_logarithmic_error;
mod poisson;
mod sparse_categorical_crossentropy;
mod squared_hinge;
mod tversky;

pub use crate::ops::match_ranks;
pub use base::{IntoReduction, LossBase};
pub use binary_crossentropy::{BinaryCrossentropy, binary_crossentropy};
pub use binary_focal_crossentropy::{BinaryFocalCrossentropy, binary_focal_crossentropy};
pub use categorical_crossentropy::{CategoricalCrossentropy, categorical_crossentropy};
pub use categorical_focal_crossentropy::{
    CategoricalFocalCrossentropy, categorical_focal_crossentropy,
};
pub use categorical_generalized_cross_entropy::{
    CategoricalGeneralizedCrossEntropy, categorical_generalized_cross_entropy,
};
pub use categorical_hinge::{CategoricalHinge, categorical_hinge};
pub use circle::{Circle, circle};
pub use class_factors::ClassFactors;
pub use cosine_similarity::{CosineSimilarity, cosine_similarity};
pub use ctc::{CTC, ctc};
pub use dice::{Dice, dice};
pub use hinge::{Hinge, hinge};
pub use huber::{Huber, huber};
pub use kl_divergence::{KLDivergence, kl_divergence};
pub use log_cosh::{LogCosh, log_cosh};
pub use loss::{IntoLoss, Loss, Reduction, reduce_losses};
pub use mean_absolute_error::{MeanAbsoluteError, mean_absolute_error};
pub use mean_absolute_percentage_error::{
    MeanAbsolutePercentageError, mean_absolute_percentage_error,
};
pub use mean_squared_error::{MeanSquaredError, mean_squared_error};
pub use mean_squared_logarithmic_error::{
    MeanSquaredLogarithmicError, mean_squared_logarithmic_error,
};
pub use poisson::{Poisson, poisson};
pub use sparse_categorical_crossentropy::{
    SparseCategoricalCrossentropy, sparse_categorical_crossentropy,
};
pub use squared_hinge::{SquaredHinge, squared_hinge};
pub use tversky::{Tversky, tversky};

// The functions by the short and the older names of tf.keras.
pub use {
    binary_crossentropy::binary_crossentropy as bce,
    cosine_similarity::cosine_similarity as cosine_proximity, kl_divergence::kl_divergence as kld,
    kl_divergence::kl_divergence as kullback_leibler_divergence, log_cosh::log_cosh as logcosh,
    mean_absolute_error::mean_absolute_error as mae,
    mean_absolute_percentage_error::mean_absolute_percentage_error as mape,
    mean_squared_error::mean_squared_error as mse,
    mean_squared_logarithmic_error::mean_squared_logarithmic_error as msle,
};

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use crate::config::{self, Config};

/// What the list of losses knows about one.
pub type Entry = config::Entry<dyn Loss>;

/// All losses.
pub static LOSSES: &[&Entry] = &[
    &binary_crossentropy::ENTRY,
    &binary_focal_crossentropy::ENTRY,
    &categorical_crossentropy::ENTRY,
    &categorical_focal_crossentropy::ENTRY,
    &categorical_generalized_cross_entropy::ENTRY,
    &categorical_hinge::ENTRY,
    &circle::ENTRY,
    &cosine_similarity::ENTRY,
    &ctc::ENTRY,
    &dice::ENTRY,
    &hinge::ENTRY,
    &huber::ENTRY,
    &kl_divergence::ENTRY,
    &log_cosh::ENTRY,
    &mean_absolute_error::ENTRY,
    &mean_absolute_percentage_error::ENTRY,
    &mean_squared_error::ENTRY,
    &mean_squared_logarithmic_error::ENTRY,
    &poisson::ENTRY,
    &sparse_categorical_crossentropy::ENTRY,
    &squared_hinge::ENTRY,
    &tversky::ENTRY,
];

/// The loss of this name, with Keras's default arguments.
///
/// # Errors
/// [`Error::UnknownName`] with the nearest known ones.
///
/// # Example
/// ```
/// use hornblende::{losses, prelude::*};
/// assert_eq!(losses::get("mse")?.name(), "mean_squared_error");
/// # Ok::<(), Error>(())
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Loss>> {
    from_config(name, &Config::new())
}

/// The loss of this class name (or other name) with the arguments of a configuration.
///
/// # Errors
/// [`Error::UnknownName`] for an unknown name or argument, [`Error::Format`] for an argument of the wrong
/// kind.
pub fn from_config(name: &str, config: &Config) -> Result<Arc<dyn Loss>> {
    (Entry::find("loss", LOSSES, name)?.from_config)(config)
}

/// The names that [`get`] knows.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Entry::names_of(LOSSES)
}

/// The argument `axis` of a loss that takes one.
fn axis_of(config: &Config) -> Result<isize> {
    Ok(config.whole("axis")?.map_or(-1, |axis| axis as isize))
}

/// Notes a number that is not what the argument expects.
fn check_number(
    base: &mut LossBase,
    argument: &str,
    number: f64,
    expected: &str,
    is_right: impl Fn(f64) -> bool,
) {
    if !is_right(number) {
        let got = number.to_string();
        base.refuse(Error::invalid_argument(argument, expected, got, ""));
    }
}

/// Class numbers without the last axis of size 1 that they may have.
#[track_caller]
fn class_numbers(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    if y_true.rank() == y_pred.rank() && y_true.shape().dims().last() == Some(&1) {
        return y_true.squeeze(-1);
    }
    y_true.clone()
}
