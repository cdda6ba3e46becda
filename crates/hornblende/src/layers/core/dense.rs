//! The densely connected layer.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::{
    Affine, AffineOptions, Call, Entry, Example, InputSpec, Layer, LayerBase, require_size,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Dense",
    aliases: &[],
    arguments: &[&["units"], Affine::ARGUMENTS],
    unsupported: Affine::UNSUPPORTED,
    from_config: |config| Ok(Arc::new(Dense::from_config(config)?)),
    examples: || {
        let config = Config::new().with("units", 3);
        vec![
            Example::new(config.clone().with("activation", "tanh"), [[2, 4]]),
            Example::new(config.with("use_bias", false), [[2, 3, 4]]),
        ]
    },
};

/// The densely connected layer: `activation(x · kernel + bias)`.
///
/// # Arguments
/// `units`: the size of the result, above 0. The others are methods: see [`AffineOptions`] and
/// [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, .., n]` gives `[batch, .., units]`; the kernel is `[n, units]`. Of an input of more than two axes
/// the last one is contracted.
///
/// # Errors
/// [`Error::ShapeMismatch`] for an input of one axis, or whose last axis differs from the first call's.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Dense::new(2).kernel_initializer("ones").activation("relu");
/// let y = layer.call(&Tensor::from([[1.0f32, 2.0, 3.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [6.0, 6.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Dense {
    base: LayerBase,
    units: usize,
    affine: Affine,
}

impl Dense {
    /// A layer whose result has `units` entries.
    #[must_use]
    pub fn new(units: usize) -> Self {
        Self {
            base: LayerBase::default(),
            units,
            affine: Affine::default(),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            affine: Affine::from_config(config)?,
            ..Self::new(require_size("Dense", config, "units")?)
        })
    }
}

impl AffineOptions for Dense {
    fn affine_mut(&mut self) -> &mut Affine {
        &mut self.affine
    }
}

impl Layer for Dense {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        if self.units == 0 {
            let got = self.units.to_string();
            return Err(Error::invalid_argument(
                "Dense: units",
                "a number above 0",
                got,
                "",
            ));
        }
        let fix = "Flatten the samples, or add an axis with expand_dims";
        let spec = InputSpec::least_rank(2).fix(fix);
        spec.check("Dense", &inputs[0])?;
        let last = inputs[0].dims().last().copied().unwrap_or(Shape::UNKNOWN);
        if last == Shape::UNKNOWN {
            let got = format!("shape {}", inputs[0]);
            return Err(Error::shape_mismatch(
                "Dense",
                "a last axis of known size",
                got,
                "",
            ));
        }
        self.affine
            .build(&self.base, [last, self.units], self.units)
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let kernel = self.base.built_variable("kernel")?.read();
        let spec = InputSpec::least_rank(2).axis(-1, kernel.shape()[0]);
        spec.fix("The kernel was made for that size by the first call")
            .check("Dense", inputs[0].shape())?;
        let x = self
            .affine
            .add_bias(&self.base, inputs[0].matmul(&kernel))?;
        self.affine.activate(&x)
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        self.affine.add_to(config.with("units", self.units))
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
    fn the_softmax_of_a_dense_layer_remembers_its_logits() {
        let layer = Dense::new(2)
            .activation("softmax")
            .kernel_initializer("ones");
        let y = layer.call(Tensor::from([[1.0f32, 2.0]])).unwrap();
        let logits = y.remark("softmax_logits").unwrap();
        assert_eq!(logits.to_vec::<f32>().unwrap(), [3.0, 3.0]);
    }

    #[test]
    fn wrong_arguments_and_inputs_are_told_with_the_layer_and_the_line() {
        let message = |layer: Dense, x: &Tensor| layer.call(x).unwrap_err().to_string();
        let x = Tensor::zeros([2, 3], DType::F32);
        let here = |line: u32| format!("(layer \"d\", {}:{line})", file!());

        let got = message(Dense::new(0).name("d"), &x);
        assert!(
            got.starts_with("Dense: units: expected a number above 0; got 0."),
            "{got}"
        );

        let layer = Dense::new(2).name("d");
        layer.call(&x).unwrap();
        let wider = Tensor::zeros([2, 4], DType::F32);
        let (got, line) = (layer.call(&wider).unwrap_err().to_string(), line!());
        let expected = format!(
            "input of Dense: expected at least 2 axes, size 3 along axis -1; got shape (2, 4). The kernel \
             was made for that size by the first call. {}",
            here(line)
        );
        assert_eq!(got, expected);

        let got = message(Dense::new(2).name("d").activation("reluu"), &x);
        let line = line!() - 1;
        assert!(got.contains("Did you mean \"relu\"?"), "{got}");
        assert!(got.ends_with(&here(line)), "{got}");

        let got = message(Dense::new(2).kernel_initializer("glorot"), &x);
        assert!(
            got.contains("expected the name of a known initializer"),
            "{got}"
        );
    }

    #[test]
    fn a_layer_that_could_not_be_built_can_be_built_by_a_better_call() {
        let layer = Dense::new(2);
        assert!(layer.call(Tensor::from([1.0f32])).is_err());
        assert_eq!(layer.variables().len(), 0);
        assert!(layer.call(Tensor::from([[1.0f32]])).is_ok());
        assert_eq!(layer.variables().len(), 2);
    }
}
