// tidy: not an item
//! How layers that turn values into categories write these down.

use hornblende_core::{DType, Error, Result, Tensor};

use crate::config::Config;

/// How layers that turn values into categories write these down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputMode {
    /// The number of the category.
    Int,
    /// A row with a 1 at the category.
    OneHot,
    /// A row with a 1 at each category of a sample.
    MultiHot,
    /// A row with the number of occurrences of each category in a sample.
    Count,
    /// The number of occurrences, weighted by how rare the category is.
    TfIdf,
}

impl OutputMode {
    /// The mode of this name, if it is among those that the layer knows.
    pub(super) fn from_name(class_name: &str, name: &str, known: &[Self]) -> Result<Self> {
        // Keras 2 wrote "binary".
        let wanted = if name == "binary" { "multi_hot" } else { name };
        let found = known.iter().find(|mode| mode.name() == wanted);
        let names: Vec<&str> = known.iter().map(|mode| mode.name()).collect();
        found
            .copied()
            .ok_or_else(|| Error::unknown(&format!("output_mode of {class_name}"), name, &names))
    }

    /// The argument `output_mode`, else `default`.
    pub(super) fn from_config(
        class_name: &str,
        config: &Config,
        known: &[Self],
        default: Self,
    ) -> Result<Self> {
        match config.text("output_mode")? {
            Some(name) => Self::from_name(class_name, &name, known),
            None => Ok(default),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::OneHot => "one_hot",
            Self::MultiHot => "multi_hot",
            Self::Count => "count",
            Self::TfIdf => "tf_idf",
        }
    }

    /// The categories, whole numbers below `depth`, written down so; `weights` are those of the occurrences.
    ///
    /// A sample is what stands along axis 1 (axis 0 of a single sample). A last axis of size 1 vanishes in
    /// one-hot rows. Numbers that are no category are left out.
    pub(super) fn encode(
        self,
        categories: &Tensor,
        depth: usize,
        dtype: DType,
        weights: Option<&Tensor>,
    ) -> Tensor {
        let categories = match categories.rank() {
            0 if self != Self::Int => categories.expand_dims(0),
            _ => categories.clone(),
        };
        let sample: isize = if categories.rank() > 1 { 1 } else { 0 };
        let rows = || categories.one_hot(depth, dtype);
        match self {
            Self::Int => categories.cast(dtype),
            Self::OneHot => {
                let last = categories.shape().dims().last();
                match last {
                    Some(1) if categories.rank() > 1 => {
                        categories.squeeze(-1).one_hot(depth, dtype)
                    }
                    _ => rows(),
                }
            }
            Self::MultiHot => categories
                .one_hot(depth, DType::Bool)
                .any(sample)
                .cast(dtype),
            Self::Count | Self::TfIdf => match weights {
                Some(weights) => (rows() * weights.cast(dtype).expand_dims(-1)).sum(sample),
                None => rows().sum(sample),
            },
        }
    }
}

/// Fails for `sparse`: there are no sparse tensors.
pub(super) fn refuse_sparse(class_name: &str, config: &Config) -> Result<()> {
    if config.flag("sparse")? != Some(true) {
        return Ok(());
    }
    let subject = format!("{class_name}: sparse");
    Err(Error::invalid_argument(
        subject,
        "false: tensors are dense here",
        "true",
        "",
    ))
}
