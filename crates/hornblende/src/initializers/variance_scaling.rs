//! Initializers whose scale follows the number of connections.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Value};

use super::draw;
use super::{Entry, Initializer};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "VarianceScaling",
    names: &["variance_scaling"],
    from_config: |config| Ok(Arc::new(VarianceScaling::from_config(config)?)),
};

/// Random numbers of variance `scale / n`, where `n` is what `mode` says.
///
/// `fan_in` is the number of inputs of a unit: the last but one axis times the size of the convolution
/// window (all axes before it); `fan_out` is the number of outputs: the last axis times that size;
/// `fan_avg` is the mean of both. A vector counts as both, a scalar as 1.
///
/// # Example
/// ```
/// use hornblende::{initializers::{Initializer, VarianceScaling}, prelude::*};
/// let he = VarianceScaling::new().scale(2.0).seed(7);
/// let kernel = he.initialize(&Shape::from([3, 3, 8, 16]), DType::F32)?;
/// // A truncated normal distribution ends at two standard deviations (before the cut).
/// let limit = 2.0 * (2.0f64 / 72.0).sqrt() / 0.879;
/// assert!(kernel.to_f64_vec().iter().all(|x| x.abs() < limit));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct VarianceScaling {
    scale: f64,
    mode: String,
    distribution: String,
    seed: Option<u64>,
}

impl Default for VarianceScaling {
    fn default() -> Self {
        Self {
            scale: 1.0,
            mode: "fan_in".to_owned(),
            distribution: "truncated_normal".to_owned(),
            seed: None,
        }
    }
}

impl VarianceScaling {
    /// The initializer with Keras's defaults: scale 1, `fan_in`, `truncated_normal`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The factor of the variance; above 0; 1 by default.
    #[must_use]
    pub fn scale(mut self, scale: f64) -> Self {
        self.scale = scale;
        self
    }

    /// `"fan_in"`, `"fan_out"` or `"fan_avg"`.
    #[must_use]
    pub fn mode(mut self, mode: &str) -> Self {
        mode.clone_into(&mut self.mode);
        self
    }

    /// `"truncated_normal"` (also called `"normal"`), `"untruncated_normal"` or `"uniform"`.
    #[must_use]
    pub fn distribution(mut self, distribution: &str) -> Self {
        distribution.clone_into(&mut self.distribution);
        self
    }

    /// The seed; without one each call draws other numbers.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = [
            "scale",
            "mode",
            "distribution",
            "seed",
            "input_axes",
            "output_axes",
        ];
        config.only("VarianceScaling", &known)?;
        let defaults = Self::default();
        Ok(Self {
            scale: config.number("scale")?.unwrap_or(defaults.scale),
            mode: config.text("mode")?.unwrap_or(defaults.mode),
            distribution: config
                .text("distribution")?
                .unwrap_or(defaults.distribution),
            seed: scaled_seed_of(config)?,
        })
    }
}

impl Initializer for VarianceScaling {
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        let (fan_in, fan_out) = fans(shape);
        let n = match self.mode.to_lowercase().as_str() {
            "fan_in" => fan_in,
            "fan_out" => fan_out,
            "fan_avg" => f64::midpoint(fan_in, fan_out),
            other => {
                let known = ["fan_in", "fan_out", "fan_avg"];
                return Err(Error::unknown("mode of VarianceScaling", other, &known));
            }
        };
        if self.scale <= 0.0 || self.scale.is_nan() {
            return Err(Error::invalid_argument(
                "VarianceScaling",
                "a scale above 0",
                self.scale.to_string(),
                "",
            ));
        }
        let variance = self.scale / n.max(1.0);
        let mut stream = draw::stream(self.seed);
        match self.distribution.to_lowercase().as_str() {
            "truncated_normal" | "normal" => {
                let stddev = variance.sqrt() / draw::STDDEV_AFTER_TRUNCATION;
                draw::fill(shape, dtype, || {
                    stddev * draw::truncated_normal(&mut stream)
                })
            }
            "untruncated_normal" => draw::fill(shape, dtype, || variance.sqrt() * stream.normal()),
            "uniform" => {
                let limit = (3.0 * variance).sqrt();
                draw::fill(shape, dtype, || limit * (2.0 * stream.uniform() - 1.0))
            }
            other => {
                let known = [
                    "truncated_normal",
                    "normal",
                    "untruncated_normal",
                    "uniform",
                ];
                Err(Error::unknown(
                    "distribution of VarianceScaling",
                    other,
                    &known,
                ))
            }
        }
    }

    fn follows_fans(&self) -> bool {
        true
    }

    fn class_name(&self) -> &'static str {
        "VarianceScaling"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("scale", self.scale)
            .with("mode", self.mode.as_str())
            .with("distribution", self.distribution.as_str())
            .with("seed", self.seed)
    }
}

/// The numbers of inputs and outputs of a unit with weights of this shape.
fn fans(shape: &Shape) -> (f64, f64) {
    match shape.dims() {
        [] => (1.0, 1.0),
        [n] => (*n as f64, *n as f64),
        [window @ .., inputs, outputs] => {
            let field: usize = window.iter().product();
            ((field * inputs) as f64, (field * outputs) as f64)
        }
    }
}

/// The seed of a configuration; other ways to count connections than Keras's usual one are refused.
pub(super) fn scaled_seed_of(config: &Config) -> Result<Option<u64>> {
    for key in ["input_axes", "output_axes"] {
        if let Some(axes) = config.get(key) {
            return Err(Error::format(
                format!("argument \"{key}\" of an initializer"),
                "null",
                axes.to_string(),
                "Other axes than the last two are not supported",
            ));
        }
    }
    super::seed_of(config)
}

/// Defines one of the initializers that are [`VarianceScaling`] with fixed arguments; they differ in nothing
/// but these.
macro_rules! scaled_initializer {
    ($(#[$doc:meta])* $name:ident, $alias:literal, $scale:literal, $mode:literal, $distribution:literal) => {
        use std::sync::Arc;

        use hornblende_core::{DType, Result, Shape, Value};

        use super::variance_scaling::scaled_seed_of;
        use super::{Initializer, VarianceScaling};
        use crate::config::Config;

        $(#[$doc])*
        ///
        /// See [`VarianceScaling`] for what counts as inputs and outputs. With a seed the numbers are the
        /// same at each call; without, each call draws others.
        #[derive(Debug, Clone, Copy, Default)]
        pub struct $name {
            seed: Option<u64>,
        }

        impl $name {
            const fn entry() -> Entry {
                Entry {
                    class_name: stringify!($name),
                    names: &[$alias],
                    from_config: |config| {
                        config.only(stringify!($name), &["seed", "input_axes", "output_axes"])?;
                        Ok(Arc::new($name {
                            seed: scaled_seed_of(config)?,
                        }))
                    },
                }
            }

            /// The initializer.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            /// The seed; without one each call draws other numbers.
            #[must_use]
            pub fn seed(mut self, seed: u64) -> Self {
                self.seed = Some(seed);
                self
            }
        }

        impl Initializer for $name {
            fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
                let scaling = VarianceScaling::new()
                    .scale($scale)
                    .mode($mode)
                    .distribution($distribution);
                match self.seed {
                    Some(seed) => scaling.seed(seed).initialize(shape, dtype),
                    None => scaling.initialize(shape, dtype),
                }
            }

            fn follows_fans(&self) -> bool {
                true
            }

            fn class_name(&self) -> &'static str {
                stringify!($name)
            }

            fn get_config(&self) -> Config {
                Config::new().with("seed", self.seed)
            }
        }
    };
}
pub(super) use scaled_initializer;
