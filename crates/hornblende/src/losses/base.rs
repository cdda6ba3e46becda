// tidy: not an item
//! What all losses of the library have: a name and a reduction.

use std::borrow::Cow;

use hornblende_core::{Error, Result};

use super::Reduction;
use crate::config::Config;

/// Name and reduction of a loss.
#[derive(Debug, Clone)]
pub struct LossBase {
    name: Cow<'static, str>,
    reduction: Reduction,
    /// An argument that makes no sense; told when the loss is used, because builders return no `Result`.
    error: Option<Error>,
}

impl LossBase {
    /// A loss of this name with Keras's default reduction.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            reduction: Reduction::SumOverBatchSize,
            error: None,
        }
    }

    /// Takes `name` and `reduction` from a configuration.
    ///
    /// # Errors
    /// [`Error::Format`] or [`Error::UnknownName`] if they are not texts or no reduction.
    pub fn configured(mut self, config: &Config) -> Result<Self> {
        if let Some(name) = config.text("name")? {
            self.name = name.into();
        }
        if let Some(reduction) = config.text("reduction")? {
            self.reduction = Reduction::from_name(&reduction)?;
        }
        Ok(self)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The reduction.
    #[must_use]
    pub fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// Sets the name.
    pub fn set_name(&mut self, name: &str) {
        self.name = name.to_owned().into();
    }

    /// Sets the reduction; an unknown name is told by [`LossBase::check`].
    pub fn set_reduction(&mut self, reduction: impl IntoReduction) {
        match reduction.into_reduction() {
            Ok(reduction) => self.reduction = reduction,
            Err(error) => self.refuse(error),
        }
    }

    /// Notes an argument that makes no sense; the first is kept.
    pub fn refuse(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// The error of the first argument that made no sense.
    ///
    /// # Errors
    /// That error.
    pub fn check(&self) -> Result<()> {
        self.error.clone().map_or(Ok(()), Err)
    }

    /// The arguments `name` and `reduction`.
    #[must_use]
    pub fn get_config(&self) -> Config {
        Config::new()
            .with("name", self.name())
            .with("reduction", self.reduction.name())
    }
}

/// What can be given where a reduction is asked for: a [`Reduction`] or its name.
pub trait IntoReduction {
    /// The reduction.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that nothing has.
    fn into_reduction(self) -> Result<Reduction>;
}

impl IntoReduction for Reduction {
    fn into_reduction(self) -> Result<Reduction> {
        Ok(self)
    }
}

impl IntoReduction for &str {
    fn into_reduction(self) -> Result<Reduction> {
        Reduction::from_name(self)
    }
}

/// The builder methods that all losses have; they differ in nothing.
macro_rules! loss_arguments {
    ($loss:ident) => {
        impl $loss {
            /// How the losses of the samples become one number: a [`crate::losses::Reduction`] or its name;
            /// `"sum_over_batch_size"` by default.
            #[must_use]
            pub fn reduction(mut self, reduction: impl crate::losses::IntoReduction) -> Self {
                self.base.set_reduction(reduction);
                self
            }

            /// The name under which the loss is logged.
            #[must_use]
            pub fn name(mut self, name: &str) -> Self {
                self.base.set_name(name);
                self
            }
        }

        impl Default for $loss {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}
pub(super) use loss_arguments;
