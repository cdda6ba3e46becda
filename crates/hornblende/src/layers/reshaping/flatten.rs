//! Flattening of samples.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::{Call, DataFormat, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Flatten",
    aliases: &[],
    arguments: &[&["data_format"]],
    unsupported: &[],
    from_config: |config| {
        let layer = Flatten::new();
        Ok(Arc::new(match config.text("data_format")? {
            Some(name) => layer.data_format(&name),
            None => layer,
        }))
    },
    examples: || {
        let channels_first = Config::new().with("data_format", "channels_first");
        vec![
            Example::new(Config::new(), [[2, 3, 2]]),
            Example::new(channels_first, [[2, 3, 2, 2]]),
        ]
    },
};

/// Makes each sample one axis, the last axis running fastest.
///
/// # Shapes
/// `[batch, a, b, ..]` gives `[batch, a * b * ..]`, `[batch]` gives `[batch, 1]`. With
/// `data_format("channels_first")` the channels are moved to the end before.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = Flatten::new().call(&Tensor::zeros([5, 28, 28], DType::F32))?;
/// assert_eq!(y.shape().dims(), [5, 784]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Flatten {
    base: LayerBase,
    data_format: Result<DataFormat>,
}

impl Flatten {
    /// A layer that makes each sample one axis.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            data_format: Ok(DataFormat::default()),
        }
    }

    /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
    #[must_use]
    pub fn data_format(mut self, name: &str) -> Self {
        self.data_format = DataFormat::from_name(name);
        self
    }
}

impl Default for Flatten {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for Flatten {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.data_format.as_ref().map(|_| ()).map_err(Error::clone)
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let data_format = self.data_format.as_ref().map_err(Error::clone)?;
        let x = data_format.to_channels_last(&inputs[0]);
        let Some((batch, sample)) = x.shape().dims().split_first() else {
            let got = "a scalar";
            return Err(Error::shape_mismatch("Flatten", "a batch axis", got, ""));
        };
        Ok(x.reshape_to([*batch, sample.iter().product()]))
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        match &self.data_format {
            Ok(data_format) => config.with("data_format", data_format.name()),
            Err(_) => config,
        }
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
    fn an_empty_batch_keeps_the_size_of_its_samples() {
        let y = Flatten::new()
            .call(Tensor::zeros([0, 2, 3], DType::F32))
            .unwrap();
        assert_eq!(y.shape().dims(), [0, 6]);
    }

    #[test]
    fn an_unknown_data_format_is_told_with_the_known_ones() {
        let x = Tensor::zeros([1, 2], DType::F32);
        let error = Flatten::new()
            .data_format("channel_last")
            .call(&x)
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("Did you mean \"channels_last\"?"),
            "{error}"
        );
    }
}
