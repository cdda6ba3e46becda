// tidy: not an item
//! The arguments that crossentropies share.

use hornblende_core::{Error, Result, Tensor};

use super::{LossBase, axis_of};
use crate::config::Config;
use crate::ops;

/// `from_logits`, `label_smoothing` and `axis`.
#[derive(Debug, Clone)]
pub(super) struct CrossentropyArguments {
    pub(super) from_logits: bool,
    pub(super) label_smoothing: f64,
    pub(super) axis: isize,
}

impl CrossentropyArguments {
    /// Their names.
    pub(super) const KEYS: [&'static str; 3] = ["from_logits", "label_smoothing", "axis"];

    /// Keras's defaults.
    pub(super) const fn new() -> Self {
        Self {
            from_logits: false,
            label_smoothing: 0.0,
            axis: -1,
        }
    }

    /// The arguments of a configuration; a share of smoothing that is none is noted in `base`.
    pub(super) fn read(config: &Config, base: &mut LossBase) -> Result<Self> {
        let mut arguments = Self {
            from_logits: config.flag("from_logits")?.unwrap_or(false),
            axis: axis_of(config)?,
            ..Self::new()
        };
        arguments.smooth(base, config.number("label_smoothing")?.unwrap_or(0.0));
        Ok(arguments)
    }

    /// Sets the share of smoothing; one that is none is noted in `base`.
    pub(super) fn smooth(&mut self, base: &mut LossBase, label_smoothing: f64) {
        if !(0.0..=1.0).contains(&label_smoothing) {
            base.refuse(Error::invalid_argument(
                "label_smoothing",
                "a number from 0 to 1",
                label_smoothing.to_string(),
                "",
            ));
        }
        self.label_smoothing = label_smoothing;
    }

    /// The configuration with these arguments.
    pub(super) fn add_to(&self, config: Config) -> Config {
        config
            .with("from_logits", self.from_logits)
            .with("label_smoothing", self.label_smoothing)
            .with("axis", self.axis)
    }

    /// The labels moved towards equal shares of the classes, which Keras counts along the last axis whatever
    /// `axis` says.
    #[track_caller]
    pub(super) fn smoothed_classes(&self, y_true: &Tensor) -> Tensor {
        let classes = y_true.shape().dims().last().copied().unwrap_or(1);
        ops::smooth_labels(y_true, self.label_smoothing, classes)
    }
}

/// The builder methods for these arguments; the losses that have them differ in nothing here but in what
/// smoothing means and what runs along the axis.
macro_rules! crossentropy_arguments {
    ($loss:ident, $smoothing:literal, $axis:literal) => {
        impl $loss {
            /// Whether `y_pred` are logits, not probabilities; `false` by default.
            #[must_use]
            pub fn from_logits(mut self, from_logits: bool) -> Self {
                self.crossentropy.from_logits = from_logits;
                self
            }

            #[doc = $smoothing]
            #[must_use]
            pub fn label_smoothing(mut self, label_smoothing: f64) -> Self {
                self.crossentropy.smooth(&mut self.base, label_smoothing);
                self
            }

            #[doc = $axis]
            #[must_use]
            pub fn axis(mut self, axis: isize) -> Self {
                self.crossentropy.axis = axis;
                self
            }
        }
    };
}
pub(super) use crossentropy_arguments;
