// tidy: not an item
//! What the three layers that drop whole channels have in common.

use hornblende_core::{Error, Result, Tensor};

use super::drop::Drop;
use crate::layers::{Call, DataFormat, InputSpec};

/// The type of a layer that drops whole channels. The three types differ in nothing but the number of
/// axes and in whether channels may come first, and rustdoc shows each under its own name: hence a macro.
macro_rules! spatial_dropout {
    ($(#[$about:meta])* $name:ident, $spatial:literal, [$($data_format:literal)?]) => {
        $(#[$about])*
        #[derive(Clone)]
        pub struct $name {
            base: LayerBase,
            drop: Drop,
            data_format: Result<DataFormat>,
        }

        impl $name {
            /// A layer that drops this part of the channels.
            #[must_use]
            pub fn new(rate: f64) -> Self {
                Self {
                    base: LayerBase::default(),
                    drop: Drop::new(rate),
                    data_format: Ok(DataFormat::default()),
                }
            }

            fn from_config(config: &Config) -> Result<Self> {
                Ok(Self {
                    drop: Drop::from_config(ENTRY.class_name, config)?,
                    data_format: Ok(DataFormat::from_config(config)?),
                    ..Self::new(0.0)
                })
            }
        }

        super::drop::drop_arguments!($name, seed);

        impl Layer for $name {
            fn base(&self) -> &LayerBase {
                &self.base
            }

            fn class_name(&self) -> &'static str {
                ENTRY.class_name
            }

            fn build(&self, _inputs: &[Shape]) -> Result<()> {
                self.drop.build(ENTRY.class_name, &self.base)
            }

            fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
                let format = &self.data_format;
                super::spatial_dropout::forward(&self.drop, $spatial, format, &inputs[0], call)
            }

            fn supports_masking(&self) -> bool {
                true
            }

            fn get_config(&self) -> Config {
                // Keras's constructor of this class does not take `trainable`.
                let config = self.base.get_config(self.class_name()).without("trainable");
                let config = self.drop.add_to(config);
                $(if let Ok(format) = &self.data_format {
                    return config.with($data_format, format.name());
                })?
                config
            }

            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }
    };
}

pub(super) use spatial_dropout;

/// Drops channels of an input with so many spatial axes.
pub(super) fn forward(
    drop: &Drop,
    spatial: usize,
    data_format: &Result<DataFormat>,
    x: &Tensor,
    call: &Call,
) -> Result<Tensor> {
    let data_format = data_format.as_ref().map_err(Error::clone)?;
    InputSpec::rank(spatial + 2).check(&format!("SpatialDropout{spatial}D"), x.shape())?;
    if !call.training {
        return Ok(x.clone());
    }
    let channels = x
        .shape()
        .axis("channels", data_format.channel_axis(x.rank()))?;
    let size = |axis: usize| match axis {
        axis if axis == 0 || axis == channels => x.shape()[axis],
        _ => 1,
    };
    let decisions: Vec<usize> = (0..x.rank()).map(size).collect();
    drop.call(x, decisions)
}
