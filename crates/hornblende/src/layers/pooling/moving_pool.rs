// tidy: not an item
//! What pooling over moving windows has in common, whatever the number of axes.

use hornblende_core::graph::op::Reduction;
use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::{Config, Json};
use crate::layers::spatial_window::{Padding, around, window};
use crate::layers::{DataFormat, Example, InputSpec, LayerBase, Sizes};

/// What tells the classes apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct PoolKind {
    pub(super) class_name: &'static str,
    /// The number of spatial axes.
    pub(super) rank: usize,
    /// The mean, rather than the largest.
    pub(super) averages: bool,
}

/// Pooling over moving windows.
#[derive(Clone)]
pub(super) struct MovingPool {
    kind: PoolKind,
    pub(super) base: LayerBase,
    pub(super) pool_size: Sizes,
    pub(super) strides: Option<Sizes>,
    pub(super) padding: Result<Padding>,
    pub(super) data_format: Result<DataFormat>,
}

impl MovingPool {
    pub(super) const ARGUMENTS: &'static [&'static str] =
        &["pool_size", "strides", "padding", "data_format"];

    pub(super) fn new(kind: PoolKind, pool_size: Sizes) -> Self {
        Self {
            kind,
            base: LayerBase::default(),
            pool_size,
            strides: None,
            padding: Ok(Padding::Valid),
            data_format: Ok(DataFormat::ChannelsLast),
        }
    }

    /// Averages have no default size, as in Keras.
    pub(super) fn from_config(kind: PoolKind, config: &Config) -> Result<Self> {
        let rank = kind.rank;
        let pool_size = match Sizes::from_config(config, "pool_size", rank)? {
            Some(size) => size,
            None if !kind.averages => Sizes::from(2),
            None => {
                let expected = "the argument \"pool_size\"";
                return Err(Error::format(kind.class_name, expected, "none", ""));
            }
        };
        Ok(Self {
            strides: Sizes::from_config(config, "strides", rank)?,
            padding: Ok(Padding::from_config(config)?),
            data_format: Ok(DataFormat::from_config(config)?),
            ..Self::new(kind, pool_size)
        })
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let strides = self.strides.as_ref().unwrap_or(&self.pool_size);
        let padding = self.padding.as_ref().map_or("unknown", |p| p.name());
        let data_format = self.data_format.as_ref().map_or("unknown", |d| d.name());
        config
            .with("pool_size", self.pool_size.json(self.kind.rank))
            .with("padding", padding)
            .with("strides", strides.json(self.kind.rank))
            .with("data_format", data_format)
    }

    pub(super) fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.padding.as_ref().map_err(Error::clone)?;
        self.data_format.as_ref().map_err(Error::clone)?;
        self.sizes().map(|_| ())
    }

    /// The size of the window and its step.
    fn sizes(&self) -> Result<(Vec<usize>, Vec<usize>)> {
        let PoolKind {
            class_name, rank, ..
        } = self.kind;
        let size = self
            .pool_size
            .positive(&format!("{class_name}: pool_size"), rank)?;
        let strides = self.strides.as_ref().unwrap_or(&self.pool_size);
        let strides = strides.positive(&format!("{class_name}: strides"), rank)?;
        Ok((size, strides))
    }

    pub(super) fn forward(&self, inputs: &[Tensor]) -> Result<Tensor> {
        let PoolKind {
            class_name,
            rank,
            averages,
        } = self.kind;
        let padding = *self.padding.as_ref().map_err(Error::clone)?;
        let data_format = *self.data_format.as_ref().map_err(Error::clone)?;
        let x = &inputs[0];
        InputSpec::rank(rank + 2).check(class_name, x.shape())?;
        let first = data_format.first_spatial_axis();
        let sizes = &x.shape().dims()[first..first + rank];
        let (size, strides) = self.sizes()?;
        let spatial = window(class_name, sizes, &size, &strides, &vec![1; rank], padding)?;
        let whole = around(&spatial, first, rank + 2);
        if !averages {
            return Ok(x.reduce_window(Reduction::Max, whole));
        }
        let sum = x.reduce_window(Reduction::Sum, whole);
        if padding == Padding::Valid {
            return Ok(sum / size.iter().product::<usize>() as f64);
        }
        // Padding is no part of the mean.
        let mut counted = vec![1; rank + 2];
        counted[first..first + rank].copy_from_slice(sizes);
        let ones = Tensor::ones(counted, x.dtype());
        let whole = around(&spatial, first, rank + 2);
        Ok(sum / ones.reduce_window(Reduction::Sum, whole))
    }

    /// Configurations and inputs to try the layer with.
    pub(super) fn examples(kind: PoolKind) -> Vec<Example> {
        let rank = kind.rank;
        let sized = |size: usize| Config::new().with("pool_size", size);
        let same = sized(3).with("strides", 2).with("padding", "same");
        let first = Config::new()
            .with("pool_size", Json::from((1..=rank).collect::<Vec<_>>()))
            .with("strides", 1)
            .with("data_format", "channels_first");
        let shape = |spatial: &[usize]| [&[2], &spatial[..rank], &[2]].concat();
        vec![
            Example::new(sized(2), [shape(&[4, 5, 3])]),
            Example::new(same, [shape(&[4, 5, 3])]),
            Example::new(first, [[&[2, 2], &[3, 4, 3][..rank]].concat()]),
        ]
    }
}

/// The options of a pooling layer and its implementation of `Layer`: a macro, because each class is a type of
/// its own whose methods must be found on it.
macro_rules! moving_pool {
    ($layer:ident) => {
        impl $layer {
            /// The step between windows: one number, or one for each axis. Default: the window's size.
            #[must_use]
            pub fn strides(mut self, strides: impl Into<crate::layers::Sizes>) -> Self {
                self.0.strides = Some(strides.into());
                self
            }

            /// What happens at the borders: `"valid"` (the default) or `"same"`.
            #[must_use]
            pub fn padding(mut self, name: &str) -> Self {
                self.0.padding = crate::layers::spatial_window::Padding::from_name(name);
                self
            }

            /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
            #[must_use]
            pub fn data_format(mut self, name: &str) -> Self {
                self.0.data_format = crate::layers::DataFormat::from_name(name);
                self
            }
        }

        crate::layers::delegated_layer!($layer);
    };
}
pub(super) use moving_pool;

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    #[test]
    fn padding_never_wins_and_is_not_counted() {
        let x = Tensor::full([1, 3, 3, 1], -5.0, DType::F32);
        let y = MaxPooling2D::new().padding("same").call(&x).unwrap();
        assert_eq!(y.to_vec::<f32>().unwrap(), [-5.0; 4]);
        let y = AveragePooling2D::new(2).padding("same").call(&x).unwrap();
        assert_eq!(y.to_vec::<f32>().unwrap(), [-5.0; 4]);
    }

    #[test]
    fn a_window_larger_than_the_input_is_told() {
        let x = Tensor::zeros([1, 1, 3, 1], DType::F32);
        let error = MaxPooling2D::new().call(&x).unwrap_err().to_string();
        let expected =
            "MaxPooling2D: expected an image at least as large as the window [2, 2]; got [1, 3].";
        assert!(error.starts_with(expected), "{error}");
        let error = MaxPooling2D::new()
            .strides(0)
            .call(&x)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("MaxPooling2D: strides: expected numbers above 0"),
            "{error}"
        );
        let error = AveragePooling1D::new((2, 2))
            .call(Tensor::zeros([1, 4, 1], DType::F32))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("AveragePooling1D: pool_size: expected one number"),
            "{error}"
        );
    }
}
