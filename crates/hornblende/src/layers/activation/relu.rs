//! The rectifier as a layer.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::activations;
use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "ReLU",
    aliases: &[],
    arguments: &[&["max_value", "negative_slope", "threshold"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(ReLU::from_config(config)?)),
    examples: || {
        let config = Config::new()
            .with("max_value", 0.6)
            .with("negative_slope", 0.1);
        vec![
            Example::new(Config::new(), [[3, 4]]),
            Example::new(config.with("threshold", 0.2), [[3, 4]]),
        ]
    },
};

/// The rectifier as a layer: `x` above `threshold`, but at most `max_value`, and
/// `negative_slope * (x - threshold)` from there down.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = ReLU::new().max_value(6.0).call(&Tensor::from([[-1.0f32, 2.0, 9.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 2.0, 6.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Default)]
pub struct ReLU {
    base: LayerBase,
    max_value: Option<f64>,
    negative_slope: f64,
    threshold: f64,
}

impl ReLU {
    /// `max(x, 0)`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The largest result, at least 0. Default: none.
    #[must_use]
    pub fn max_value(mut self, max_value: f64) -> Self {
        self.max_value = Some(max_value);
        self
    }

    /// The slope below the threshold, at least 0. Default: 0.
    #[must_use]
    pub fn negative_slope(mut self, negative_slope: f64) -> Self {
        self.negative_slope = negative_slope;
        self
    }

    /// What `x` must exceed to pass, at least 0. Default: 0.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            base: LayerBase::default(),
            max_value: config.number("max_value")?,
            negative_slope: config.number("negative_slope")?.unwrap_or(0.0),
            threshold: config.number("threshold")?.unwrap_or(0.0),
        })
    }
}

impl Layer for ReLU {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        let numbers = [
            ("max_value", self.max_value.unwrap_or(0.0)),
            ("negative_slope", self.negative_slope),
            ("threshold", self.threshold),
        ];
        for (name, number) in numbers {
            if number.is_nan() || number < 0.0 {
                let subject = format!("ReLU: {name}");
                let got = number.to_string();
                return Err(Error::invalid_argument(
                    subject,
                    "a number of at least 0",
                    got,
                    "",
                ));
            }
        }
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let Self {
            max_value,
            negative_slope,
            threshold,
            ..
        } = self;
        Ok(activations::relu_with(
            &inputs[0],
            *negative_slope,
            *max_value,
            *threshold,
        ))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("max_value", self.max_value.map_or(Json::Null, Json::from))
            .with("negative_slope", self.negative_slope)
            .with("threshold", self.threshold)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn negative_arguments_are_told() {
        let x = Tensor::ones([1, 1], DType::F32);
        let error = ReLU::new()
            .negative_slope(-1.0)
            .call(&x)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("ReLU: negative_slope: expected a number of at least 0; got -1.")
        );
        assert!(ReLU::new().threshold(f64::NAN).call(&x).is_err());
    }
}
