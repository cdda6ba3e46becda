//! Vectors for whole numbers.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::initializers::RandomUniform;
use crate::layers::spatial_window::check_positive;
use crate::layers::{
    Call, Entry, Example, Layer, LayerBase, WeightOptions, require_size, weight_options,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Embedding",
    aliases: &[],
    arguments: &[Embedding::ARGUMENTS],
    unsupported: Embedding::UNSUPPORTED,
    from_config: |config| Ok(Arc::new(Embedding::from_config(ENTRY.class_name, config)?)),
    examples: || {
        let config = Config::new().with("input_dim", 5).with("output_dim", 3);
        vec![
            Example::new(config.clone(), [[2, 4]]),
            Example::new(config.with("mask_zero", true), [[2, 4]]),
        ]
    },
};

/// Vectors for whole numbers: each entry of the input is replaced by the row of the table that it names.
///
/// # Arguments
/// `input_dim`: the number of rows, one more than the largest number that occurs. `output_dim`: the size of a
/// vector. The others are methods: [`Embedding::mask_zero`], [`Embedding::weights`], those for the weight
/// `embeddings`, and those of [`LayerOptions`](crate::layers::LayerOptions). `input_length`, which older
/// programs pass, has no effect.
///
/// # Shapes
/// `[..]` gives `[.., output_dim]`; the table is `[input_dim, output_dim]`. Negative numbers count from the
/// end of the table; beyond it a number gives NaN.
///
/// # Gradient
/// The gradient of a row is the sum of those of all places that name it.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Embedding::new(3, 2).weights(&Tensor::from([[0.0f32, 0.0], [1.0, 2.0], [3.0, 4.0]]));
/// let y = layer.call(&Tensor::from([[2i32, 1]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [3.0, 4.0, 1.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.Embedding`; quantization and LoRA are not supported.
#[derive(Clone)]
pub struct Embedding {
    pub(super) base: LayerBase,
    pub(super) input_dim: usize,
    pub(super) output_dim: usize,
    mask_zero: bool,
    pub(super) embeddings: WeightOptions,
    weights: Option<Tensor>,
}

impl Embedding {
    /// The arguments of a configuration.
    pub(super) const ARGUMENTS: &[&str] = &[
        "input_dim",
        "output_dim",
        "embeddings_initializer",
        "embeddings_regularizer",
        "embeddings_constraint",
        "mask_zero",
        "input_length",
    ];

    /// Those that must be absent or null.
    pub(super) const UNSUPPORTED: &[&str] =
        &["weights", "lora_rank", "lora_alpha", "quantization_config"];

    /// A table of `input_dim` vectors of `output_dim` entries.
    #[must_use]
    pub fn new(input_dim: usize, output_dim: usize) -> Self {
        Self {
            base: LayerBase::default(),
            input_dim,
            output_dim,
            mask_zero: false,
            // Keras's name "uniform".
            embeddings: WeightOptions::new(RandomUniform::new()),
            weights: None,
        }
    }

    /// Whether 0 stands for nothing: the result then carries a mask that later layers, the loss and the metrics
    /// keep to. Default: false.
    #[must_use]
    pub fn mask_zero(mut self, mask_zero: bool) -> Self {
        self.mask_zero = mask_zero;
        self
    }

    /// The first values of the table, `[input_dim, output_dim]`. Default: as the initializer says.
    #[must_use]
    pub fn weights(mut self, weights: &Tensor) -> Self {
        self.weights = Some(weights.clone());
        self
    }

    weight_options!(pub, "table", "uniform", self => self.embeddings;
        embeddings_initializer, embeddings_regularizer, embeddings_constraint);

    pub(super) fn from_config(class_name: &str, config: &Config) -> Result<Self> {
        let size = |key: &str| require_size(class_name, config, key);
        let mut layer = Self::new(size("input_dim")?, size("output_dim")?);
        layer.embeddings.read(config, "embeddings")?;
        layer.mask_zero = config.flag("mask_zero")?.unwrap_or(false);
        Ok(layer)
    }

    /// The configuration, as that of a layer of this class.
    pub(super) fn config_of(&self, class_name: &str) -> Config {
        let config = self
            .base
            .get_config(class_name)
            .with("input_dim", self.input_dim)
            .with("output_dim", self.output_dim)
            .with("mask_zero", self.mask_zero);
        self.embeddings.add_to(config, "embeddings")
    }
}

impl Layer for Embedding {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        check_positive("Embedding: input_dim", &[self.input_dim])?;
        check_positive("Embedding: output_dim", &[self.output_dim])?;
        let shape = Shape::from([self.input_dim, self.output_dim]);
        let table = self
            .embeddings
            .add_weight(&self.base, "embeddings", shape.clone())?;
        let Some(weights) = &self.weights else {
            return Ok(());
        };
        let value = weights.eval()?.convert(table.dtype());
        if *value.shape() != shape {
            return Err(Error::shape_mismatch(
                "Embedding: weights",
                shape.to_string(),
                value.shape().to_string(),
                "",
            ));
        }
        table.set(value)
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let indices = match x.dtype() {
            DType::I32 | DType::I64 => x.clone(),
            _ => x.cast(DType::I32),
        };
        let rows = Tensor::literal(self.input_dim as f64, indices.dtype());
        let from_end = indices.less(0.0).select(&indices + rows, &indices);
        let y = self
            .base
            .built_variable("embeddings")?
            .read()
            .take(&from_end, 0);
        Ok(match self.mask_zero {
            true => y.with_remark("mask", &x.not_equal(0.0)),
            false => y,
        })
    }

    fn autocast(&self) -> bool {
        false
    }

    fn get_config(&self) -> Config {
        self.config_of(ENTRY.class_name)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
