//! The densely connected layer over axes of one's choice.

use std::any::Any;
use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::einsum_shapes::EinsumShapes;
use crate::activations::{self, Activation, IntoActivation};
use crate::config::{Config, Json};
use crate::initializers::{GlorotUniform, Zeros};
use crate::layers::{
    Call, Entry, Example, InputSpec, Layer, LayerBase, WeightOptions, weight_options,
};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "EinsumDense",
    aliases: &[],
    arguments: &[
        &["equation", "output_shape", "activation", "bias_axes"],
        WeightOptions::KERNEL,
        WeightOptions::BIAS,
    ],
    unsupported: &[
        "lora_rank",
        "lora_alpha",
        "gptq_unpacked_column_size",
        "quantization_config",
    ],
    from_config: |config| Ok(Arc::new(EinsumDense::from_config(config)?)),
    examples: || {
        let config = |equation: &str, output_shape: Json| {
            Config::new()
                .with("equation", equation)
                .with("output_shape", output_shape)
        };
        let heads = config("abc,cde->abde", serde_json::json!([null, 2, 3]));
        vec![
            Example::new(
                heads.with("bias_axes", "de").with("activation", "tanh"),
                [[2, 3, 4]],
            ),
            Example::new(
                config("...x,xy->...y", 3.into()).with("bias_axes", "y"),
                [[2, 3, 4]],
            ),
            Example::new(config("ab...,bc->ac...", 3.into()), [[2, 3, 4]]),
        ]
    },
};

/// The densely connected layer whose product is an equation of [`ops::einsum`]:
/// `activation(einsum(equation, x, kernel) + bias)`.
///
/// # Arguments
/// `equation`: input, kernel and result, as `"abc,cd->abd"`, `"...x,xy->...y"` or `"ab...,bc->ac..."`.
/// `output_shape`: the sizes of the result without the batch axis and the axes of `...`; `None` is the input's.
/// Methods: `bias_axes` (letters of the result along which there is a bias; default: no bias), `activation`,
/// and `kernel_` and `bias_` with `initializer` (`"glorot_uniform"`, `"zeros"`), `regularizer` and `constraint`.
/// Inputs and outputs of a unit, which the scale of the kernel follows from, are the axes that are summed over
/// and those that the result has.
///
/// # Shapes
/// As the equation says; the kernel has a size for each of its letters.
///
/// # Errors
/// `InvalidArgument` for an equation that makes no sense, `ShapeMismatch` for shapes that do not fit it.
///
/// # Source
/// `keras.layers.EinsumDense`, without quantization and low-rank adaptation.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = EinsumDense::new("abc,cd->abd", [None, Some(2)]).bias_axes("d").kernel_initializer("ones");
/// let y = layer.call(&Tensor::from([[[1.0f32, 2.0, 3.0]]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [6.0, 6.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct EinsumDense {
    base: LayerBase,
    equation: String,
    output_shape: Vec<Option<usize>>,
    activation: Result<Activation>,
    bias_axes: Option<String>,
    kernel: WeightOptions,
    bias: WeightOptions,
}

impl EinsumDense {
    /// A layer of this equation, whose result has these sizes behind the batch axis.
    #[must_use]
    pub fn new(equation: &str, output_shape: impl AsRef<[Option<usize>]>) -> Self {
        Self {
            base: LayerBase::default(),
            equation: equation.to_owned(),
            output_shape: output_shape.as_ref().to_vec(),
            activation: Ok(Activation::default()),
            bias_axes: None,
            kernel: WeightOptions::new(GlorotUniform::new()),
            bias: WeightOptions::new(Zeros::new()),
        }
    }

    /// As [`EinsumDense::new`], with the options of its weights.
    pub(in crate::layers) fn with_weights(
        equation: &str,
        output_shape: &[Option<usize>],
        (kernel, bias): (WeightOptions, WeightOptions),
    ) -> Self {
        Self {
            kernel,
            bias,
            ..Self::new(equation, output_shape)
        }
    }

    /// The letters of the result along which a bias is added. Default: none, and no bias.
    #[must_use]
    pub fn bias_axes(mut self, bias_axes: &str) -> Self {
        self.bias_axes = Some(bias_axes.to_owned());
        self
    }

    /// The function behind the bias: a name, a function of [`crate::activations`] or a closure. Default: none.
    #[track_caller]
    #[must_use]
    pub fn activation(mut self, activation: impl IntoActivation) -> Self {
        let location = Location::caller();
        self.activation = activation
            .into_activation()
            .map_err(|error| error.at(location));
        self
    }

    weight_options!(pub, "kernel", "glorot_uniform", self => self.kernel;
        kernel_initializer, kernel_regularizer, kernel_constraint);

    weight_options!(pub, "bias", "zeros", self => self.bias;
        bias_initializer, bias_regularizer, bias_constraint);

    fn from_config(config: &Config) -> Result<Self> {
        let missing = |key: &str| {
            let expected = format!("the argument \"{key}\"");
            Error::format("EinsumDense", expected, "none", "")
        };
        let equation = config
            .text("equation")?
            .ok_or_else(|| missing("equation"))?;
        let shape = config
            .get("output_shape")
            .ok_or_else(|| missing("output_shape"))?;
        let mut layer = Self::new(&equation, output_shape_of(shape)?);
        if let Some(activation) = config.text("activation")? {
            layer.activation = Ok(activations::get(&activation)?);
        }
        layer.bias_axes = config.text("bias_axes")?;
        layer.kernel.read(config, "kernel")?;
        layer.bias.read(config, "bias")?;
        Ok(layer)
    }
}

/// Sizes and nulls, or one size.
pub(in crate::layers) fn output_shape_of(value: &Json) -> Result<Vec<Option<usize>>> {
    let size = |v: &Json| match v {
        Json::Null => Some(None),
        v => v.as_u64().map(|n| Some(n as usize)),
    };
    let found = match value {
        Json::Array(list) => list.iter().map(size).collect(),
        one => one.as_u64().map(|n| vec![Some(n as usize)]),
    };
    found.ok_or_else(|| {
        let expected = "a whole number, or a list of whole numbers and nulls";
        Error::format("argument \"output_shape\"", expected, value.to_string(), "")
    })
}

impl Layer for EinsumDense {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.activation.as_ref().map_err(Error::clone)?;
        self.bias.check()?;
        let bias_axes = self.bias_axes.as_deref();
        let shapes = EinsumShapes::new(&self.equation, bias_axes, &inputs[0], &self.output_shape)?;
        self.kernel
            .add_weight_of_fans(&self.base, "kernel", &shapes.kernel, shapes.fans)?;
        if let Some(bias) = shapes.bias {
            self.bias.add_weight(&self.base, "bias", bias)?;
        }
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let letters = self.equation.split(',').next().unwrap_or_default();
        let letters = letters.chars().filter(char::is_ascii_alphabetic).count();
        InputSpec::least_rank(letters).check("EinsumDense", inputs[0].shape())?;
        let kernel = self.base.built_variable("kernel")?.read();
        let mut y = ops::einsum(&self.equation, &inputs[0], &kernel);
        if self.bias_axes.is_some() {
            y = y + self.base.built_variable("bias")?.read();
        }
        Ok(self.activation.as_ref().map_err(Error::clone)?.call(&y))
    }

    fn get_config(&self) -> Config {
        let sizes = self
            .output_shape
            .iter()
            .map(|size| size.map_or(Json::Null, Json::from));
        let activation = self.activation.as_ref().map_or("unknown", Activation::name);
        let config = self
            .base
            .get_config(self.class_name())
            .with("equation", self.equation.as_str())
            .with("output_shape", sizes.collect::<Vec<Json>>())
            .with("activation", activation)
            .with("bias_axes", self.bias_axes.clone());
        self.bias
            .add_to(self.kernel.add_to(config, "kernel"), "bias")
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
    fn the_scale_of_the_kernel_follows_the_axes_that_are_summed_over() {
        let layer = EinsumDense::new("abc,cde->abde", [None, Some(40), Some(50)]);
        layer.call(Tensor::ones([1, 1, 2], DType::F32)).unwrap();
        let kernel = layer.get_weights()[0].to_vec::<f32>().unwrap();
        let largest = kernel.iter().fold(0.0f32, |m, x| m.max(x.abs()));
        // Glorot's limit for 2 inputs and 2000 outputs; of 4000 uniform numbers the largest comes near it.
        let limit = (6.0f32 / 2002.0).sqrt();
        assert!(
            largest <= limit && largest > 0.98 * limit,
            "{largest} {limit}"
        );
    }

    #[test]
    fn a_bias_may_leave_axes_out() {
        let layer = EinsumDense::new("abc,cde->abde", [None, Some(2), Some(3)])
            .bias_axes("d")
            .bias_initializer("ones");
        let y = layer.call(Tensor::zeros([1, 1, 2], DType::F32)).unwrap();
        assert_eq!(layer.weights()[1].shape().dims(), [2, 1]);
        assert_eq!(y.to_vec::<f32>().unwrap(), [1.0; 6]);
    }
}
