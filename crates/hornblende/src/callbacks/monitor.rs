// tidy: not an item
//! Watching one of the logged numbers for improvement.

use hornblende_core::{Error, Result};

use crate::config::{Config, Json};
use crate::metrics::Direction;
use crate::training::{CallbackState, Logs, Run};

/// Which way a monitored number gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// As the loss or metric of that name says.
    #[default]
    Auto,
    /// Smaller is better.
    Min,
    /// Larger is better.
    Max,
}

impl From<Direction> for Mode {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Up => Self::Max,
            Direction::Down => Self::Min,
        }
    }
}

/// A monitored number and its best value so far.
#[derive(Debug, Clone)]
pub(super) struct Monitor {
    class_name: &'static str,
    pub(super) name: String,
    mode: Result<Mode>,
    pub(super) min_delta: f64,
    pub(super) best: Option<f64>,
    warned: bool,
}

impl Monitor {
    pub(super) fn new(class_name: &'static str) -> Self {
        Self {
            class_name,
            name: "val_loss".to_owned(),
            mode: Ok(Mode::Auto),
            min_delta: 0.0,
            best: None,
            warned: false,
        }
    }

    pub(super) fn set_mode(&mut self, mode: &str) {
        self.mode = match mode {
            "auto" => Ok(Mode::Auto),
            "min" => Ok(Mode::Min),
            "max" => Ok(Mode::Max),
            _ => {
                let family = format!("mode of {}", self.class_name);
                Err(Error::unknown(&family, mode, &["auto", "min", "max"]))
            }
        };
    }

    /// Takes `monitor`, `mode` and `min_delta` from a configuration.
    pub(super) fn read(&mut self, config: &Config) -> Result<()> {
        if let Some(name) = config.text("monitor")? {
            self.name = name;
        }
        if let Some(mode) = config.text("mode")? {
            self.set_mode(&mode);
        }
        if let Some(min_delta) = config.number("min_delta")? {
            self.min_delta = min_delta;
        }
        self.check()
    }

    /// Fails for a mode that there is not.
    pub(super) fn check(&self) -> Result<()> {
        self.mode.clone().map(|_| ())
    }

    /// Makes sure that it is known which way the number gets better.
    pub(super) fn resolve(&mut self, run: &Run<'_>) -> Result<()> {
        if self.mode.clone()? != Mode::Auto {
            return Ok(());
        }
        let Some(direction) = run.direction(&self.name) else {
            return Err(Error::invalid_argument(
                format!("{}: monitor", self.class_name),
                "the loss, or a metric that says which way it gets better",
                format!("{:?}", self.name),
                "Set mode to \"min\" or \"max\"",
            ));
        };
        self.mode = Ok(direction.into());
        Ok(())
    }

    /// The monitored number. Where it is not logged, a warning says once what is.
    pub(super) fn value(&mut self, logs: &Logs, run: &mut Run<'_>) -> Option<f64> {
        let value = logs.get(&self.name);
        if value.is_none() && !self.warned {
            self.warned = true;
            let known: Vec<&str> = logs.names().collect();
            run.warn(&format!(
                "{} monitors \"{}\", which is not logged; there are: {}",
                self.class_name,
                self.name,
                known.join(", ")
            ));
        }
        value
    }

    /// Whether a number is better than another by more than `min_delta`; anything is better than nothing.
    /// Compared as `f32`, as in Keras.
    pub(super) fn improves(&self, value: f64, on: Option<f64>) -> bool {
        let Some(on) = on else {
            return true;
        };
        match self.mode {
            Ok(Mode::Max) => (value - self.min_delta.abs()) as f32 > on as f32,
            _ => ((value + self.min_delta.abs()) as f32) < on as f32,
        }
    }

    /// Forgets the best value.
    pub(super) fn reset(&mut self) {
        self.best = None;
        self.warned = false;
    }

    /// Adds the best value to what is remembered.
    pub(super) fn add_to(&self, config: Config) -> Config {
        config.with("best", self.best.map_or(Json::Null, number_json))
    }

    /// Takes the best value from what was remembered.
    pub(super) fn restore(&mut self, state: &CallbackState) -> Result<()> {
        self.best = state.config.get("best").map(json_number).transpose()?;
        Ok(())
    }
}

/// A number as JSON, which has none that is not finite: those are texts.
pub(super) fn number_json(number: f64) -> Json {
    if number.is_finite() {
        Json::from(number)
    } else {
        Json::from(number.to_string())
    }
}

/// The number that [`number_json`] wrote.
pub(super) fn json_number(json: &Json) -> Result<f64> {
    let number = match json {
        Json::String(text) => text.parse().ok(),
        other => other.as_f64(),
    };
    number.ok_or_else(|| {
        let subject = "state of a callback";
        Error::format(subject, "a number", json.to_string(), "")
    })
}

/// The builder methods of callbacks that monitor a number.
macro_rules! monitor_options {
    ($callback:ident) => {
        impl $callback {
            /// The logged number that is watched. Default: `"val_loss"`.
            #[must_use]
            pub fn monitor(mut self, name: &str) -> Self {
                self.monitor.name = name.to_owned();
                self
            }

            /// Which way the number gets better: `"min"`, `"max"`, or `"auto"` (the default), as the loss or
            /// the metric itself says.
            #[must_use]
            pub fn mode(mut self, mode: &str) -> Self {
                self.monitor.set_mode(mode);
                self
            }

            /// The best value of the number so far.
            #[must_use]
            pub fn best(&self) -> Option<f64> {
                self.monitor.best
            }
        }
    };
}
pub(super) use monitor_options;
