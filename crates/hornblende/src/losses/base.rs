// tidy: not an item
//! What all losses of the library have: a name, a reduction and an element type.

use std::borrow::Cow;

use hornblende_core::{DType, Error, Result};

use super::Reduction;
use crate::config::{Config, Json};

/// Name, reduction and element type of a loss.
#[derive(Debug, Clone)]
pub struct LossBase {
    name: Cow<'static, str>,
    reduction: Reduction,
    dtype: Option<DType>,
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
            dtype: None,
            error: None,
        }
    }

    /// Takes `name`, `reduction` and `dtype` from a configuration. A reduction of null is
    /// [`Reduction::None`].
    ///
    /// # Errors
    /// The first argument that made no sense; [`Error::Format`] or [`Error::UnknownName`] if these are not
    /// texts, no reduction or no type that losses are computed in.
    pub fn configured(mut self, config: &Config) -> Result<Self> {
        if let Some(name) = config.text("name")? {
            self.name = name.into();
        }
        if let Some(reduction) = config.text("reduction")? {
            self.reduction = Reduction::from_name(&reduction)?;
        } else if config.0.contains_key("reduction") {
            self.reduction = Reduction::None;
        }
        if let Some(dtype) = config.get("dtype") {
            self.set_dtype(dtype_of(dtype)?);
        }
        self.check()?;
        Ok(self)
    }

    /// Fails for an argument that is neither one of all losses nor among the loss's own.
    pub(super) fn only(config: &Config, class_name: &str, own: &[&str]) -> Result<()> {
        config.only(class_name, &[&["name", "reduction", "dtype"], own].concat())
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

    /// The element type that the loss is computed in; `None` where the predictions decide: `F64` for
    /// predictions of that type, else `F32`.
    #[must_use]
    pub fn dtype(&self) -> Option<DType> {
        self.dtype
    }

    /// Sets the element type that the loss is computed in; one that is neither `F32` nor `F64` is told by
    /// [`LossBase::check`].
    pub fn set_dtype(&mut self, dtype: DType) {
        if matches!(dtype, DType::F32 | DType::F64) {
            self.dtype = Some(dtype);
        } else {
            self.refuse(Error::invalid_argument(
                "dtype",
                "float32 or float64, in which losses are computed",
                dtype.name(),
                "",
            ));
        }
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

    /// The arguments `name` and `reduction`, and `dtype` if it was set.
    #[must_use]
    pub fn get_config(&self) -> Config {
        let config = Config::new()
            .with("name", self.name())
            .with("reduction", self.reduction.name());
        match self.dtype {
            Some(dtype) => config.with("dtype", dtype.name()),
            None => config,
        }
    }
}

/// An element type of a configuration: a name, or Keras's policy with such a name.
fn dtype_of(value: &Json) -> Result<DType> {
    let name = value["config"]["name"].as_str().or(value.as_str());
    name.and_then(DType::from_name).ok_or_else(|| {
        let subject = "argument \"dtype\"";
        Error::format(subject, "float32 or float64", value.to_string(), "")
    })
}

/// What can be given where a reduction is asked for: a [`Reduction`], its name, or `None` for none.
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

/// `None`, as Keras has it, is [`Reduction::None`].
impl IntoReduction for Option<&str> {
    fn into_reduction(self) -> Result<Reduction> {
        self.map_or(Ok(Reduction::None), Reduction::from_name)
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

            /// The element type that the loss is computed in, `F32` or `F64`; by default `F64` for
            /// predictions of that type, else `F32`.
            #[must_use]
            pub fn dtype(mut self, dtype: hornblende_core::DType) -> Self {
                self.base.set_dtype(dtype);
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
