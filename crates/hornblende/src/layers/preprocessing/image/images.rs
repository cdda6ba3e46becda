// tidy: not an item
//! What layers on images have in common.

use hornblende_core::{DType, Error, Result, Tensor};

use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{DataFormat, LayerBase};

/// The layer behind a struct of arguments with the field `images` and the methods `check` and `add_to`. With the word
/// `augment` before its name, the struct implements `Augment`; else it has a method `transform`.
///
/// All of this is the same for every layer on images, and a method of the struct's own page is what a user looks for:
/// hence a macro. The names behind the struct's are of arguments that several layers have, each of which becomes such a
/// method.
macro_rules! image_layer {
    (augment $name:ident $(, $argument:ident)*) => {
        super::images::image_layer!(@layer $name, layer inputs training => {
            super::augment::augment_all(ENTRY.class_name, layer, &layer.images, inputs, training)
        } $(, $argument)*);
    };
    ($name:ident $(, $argument:ident)*) => {
        super::images::image_layer!(@layer $name, layer inputs training => {
            let transform = |images: &hornblende_core::Tensor| layer.transform(images, training);
            let images = layer.images.apply(ENTRY.class_name, &inputs[0], transform)?;
            Ok([images].into_iter().chain(inputs[1..].iter().cloned()).collect())
        } $(, $argument)*);
    };
    (
        @layer $name:ident,
        $layer:ident $inputs:ident $training:ident => $all:block $(, $argument:ident)*
    ) => {
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
                Ok(self.forward_all(&inputs[..1], call)?.remove(0))
            }

            fn forward_all(
                &self,
                $inputs: &[hornblende_core::Tensor],
                call: &$crate::layers::Call,
            ) -> hornblende_core::Result<Vec<hornblende_core::Tensor>> {
                super::images::check_labels(ENTRY.class_name, $inputs)?;
                let ($layer, $training) = (self, call.training_or(true));
                $all
            }

            fn get_config(&self) -> $crate::config::Config {
                self.add_to(self.images.get_config(ENTRY.class_name))
            }

            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }

        super::images::image_arguments!($name, data_format $(, $argument)*);
    };
}

/// Builder methods that several layers have, for structs with the field `images` and, where it is used, `range` or
/// `factor`. They are inherent methods, as all arguments are, hence a macro.
macro_rules! image_arguments {
    ($name:ident $(, $argument:ident)*) => {
        impl $name {
            $(super::images::image_arguments!(@method $argument);)*
        }
    };
    (@method data_format) => {
        /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
        #[must_use]
        pub fn data_format(mut self, name: &str) -> Self {
            self.images.set_data_format(name);
            self
        }
    };
    (@method seed) => {
        /// Makes the random numbers repeatable, whatever else is random. Default: none.
        #[must_use]
        pub fn seed(mut self, seed: u64) -> Self {
            self.images.randomness.set_seed(seed);
            self
        }
    };
    (@method value_range) => {
        /// The smallest and the largest number of an image. Default: 0 and 255.
        #[must_use]
        pub fn value_range(mut self, low: f64, high: f64) -> Self {
            self.range = super::value_range::ValueRange::between(low, high);
            self
        }
    };
    (@method probability) => {
        /// The range of probabilities, from 0 to 1: that of an image is drawn from it; a number `f` is 0 to f.
        /// Default: 1.
        #[must_use]
        pub fn factor(mut self, factor: impl Into<crate::layers::Factor>) -> Self {
            self.factor = factor.into();
            self
        }
    };
}

pub(super) use {image_arguments, image_layer};

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
}

/// Fails for more than images and labels: what else belongs to images would have to change with them.
pub(super) fn check_labels(class_name: &str, inputs: &[Tensor]) -> Result<()> {
    if inputs.len() <= 2 {
        return Ok(());
    }
    Err(Error::invalid_argument(
        class_name,
        "images, or images and labels",
        format!("{} inputs", inputs.len()),
        "",
    ))
}

/// The labels mixed with those in another order: `w y + (1 - w) y'`, for weights `[batch, 1, 1, 1]`.
pub(super) fn mixed_labels(
    class_name: &str,
    labels: &Tensor,
    order: &Tensor,
    weights: &Tensor,
) -> Result<Tensor> {
    let batch = weights.shape()[0];
    if labels.rank() < 2 || labels.shape()[0] != batch {
        return Err(Error::shape_mismatch(
            format!("labels of {class_name}"),
            format!("shape [{batch}, classes]"),
            format!("shape {}", labels.shape()),
            "Make class numbers one-hot",
        ));
    }
    let dtype = match labels.dtype() {
        dtype if dtype.is_float() => dtype,
        _ => DType::F32,
    };
    let labels = labels.cast(dtype);
    let mut shape = vec![1; labels.rank()];
    shape[0] = batch;
    let weights = weights.cast(dtype).reshape_to(shape);
    Ok(&weights * &labels + (1.0 - &weights) * labels.take(order, 0))
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
