// tidy: not an item
//! The arguments of a schedule, declared once: fields, defaults, builder methods, configuration.

/// Declares a schedule: its documentation, the arguments of its constructor with their ranges, and its options
/// with their documentation and defaults. A macro, since fields and methods cannot come from a table.
///
/// The schedule implements [`super::LearningRateSchedule`] with `schedule_identity!` in its block.
macro_rules! schedule {
    (
        $(#[$about:meta])*
        $schedule:ident($name:literal) {
            $($required:ident: $required_kind:ident $(, $range:expr)?;)+
        }
        {
            $($(#[$documentation:meta])* $option:ident: $kind:ident = $default:expr;)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone)]
        pub struct $schedule {
            $($required: $required_kind,)+
            $($option: $kind,)*
            name: String,
        }

        impl $schedule {
            const ARGUMENTS: &[&str] =
                &[$(stringify!($required),)+ $(stringify!($option),)* "name"];

            /// The schedule with Keras's defaults for the rest. An argument out of range makes the learning
            /// rate an error, which whatever trains returns.
            #[must_use]
            pub fn new($($required: $required_kind),+) -> Self {
                Self {
                    $($required,)+
                    $($option: $default,)*
                    name: $name.to_owned(),
                }
            }

            $(crate::optimizers::arguments::argument_method!(
                $(#[$documentation])* $option: $kind
            );)*

            /// The name, which only configurations hold.
            #[must_use]
            pub fn name(mut self, name: &str) -> Self {
                name.clone_into(&mut self.name);
                self
            }

            fn from_config(config: &crate::config::Config) -> hornblende_core::Result<Self> {
                use crate::optimizers::arguments::Argument;
                let class = stringify!($schedule);
                config.only(class, Self::ARGUMENTS)?;
                let mut schedule = Self::new($({
                    let key = stringify!($required);
                    crate::optimizers::schedules::required(class, config, key)?
                }),+);
                $(if let Some(x) = Argument::read(config, stringify!($option))? {
                    schedule.$option = x;
                })*
                schedule.name = config.text("name")?.unwrap_or(schedule.name);
                schedule.check()?;
                Ok(schedule)
            }

            /// Fails if an argument makes no sense.
            fn check(&self) -> hornblende_core::Result<()> {
                $($(crate::optimizers::schedules::within(
                    stringify!($schedule), stringify!($required), self.$required, &$range,
                )?;)?)+
                Ok(())
            }

            fn configuration(&self) -> crate::config::Config {
                use crate::optimizers::arguments::Argument;
                crate::config::Config::new()
                    $(.with(stringify!($required), self.$required.to_json()))+
                    $(.with(stringify!($option), self.$option.to_json()))*
                    .with("name", self.name.as_str())
            }
        }
    };
}
pub(super) use schedule;

/// The methods of `LearningRateSchedule` that follow from what `schedule!` declared.
macro_rules! schedule_identity {
    ($class:literal) => {
        fn call(&self, step: &hornblende_core::Tensor) -> hornblende_core::Tensor {
            match self.check() {
                Ok(()) => self.rate(step),
                Err(error) => hornblende_core::Tensor::invalid(error),
            }
        }

        fn class_name(&self) -> &'static str {
            $class
        }

        fn get_config(&self) -> crate::config::Config {
            self.configuration()
        }
    };
}
pub(super) use schedule_identity;
