// tidy: not an item
//! What pooling over all places has in common, whatever the number of axes.

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::{DataFormat, Example, InputSpec, LayerBase};

use super::moving_pool::PoolKind;

/// Pooling over all places.
#[derive(Clone)]
pub(super) struct GlobalPool {
    kind: PoolKind,
    pub(super) base: LayerBase,
    pub(super) data_format: Result<DataFormat>,
    pub(super) keepdims: bool,
}

impl GlobalPool {
    pub(super) const ARGUMENTS: &'static [&'static str] = &["data_format", "keepdims"];

    pub(super) fn new(kind: PoolKind) -> Self {
        Self {
            kind,
            base: LayerBase::default(),
            data_format: Ok(DataFormat::ChannelsLast),
            keepdims: false,
        }
    }

    pub(super) fn from_config(kind: PoolKind, config: &Config) -> Result<Self> {
        Ok(Self {
            data_format: Ok(DataFormat::from_config(config)?),
            keepdims: config.flag("keepdims")?.unwrap_or(false),
            ..Self::new(kind)
        })
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let data_format = self.data_format.as_ref().map_or("unknown", |d| d.name());
        config
            .with("data_format", data_format)
            .with("keepdims", self.keepdims)
    }

    pub(super) fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.data_format.as_ref().map_err(Error::clone)?;
        Ok(())
    }

    pub(super) fn forward(&self, inputs: &[Tensor]) -> Result<Tensor> {
        let (x, axes) = self.axes(inputs)?;
        Ok(match (self.kind.averages, self.keepdims) {
            (true, true) => x.mean_keepdims(axes),
            (true, false) => x.mean(axes),
            (false, true) => x.max_keepdims(axes),
            (false, false) => x.max(axes),
        })
    }

    /// The mean over the steps of a sequence that its mask lets through.
    pub(super) fn forward_masked(&self, inputs: &[Tensor], mask: &Tensor) -> Result<Tensor> {
        let (x, axes) = self.axes(inputs)?;
        let mask = match self.data_format.as_ref().map_err(Error::clone)? {
            DataFormat::ChannelsLast => mask.expand_dims(2),
            DataFormat::ChannelsFirst => mask.expand_dims(1),
        };
        let count = mask.cast(x.dtype());
        let mask = mask.broadcast_to(x.shape());
        let kept = mask.select(x, 0.0);
        Ok(match self.keepdims {
            true => kept.sum_keepdims(axes.clone()) / count.sum_keepdims(axes),
            false => kept.sum(axes.clone()) / count.sum(axes),
        })
    }

    /// The input and its spatial axes.
    fn axes<'a>(&self, inputs: &'a [Tensor]) -> Result<(&'a Tensor, Vec<usize>)> {
        let PoolKind {
            class_name, rank, ..
        } = self.kind;
        InputSpec::rank(rank + 2).check(class_name, inputs[0].shape())?;
        let data_format = *self.data_format.as_ref().map_err(Error::clone)?;
        let first = data_format.first_spatial_axis();
        Ok((&inputs[0], (first..first + rank).collect()))
    }

    /// Configurations and inputs to try the layer with.
    pub(super) fn examples(kind: PoolKind) -> Vec<Example> {
        let shape = [&[2], &[4, 3, 2][..kind.rank], &[3]].concat();
        let first = Config::new()
            .with("data_format", "channels_first")
            .with("keepdims", true);
        vec![
            Example::new(Config::new(), [shape.clone()]),
            Example::new(first, [shape]),
        ]
    }
}

/// The options of a layer that pools over all places: a macro, because each class is a type of its own whose
/// methods must be found on it.
macro_rules! global_pool_options {
    ($layer:ident) => {
        impl $layer {
            /// A layer that looks for the channels at the end and lets the spatial axes vanish.
            #[must_use]
            pub fn new() -> Self {
                Self(GlobalPool::new(KIND))
            }

            /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
            #[must_use]
            pub fn data_format(mut self, name: &str) -> Self {
                self.0.data_format = crate::layers::DataFormat::from_name(name);
                self
            }

            /// Whether the spatial axes stay, with size 1. Default: false.
            #[must_use]
            pub fn keepdims(mut self, keepdims: bool) -> Self {
                self.0.keepdims = keepdims;
                self
            }
        }

        impl Default for $layer {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}
pub(super) use global_pool_options;
