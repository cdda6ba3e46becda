//! The rectifier with a learned slope.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::{Config, Json};
use crate::initializers::Zeros;
use crate::layers::weight_options::weight_options;
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase, WeightOptions};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "PReLU",
    aliases: &[],
    arguments: &[&[
        "alpha_initializer",
        "alpha_regularizer",
        "alpha_constraint",
        "shared_axes",
    ]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(PReLU::from_config(config)?)),
    examples: || {
        let shared = Config::new().with("shared_axes", vec![1, 2]);
        vec![
            Example::new(Config::new(), [[3, 4]]),
            Example::new(shared.with("alpha_initializer", "ones"), [[2, 3, 2, 2]]),
        ]
    },
};

/// The rectifier with a learned slope: `x` above 0, `alpha * x` below.
///
/// # Shapes
/// `alpha` has the shape of one sample, with 1 for each of the shared axes.
///
/// # Arguments
/// Methods: [`PReLU::shared_axes`], [`PReLU::alpha_initializer`] (default `"zeros"`),
/// [`PReLU::alpha_regularizer`], [`PReLU::alpha_constraint`].
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = PReLU::new().alpha_initializer("ones");
/// let y = layer.call(&Tensor::from([[-1.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: He et al. 2015, "Delving Deep into Rectifiers"; `keras.layers.PReLU`.
#[derive(Clone)]
pub struct PReLU {
    base: LayerBase,
    alpha: WeightOptions,
    shared_axes: Option<Vec<isize>>,
}

impl PReLU {
    /// A layer whose slope below 0 begins with 0 for each element of a sample.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            alpha: WeightOptions::new(Zeros::new()),
            shared_axes: None,
        }
    }

    /// The axes along which elements share a slope, counted with the batch axis, such as `[1, 2]` for all
    /// places of an image. Default: none.
    #[must_use]
    pub fn shared_axes(mut self, axes: impl AsRef<[isize]>) -> Self {
        self.shared_axes = Some(axes.as_ref().to_vec());
        self
    }

    weight_options!(pub, "slope", "zeros", self => self.alpha;
        alpha_initializer, alpha_regularizer, alpha_constraint);

    fn from_config(config: &Config) -> Result<Self> {
        let mut layer = Self::new();
        layer.alpha.read(config, "alpha")?;
        layer.shared_axes = config.axes("shared_axes")?;
        Ok(layer)
    }
}

impl Default for PReLU {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for PReLU {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        InputSpec::least_rank(1).check(ENTRY.class_name, &inputs[0])?;
        let mut sizes = inputs[0].clone();
        for axis in self.shared_axes.iter().flatten() {
            let axis = sizes.axis("PReLU: shared_axes", *axis)?;
            sizes = sizes.with(axis, 1);
        }
        let sizes = &sizes.dims()[1..];
        if sizes.contains(&Shape::UNKNOWN) {
            return Err(Error::shape_mismatch(
                "input of PReLU",
                "known sizes along all axes but the shared ones",
                inputs[0].to_string(),
                "Name the other axes in shared_axes",
            ));
        }
        self.alpha.add_weight(&self.base, "alpha", sizes)?;
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let alpha = self.base.built_variable("alpha")?;
        InputSpec::rank(alpha.shape().rank() + 1).check(ENTRY.class_name, x.shape())?;
        Ok(ops::relu(x) - alpha.read() * ops::relu(&-x))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        let axes = self.shared_axes.clone();
        self.alpha
            .add_to(config, "alpha")
            .with("shared_axes", axes.map_or(Json::Null, Json::from))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
