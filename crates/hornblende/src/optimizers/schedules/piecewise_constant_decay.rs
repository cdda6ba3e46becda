//! A learning rate in steps.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::{Entry, LearningRateSchedule};
use crate::config::{Config, Json};

pub(super) const ENTRY: Entry = Entry {
    class_name: "PiecewiseConstantDecay",
    names: &[],
    from_config: |config| Ok(Arc::new(PiecewiseConstantDecay::from_config(config)?)),
};

/// The rate is `values[0]` up to and including step `boundaries[0]`, then `values[1]` up to and including
/// `boundaries[1]`, and so on; after the last boundary it is the last value.
///
/// There is one value more than there are boundaries, of which there is at least one. Boundaries grow.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let schedule = PiecewiseConstantDecay::new([100.0, 200.0], [0.5, 0.25, 0.125]);
/// let rate = |step: f32| schedule.call(&Tensor::from(step)).item::<f32>();
/// assert_eq!([rate(100.0)?, rate(101.0)?, rate(300.0)?], [0.5, 0.25, 0.125]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// Another number of values, or no boundary, makes the learning rate an error, which whatever trains returns.
///
/// # Source
/// `keras.optimizers.schedules.PiecewiseConstantDecay`.
#[derive(Debug, Clone)]
pub struct PiecewiseConstantDecay {
    boundaries: Vec<f64>,
    values: Vec<f64>,
    name: String,
}

impl PiecewiseConstantDecay {
    /// The schedule of these boundaries and of one value more.
    #[must_use]
    pub fn new(boundaries: impl Into<Vec<f64>>, values: impl Into<Vec<f64>>) -> Self {
        Self {
            boundaries: boundaries.into(),
            values: values.into(),
            name: "PiecewiseConstant".to_owned(),
        }
    }

    /// The name, which only configurations hold.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        config.only("PiecewiseConstantDecay", &["boundaries", "values", "name"])?;
        let schedule = Self::new(numbers(config, "boundaries")?, numbers(config, "values")?);
        let name = config.text("name")?.unwrap_or(schedule.name.clone());
        schedule.check()?;
        Ok(schedule.name(&name))
    }

    fn check(&self) -> Result<()> {
        let (boundaries, values) = (self.boundaries.len(), self.values.len());
        if boundaries >= 1 && values == boundaries + 1 {
            return Ok(());
        }
        Err(Error::invalid_argument(
            "PiecewiseConstantDecay",
            "boundaries, and one value more than there are boundaries",
            format!("{boundaries} boundaries and {values} values"),
            "",
        ))
    }
}

impl LearningRateSchedule for PiecewiseConstantDecay {
    fn call(&self, step: &Tensor) -> Tensor {
        if let Err(error) = self.check() {
            return Tensor::invalid(error);
        }
        let first = Tensor::literal(self.values[0], step.dtype());
        let later = self.boundaries.iter().zip(&self.values[1..]);
        later.fold(first, |rate, (boundary, value)| {
            step.greater(*boundary).select(*value, rate)
        })
    }

    fn class_name(&self) -> &'static str {
        "PiecewiseConstantDecay"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("boundaries", self.boundaries.clone())
            .with("values", self.values.clone())
            .with("name", self.name.as_str())
    }
}

fn numbers(config: &Config, key: &str) -> Result<Vec<f64>> {
    let list = match config.get(key) {
        Some(Json::Array(list)) => list.iter().map(Json::as_f64).collect(),
        _ => None,
    };
    list.ok_or_else(|| {
        let got = config.get(key).map_or("none".to_owned(), Json::to_string);
        let subject = format!("PiecewiseConstantDecay: argument \"{key}\"");
        Error::format(subject, "a list of numbers", got, "")
    })
}
