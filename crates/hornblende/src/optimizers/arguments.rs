// tidy: not an item
//! The arguments of an optimizer, declared once: fields, defaults, ranges, builder methods, configuration.

use hornblende_core::Result;

use crate::config::{Config, Json};

/// A number, or nothing.
pub(super) type Optional = Option<f64>;

/// A list of texts.
pub(super) type Texts = Vec<String>;

/// What an argument of an algorithm can be.
pub(super) trait Argument: Sized {
    /// The argument of this name, or nothing if the configuration does not have it.
    fn read(config: &Config, name: &str) -> Result<Option<Self>>;

    fn to_json(&self) -> Json;

    /// The number whose range is checked.
    fn number(&self) -> Option<f64>;
}

impl Argument for f64 {
    fn read(config: &Config, name: &str) -> Result<Option<Self>> {
        config.number(name)
    }

    fn to_json(&self) -> Json {
        Json::from(*self)
    }

    fn number(&self) -> Option<f64> {
        Some(*self)
    }
}

impl Argument for usize {
    fn read(config: &Config, name: &str) -> Result<Option<Self>> {
        config.size(name)
    }

    fn to_json(&self) -> Json {
        Json::from(*self)
    }

    fn number(&self) -> Option<f64> {
        Some(*self as f64)
    }
}

impl Argument for bool {
    fn read(config: &Config, name: &str) -> Result<Option<Self>> {
        config.flag(name)
    }

    fn to_json(&self) -> Json {
        Json::from(*self)
    }

    fn number(&self) -> Option<f64> {
        None
    }
}

/// Here null is a value and no absence.
impl Argument for Optional {
    fn read(config: &Config, name: &str) -> Result<Option<Self>> {
        match config.0.contains_key(name) {
            true => config.number(name).map(Some),
            false => Ok(None),
        }
    }

    fn to_json(&self) -> Json {
        Json::from(*self)
    }

    fn number(&self) -> Option<f64> {
        *self
    }
}

impl Argument for Texts {
    fn read(config: &Config, name: &str) -> Result<Option<Self>> {
        let text = |entry: &Json| entry.as_str().map(str::to_owned);
        match config.get(name) {
            None => Ok(None),
            Some(Json::Array(entries)) if entries.iter().all(Json::is_string) => {
                Ok(Some(entries.iter().filter_map(text).collect()))
            }
            Some(other) => Err(hornblende_core::Error::format(
                format!("argument \"{name}\""),
                "a list of texts",
                other.to_string(),
                "",
            )),
        }
    }

    fn to_json(&self) -> Json {
        Json::from(self.clone())
    }

    fn number(&self) -> Option<f64> {
        None
    }
}

/// Declares an optimizer: its documentation, the common defaults that are its own, and its arguments with
/// their documentation, defaults and ranges. A macro, since fields and methods cannot come from a table.
///
/// The optimizer implements [`crate::optimizers::Optimizer`] with `optimizer_identity!` in its block.
macro_rules! optimizer {
    (
        $(#[$about:meta])*
        $optimizer:ident($name:literal, $($common:ident = $value:literal),+) {
            $(
                $(#[$documentation:meta])*
                $argument:ident: $kind:ident = $default:expr $(, $range:expr)?;
            )*
        }
    ) => {
        $(#[$about])*
        pub struct $optimizer {
            base: crate::optimizers::OptimizerBase,
            $($argument: $kind,)*
        }

        impl $optimizer {
            const ARGUMENTS: &[&str] = &[$(stringify!($argument)),*];

            /// The optimizer with its defaults.
            #[must_use]
            pub fn new() -> Self {
                let optimizer = Self {
                    base: crate::optimizers::OptimizerBase::new($name, 0.001),
                    $($argument: $default,)*
                };
                optimizer$(.$common($value))+
            }

            $(crate::optimizers::arguments::argument_method!(
                $(#[$documentation])* $argument: $kind
            );)*

            fn from_config(config: &crate::config::Config) -> hornblende_core::Result<Self> {
                use crate::optimizers::arguments::Argument;
                let known = crate::optimizers::OptimizerBase::known_keys(Self::ARGUMENTS);
                config.only(stringify!($optimizer), &known)?;
                let defaults = Self::new();
                let optimizer = Self {
                    $($argument: Argument::read(config, stringify!($argument))?
                        .unwrap_or(defaults.$argument),)*
                    base: defaults.base.configured(config)?,
                };
                crate::optimizers::Optimizer::check(&optimizer)?;
                Ok(optimizer)
            }

            fn check_arguments(&self) -> hornblende_core::Result<()> {
                self.base.check()?;
                $($({
                    let number = crate::optimizers::arguments::Argument::number(&self.$argument);
                    self.base.within(stringify!($argument), number, &$range)?;
                })?)*
                Ok(())
            }

            fn configuration(&self) -> crate::config::Config {
                self.base.get_config()
                    $(.with(
                        stringify!($argument),
                        crate::optimizers::arguments::Argument::to_json(&self.$argument),
                    ))*
            }
        }

        impl Default for $optimizer {
            fn default() -> Self {
                Self::new()
            }
        }

        crate::optimizers::arguments::optimizer_arguments!($optimizer);
    };
}
pub(super) use optimizer;

/// The methods of `Optimizer` that say which one it is: they follow from what `optimizer!` declared. With
/// `check` the optimizer checks its arguments itself, beginning with `check_arguments`.
macro_rules! optimizer_identity {
    ($class:literal) => {
        optimizer_identity!($class, check);

        fn check(&self) -> hornblende_core::Result<()> {
            self.check_arguments()
        }
    };
    ($class:literal, check) => {
        fn base(&self) -> &crate::optimizers::OptimizerBase {
            &self.base
        }

        fn class_name(&self) -> &'static str {
            $class
        }

        fn get_config(&self) -> crate::config::Config {
            self.configuration()
        }
    };
}
pub(super) use optimizer_identity;

/// The builder method of one argument.
macro_rules! argument_method {
    ($(#[$documentation:meta])* $argument:ident: Texts) => {
        $(#[$documentation])*
        #[must_use]
        pub fn $argument<S: Into<String>>(
            mut self,
            $argument: impl IntoIterator<Item = S>,
        ) -> Self {
            self.$argument = $argument.into_iter().map(Into::into).collect();
            self
        }
    };
    ($(#[$documentation:meta])* $argument:ident: Optional) => {
        $(#[$documentation])*
        #[must_use]
        pub fn $argument(mut self, $argument: impl Into<Option<f64>>) -> Self {
            self.$argument = $argument.into();
            self
        }
    };
    ($(#[$documentation:meta])* $argument:ident: $kind:ident) => {
        $(#[$documentation])*
        #[must_use]
        pub fn $argument(mut self, $argument: $kind) -> Self {
            self.$argument = $argument;
            self
        }
    };
}
pub(super) use argument_method;

/// The builder methods that all optimizers have; they differ in nothing.
macro_rules! optimizer_arguments {
    ($optimizer:ident) => {
        impl $optimizer {
            /// The learning rate: a number, a schedule, or a closure of the step.
            #[must_use]
            pub fn learning_rate(
                mut self,
                learning_rate: impl crate::optimizers::IntoLearningRate,
            ) -> Self {
                self.base.set_learning_rate(learning_rate);
                self
            }

            /// An older spelling of `learning_rate`.
            #[must_use]
            pub fn lr(self, learning_rate: impl crate::optimizers::IntoLearningRate) -> Self {
                self.learning_rate(learning_rate)
            }

            /// Divides the learning rate by `1 + decay * step`, as Keras 2 did; see also
            /// [`crate::optimizers::schedules::InverseTimeDecay`].
            #[must_use]
            pub fn decay(mut self, decay: f64) -> Self {
                self.base.decay = decay;
                self
            }

            /// Before each update, takes away this share of each variable, times the learning rate.
            #[must_use]
            pub fn weight_decay(mut self, weight_decay: f64) -> Self {
                self.base.weight_decay = Some(weight_decay);
                self
            }

            /// No weight decay for variables in whose path one of these regular expressions is found.
            #[must_use]
            pub fn exclude_from_weight_decay<S: Into<String>>(
                self,
                patterns: impl IntoIterator<Item = S>,
            ) -> Self {
                let patterns = patterns.into_iter().map(Into::into);
                self.base.without_weight_decay().extend(patterns);
                self
            }

            /// No weight decay for these variables.
            #[must_use]
            pub fn exclude_variables_from_weight_decay(
                mut self,
                variables: &[hornblende_core::Variable],
            ) -> Self {
                let excluded = &mut self.base.variables_without_weight_decay;
                excluded.extend_from_slice(variables);
                self
            }

            /// Shortens the gradient of each variable to this norm.
            #[must_use]
            pub fn clipnorm(mut self, clipnorm: f64) -> Self {
                self.base.clipnorm = Some(clipnorm);
                self
            }

            /// Moves each element of the gradients into `-clipvalue..=clipvalue`.
            #[must_use]
            pub fn clipvalue(mut self, clipvalue: f64) -> Self {
                self.base.clipvalue = Some(clipvalue);
                self
            }

            /// Shortens all gradients together to this norm.
            #[must_use]
            pub fn global_clipnorm(mut self, global_clipnorm: f64) -> Self {
                self.base.global_clipnorm = Some(global_clipnorm);
                self
            }

            /// Keeps an exponential moving average of each variable; `fit` ends with it in the model.
            #[must_use]
            pub fn use_ema(mut self, use_ema: bool) -> Self {
                self.base.use_ema = use_ema;
                self
            }

            /// The share of the old average in the new one; 0.99 by default.
            #[must_use]
            pub fn ema_momentum(mut self, ema_momentum: f64) -> Self {
                self.base.ema_momentum = ema_momentum;
                self
            }

            /// Puts the averages into the variables every so many iterations.
            #[must_use]
            pub fn ema_overwrite_frequency(mut self, iterations: usize) -> Self {
                self.base.ema_overwrite_frequency = Some(iterations);
                self
            }

            /// Divides the gradients by this; the loss was multiplied by it (`Optimizer::scale_loss`).
            #[must_use]
            pub fn loss_scale_factor(mut self, factor: f64) -> Self {
                self.base.loss_scale_factor = Some(factor);
                self
            }

            /// Updates with the mean of the gradients of so many calls, at the last of them.
            #[must_use]
            pub fn gradient_accumulation_steps(mut self, steps: usize) -> Self {
                self.base.gradient_accumulation_steps = Some(steps);
                self
            }

            /// The name, which the names of the optimizer's variables begin with.
            #[must_use]
            pub fn name(mut self, name: &str) -> Self {
                name.clone_into(&mut self.base.name);
                self
            }
        }
    };
}
pub(super) use optimizer_arguments;
