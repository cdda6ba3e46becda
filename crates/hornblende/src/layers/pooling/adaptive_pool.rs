// tidy: not an item
//! What pooling to a given size has in common, whatever the number of axes.
//!
//! Along an axis of `n` places, window `i` of `m` runs from `floor(i * n / m)` to `ceil((i + 1) * n / m)`, which is
//! `ceil(n / m)` places long or one more. Where `m` divides `n`, these are plain windows that do not overlap; else
//! the windows of both lengths are taken at every place and the right ones picked. The axes are pooled one after the
//! other.

use hornblende_core::graph::op::{Reduction, Window};
use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::spatial_window::around;
use crate::layers::{DataFormat, Example, InputSpec, LayerBase, Sizes};

use super::moving_pool::PoolKind;

/// Pooling to a given size.
#[derive(Clone)]
pub(super) struct AdaptivePool {
    kind: PoolKind,
    pub(super) base: LayerBase,
    output_size: Sizes,
    pub(super) data_format: Result<DataFormat>,
}

impl AdaptivePool {
    pub(super) const ARGUMENTS: &'static [&'static str] = &["output_size", "data_format"];

    pub(super) fn new(kind: PoolKind, output_size: Sizes) -> Self {
        Self {
            kind,
            base: LayerBase::default(),
            output_size,
            data_format: Ok(DataFormat::ChannelsLast),
        }
    }

    pub(super) fn from_config(kind: PoolKind, config: &Config) -> Result<Self> {
        let size = Sizes::from_config(config, "output_size", kind.rank)?.ok_or_else(|| {
            let expected = "the argument \"output_size\"";
            Error::format(kind.class_name, expected, "none", "")
        })?;
        Ok(Self {
            data_format: Ok(DataFormat::from_config(config)?),
            ..Self::new(kind, size)
        })
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let data_format = self.data_format.as_ref().map_or("unknown", |d| d.name());
        config
            .with("output_size", self.output_size.json(self.kind.rank))
            .with("data_format", data_format)
    }

    pub(super) fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.data_format.as_ref().map_err(Error::clone)?;
        self.sizes().map(|_| ())
    }

    fn sizes(&self) -> Result<Vec<usize>> {
        let subject = format!("{}: output_size", self.kind.class_name);
        self.output_size.positive(&subject, self.kind.rank)
    }

    pub(super) fn forward(&self, inputs: &[Tensor]) -> Result<Tensor> {
        let PoolKind {
            class_name, rank, ..
        } = self.kind;
        InputSpec::rank(rank + 2).check(class_name, inputs[0].shape())?;
        let data_format = *self.data_format.as_ref().map_err(Error::clone)?;
        let first = data_format.first_spatial_axis();
        let mut x = inputs[0].clone();
        for (k, size) in self.sizes()?.into_iter().enumerate() {
            if x.shape()[first + k] == 0 {
                return Err(Error::shape_mismatch(
                    class_name,
                    "at least one place along each axis",
                    format!("shape {}", x.shape()),
                    "",
                ));
            }
            x = self.along(&x, first + k, size);
        }
        Ok(x)
    }

    /// Pools one axis to this size.
    fn along(&self, x: &Tensor, axis: usize, size: usize) -> Tensor {
        let places = x.shape()[axis];
        if places == size {
            return x.clone();
        }
        let small = places.div_ceil(size);
        if places.is_multiple_of(size) {
            return self.pool(x, axis, small, small);
        }
        let start = |i: usize| i * places / size;
        let is_long = |i: usize| ((i + 1) * places).div_ceil(size) - start(i) > small;
        let short_ones = places - small + 1;
        let picked = (0..size).map(|i| match is_long(i) {
            true => (short_ones + start(i)) as i32,
            false => start(i) as i32,
        });
        let picked = Tensor::from_vec([size], picked.collect());
        let mut all = self.pool(x, axis, small, 1);
        if (0..size).any(is_long) {
            let long = self.pool(x, axis, small + 1, 1);
            all = Tensor::concatenate(&[all, long], axis as isize);
        }
        all.take(&picked, axis as isize)
    }

    /// Windows of this size along one axis.
    fn pool(&self, x: &Tensor, axis: usize, size: usize, stride: usize) -> Tensor {
        let window = Window {
            size: vec![size],
            strides: vec![stride],
            padding: vec![(0, 0)],
            dilation: vec![1],
        };
        let window = around(&window, axis, x.rank());
        match self.kind.averages {
            true => x.reduce_window(Reduction::Sum, window) / size as f64,
            false => x.reduce_window(Reduction::Max, window),
        }
    }

    /// Configurations and inputs to try the layer with.
    pub(super) fn examples(kind: PoolKind) -> Vec<Example> {
        let rank = kind.rank;
        let each = Config::new().with("output_size", [2, 3, 1][..rank].to_vec());
        let more = Config::new()
            .with("output_size", 3)
            .with("data_format", "channels_first");
        vec![
            Example::new(each, [[&[2], &[4, 5, 3][..rank], &[2]].concat()]),
            Example::new(more, [[&[2, 2], &[4, 2, 3][..rank]].concat()]),
        ]
    }
}

/// The options of a layer that pools to a given size: a macro, because each class is a type of its own whose
/// methods must be found on it.
macro_rules! adaptive_pool {
    ($layer:ident) => {
        impl $layer {
            /// Pooling to this size: one number for all axes, or one for each.
            #[must_use]
            pub fn new(output_size: impl Into<crate::layers::Sizes>) -> Self {
                Self(AdaptivePool::new(KIND, output_size.into()))
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
pub(super) use adaptive_pool;

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    #[test]
    fn windows_overlap_where_the_size_does_not_divide_the_places() {
        // Five places to three: [0, 2), [1, 4), [3, 5).
        let x = Tensor::from_vec([1, 5, 1], vec![1.0f32, 2.0, 4.0, 8.0, 16.0]);
        let y = AdaptiveAveragePooling1D::new(3).call(&x).unwrap();
        let expected = [1.5, 14.0 / 3.0, 12.0];
        for (y, expected) in y.to_vec::<f32>().unwrap().iter().zip(expected) {
            assert!((y - expected).abs() < 4.0 * f32::EPSILON * expected);
        }
        let y = AdaptiveMaxPooling1D::new(3).call(&x).unwrap();
        assert_eq!(y.to_vec::<f32>().unwrap(), [2.0, 8.0, 16.0]);
    }

    #[test]
    fn a_size_of_nothing_is_told() {
        let x = Tensor::zeros([1, 5, 5, 1], DType::F32);
        let error = AdaptiveMaxPooling2D::new((0, 2)).call(&x).unwrap_err();
        let expected = "AdaptiveMaxPooling2D: output_size: expected numbers above 0; got [0, 2].";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
