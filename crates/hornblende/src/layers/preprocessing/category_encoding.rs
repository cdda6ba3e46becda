//! Category numbers as rows.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::output_mode::{OutputMode, refuse_sparse};
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase, require_size};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "CategoryEncoding",
    aliases: &[],
    arguments: &[&["num_tokens", "output_mode", "sparse"]],
    unsupported: &[],
    from_config: |config| {
        refuse_sparse(ENTRY.class_name, config)?;
        let mut layer =
            CategoryEncoding::new(require_size(ENTRY.class_name, config, "num_tokens")?);
        layer.output_mode =
            OutputMode::from_config(ENTRY.class_name, config, MODES, OutputMode::MultiHot);
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("num_tokens", 3);
        let one_hot = config.clone().with("output_mode", "one_hot");
        let count = config.clone().with("output_mode", "count");
        vec![
            Example::new(config, [[2, 4]]),
            Example::new(one_hot, [[3, 1]]),
            Example::new(count, [[3, 4], [3, 4]]),
        ]
    },
};

const MODES: &[OutputMode] = &[OutputMode::Count, OutputMode::MultiHot, OutputMode::OneHot];

/// Category numbers as rows of 0 and 1, or of counts.
///
/// # Shapes
/// | `output_mode` | input | result |
/// |---|---|---|
/// | `"multi_hot"` | `[batch, tokens]` | `[batch, num_tokens]`: 1 for each number that is there |
/// | `"count"` | `[batch, tokens]` | `[batch, num_tokens]`: how often each is there |
/// | `"one_hot"` | `[batch]` or `[batch, 1]` | `[batch, num_tokens]`; `[batch, a]` gives `[batch, a, num_tokens]` |
///
/// One sample, `[tokens]`, gives `[num_tokens]`. With `"count"` a second input, `[batch, tokens]`, is what
/// each occurrence counts: Keras's call argument `count_weights`.
///
/// Numbers below 0 and from `num_tokens` on are left out; Keras refuses negative ones in some modes.
///
/// # Arguments
/// `num_tokens`: the number of categories, at least 1. Method: [`CategoryEncoding::output_mode`].
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let tokens = Tensor::from([[2i32, 0, 2]]);
/// let y = CategoryEncoding::new(4).call(&tokens)?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 0.0, 1.0, 0.0]);
/// let y = CategoryEncoding::new(4).output_mode("count").call(&tokens)?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 0.0, 2.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct CategoryEncoding {
    base: LayerBase,
    num_tokens: usize,
    output_mode: Result<OutputMode>,
}

impl CategoryEncoding {
    /// A layer for so many categories.
    #[must_use]
    pub fn new(num_tokens: usize) -> Self {
        Self {
            base: LayerBase::default(),
            num_tokens,
            output_mode: Ok(OutputMode::MultiHot),
        }
    }

    /// `"multi_hot"`, `"one_hot"` or `"count"`. Default: `"multi_hot"`.
    #[must_use]
    pub fn output_mode(mut self, output_mode: &str) -> Self {
        self.output_mode = OutputMode::from_name(ENTRY.class_name, output_mode, MODES);
        self
    }
}

impl Layer for CategoryEncoding {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.output_mode.as_ref().map_err(Error::clone)?;
        if self.num_tokens > 0 {
            return Ok(());
        }
        let subject = "CategoryEncoding: num_tokens";
        Err(Error::invalid_argument(
            subject,
            "a number above 0",
            "0",
            "",
        ))
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let mode = *self.output_mode.as_ref().map_err(Error::clone)?;
        let weights = inputs.get(1);
        if weights.is_some() && mode != OutputMode::Count {
            let fix = "Weights of occurrences are for output_mode(\"count\")";
            return Err(Error::invalid_argument(
                ENTRY.class_name,
                "one input",
                "two",
                fix,
            ));
        }
        Ok(mode.encode(&inputs[0], self.num_tokens, self.base.dtype(), weights))
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        let config = config.with("num_tokens", self.num_tokens);
        match &self.output_mode {
            Ok(mode) => config.with("output_mode", mode.name()),
            Err(_) => config,
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
