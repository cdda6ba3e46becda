// tidy: not an item
//! What layers on images have in common.

use hornblende_core::{DType, Error, Result, Tensor};

use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{DataFormat, LayerBase};

/// The layer behind a struct of arguments with the field `images` and the methods `check`, `transform` and
/// `add_to`. All of this is the same for every layer on images; a method of the struct's own page is what a
/// user looks for, hence a macro.
macro_rules! image_layer {
    ($name:ident) => {
        impl $name {
            /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
            #[must_use]
            pub fn data_format(mut self, name: &str) -> Self {
                self.images.set_data_format(name);
                self
            }
        }

        impl $crate::layers::Layer for $name {
            fn base(&self) -> &$crate::layers::LayerBase {
                &self.images.base
            }

            fn class_name(&self) -> &'static str {
                ENTRY.class_name
            }

            fn build(&self, _inputs: &[hornblende_core::Shape]) -> hornblende_core::Result<()> {
                self.check()?;
                self.images.build()
            }

            fn forward(
                &self,
                inputs: &[hornblende_core::Tensor],
                call: &$crate::layers::Call,
            ) -> hornblende_core::Result<hornblende_core::Tensor> {
                let transform = |images: &hornblende_core::Tensor| self.transform(images, call);
                self.images.apply(ENTRY.class_name, &inputs[0], transform)
            }

            fn get_config(&self) -> $crate::config::Config {
                self.add_to(self.images.get_config(ENTRY.class_name))
            }

            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }
    };
    ($name:ident, seed) => {
        impl $name {
            /// Makes the random numbers repeatable, whatever else is random. Default: none.
            #[must_use]
            pub fn seed(mut self, seed: u64) -> Self {
                self.images.randomness.set_seed(seed);
                self
            }
        }

        image_layer!($name);
    };
}

pub(super) use image_layer;

/// Name and flags of a layer on images, where channels stand, and its random numbers.
#[derive(Clone)]
pub(super) struct Images {
    pub(super) base: LayerBase,
    data_format: Result<DataFormat>,
    pub(super) randomness: Randomness,
    /// Whether the layer keeps whole numbers whole, and draws none at random.
    keeps_integers: bool,
    is_random: bool,
}

impl Images {
    /// Of a layer that draws random numbers.
    pub(super) fn random() -> Self {
        Self {
            base: LayerBase::default(),
            data_format: Ok(DataFormat::default()),
            randomness: Randomness::default(),
            keeps_integers: false,
            is_random: true,
        }
    }

    /// Of a layer without random numbers.
    pub(super) fn fixed() -> Self {
        Self {
            is_random: false,
            ..Self::random()
        }
    }

    pub(super) fn keeping_integers(self) -> Self {
        Self {
            keeps_integers: true,
            ..self
        }
    }

    /// With `seed` and `data_format` of a configuration.
    pub(super) fn read(self, config: &Config) -> Result<Self> {
        Ok(Self {
            data_format: Ok(DataFormat::from_config(config)?),
            randomness: Randomness::from_config(config)?,
            ..self
        })
    }

    pub(super) fn set_data_format(&mut self, name: &str) {
        self.data_format = DataFormat::from_name(name);
    }

    pub(super) fn build(&self) -> Result<()> {
        self.data_format.as_ref().map_err(Error::clone)?;
        if self.is_random {
            self.randomness.build(&self.base);
        }
        Ok(())
    }

    pub(super) fn get_config(&self, class_name: &str) -> Config {
        let config = self.base.get_config(class_name);
        let config = match &self.data_format {
            Ok(format) => config.with("data_format", format.name()),
            Err(_) => config,
        };
        if self.is_random {
            return config.with("seed", self.randomness.json());
        }
        config
    }

    /// Transforms one image or a batch of them; `transform` sees `[batch, height, width, channels]`.
    pub(super) fn apply(
        &self,
        class_name: &str,
        x: &Tensor,
        transform: impl FnOnce(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let format = *self.data_format.as_ref().map_err(Error::clone)?;
        if ![3, 4].contains(&x.rank()) {
            return Err(Error::shape_mismatch(
                format!("input of {class_name}"),
                "an image of 3 axes or a batch of them of 4",
                format!("shape {}", x.shape()),
                "",
            ));
        }
        let dtype = x.dtype();
        let kept = self.keeps_integers && dtype.is_integer();
        let x = if kept {
            x.clone()
        } else {
            x.cast(self.base.dtype())
        };
        let is_single = x.rank() == 3;
        let batch = if is_single { x.expand_dims(0) } else { x };
        let y = transform(&format.to_channels_last(&batch))?;
        let y = if kept { to_integers(&y, dtype) } else { y };
        let y = format.of_channels_last(&y);
        Ok(if is_single { y.squeeze(0) } else { y })
    }

    /// A random number from `low` to `high` for each image, `[batch, 1, 1, 1]`.
    pub(super) fn uniform_per_image(&self, images: &Tensor, low: f64, high: f64) -> Result<Tensor> {
        let uniform = self.randomness.uniform([images.shape()[0], 1, 1, 1])?;
        Ok((uniform * (high - low) + low).cast(images.dtype()))
    }

    /// A random number from `low` to `high` for each image, `[batch, 1, 1]`, in single precision.
    pub(super) fn per_place(&self, images: &Tensor, low: f64, high: f64) -> Result<Tensor> {
        let uniform = self.randomness.uniform([images.shape()[0], 1, 1])?;
        Ok(uniform * (high - low) + low)
    }
}

/// The nearest whole numbers that the type holds.
fn to_integers(x: &Tensor, dtype: DType) -> Tensor {
    if x.dtype() == dtype {
        return x.clone();
    }
    let rounded = x.round();
    match dtype {
        DType::U8 => rounded.clip(0.0, 255.0).cast(dtype),
        _ => rounded.cast(dtype),
    }
}
