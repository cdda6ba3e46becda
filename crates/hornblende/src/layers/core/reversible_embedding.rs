//! Vectors for whole numbers, and back.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::graph::op::DotDims;
use hornblende_core::{DType, Error, Result, Shape, Tensor, Variable};

use super::embedding::Embedding;
use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase, weight_options};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "ReversibleEmbedding",
    aliases: &[],
    arguments: &[
        Embedding::ARGUMENTS,
        &["tie_weights", "reverse_dtype", "logit_soft_cap"],
    ],
    unsupported: Embedding::UNSUPPORTED,
    from_config: |config| Ok(Arc::new(ReversibleEmbedding::from_config(config)?)),
    examples: || {
        let config = Config::new().with("input_dim", 5).with("output_dim", 3);
        let untied = config
            .clone()
            .with("tie_weights", false)
            .with("logit_soft_cap", 2.0);
        vec![
            Example::new(config, [[2, 4]]),
            Example::new(untied.with("mask_zero", true), [[2, 4]]),
        ]
    },
};

/// Vectors for whole numbers, as [`Embedding`](crate::layers::Embedding) has them, and back: called in reverse, a
/// vector becomes a score for each number, as the last layer of a language model wants it.
///
/// The scores are `x E^T` of the table `E`, or `x R` of a weight of their own; with a soft cap `c` they are
/// `c tanh(scores / c)`.
///
/// # Shapes
/// `[..]` gives `[.., output_dim]`; in reverse, `[.., output_dim]` gives `[.., input_dim]`.
///
/// # Arguments
/// `input_dim`, `output_dim`, and the methods of `Embedding` but `weights`; [`ReversibleEmbedding::tie_weights`] (default:
/// true), [`ReversibleEmbedding::reverse_dtype`] (the layer's own), [`ReversibleEmbedding::logit_soft_cap`] (none). Called
/// with [`Call::reverse`](crate::layers::Call::reverse) it goes back.
///
/// # Errors
/// [`Error::ShapeMismatch`] for vectors of another size in reverse.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = ReversibleEmbedding::new(3, 2);
/// layer.call(&Tensor::from([0i32]))?;
/// layer.set_weights(&[Tensor::from([[1.0f32, 0.0], [0.0, 1.0], [2.0, 3.0]])])?;
/// let vector = layer.call(&Tensor::from([2i32]))?; // [2, 3]
/// let scores = layer.call_with(&vector, &Call::new(false).reverse(true))?;
/// assert_eq!(scores[0].to_vec::<f32>()?, [2.0, 3.0, 13.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Press and Wolf 2016, "Using the Output Embedding to Improve Language Models";
/// `keras.layers.ReversibleEmbedding`; quantization and LoRA are not supported.
#[derive(Clone)]
pub struct ReversibleEmbedding {
    embedding: Embedding,
    tie_weights: bool,
    reverse_dtype: Option<DType>,
    logit_soft_cap: Option<f64>,
}

impl ReversibleEmbedding {
    /// A table of `input_dim` vectors of `output_dim` entries.
    #[must_use]
    pub fn new(input_dim: usize, output_dim: usize) -> Self {
        Self {
            embedding: Embedding::new(input_dim, output_dim),
            tie_weights: true,
            reverse_dtype: None,
            logit_soft_cap: None,
        }
    }

    /// As [`Embedding::mask_zero`](crate::layers::Embedding::mask_zero). Default: false.
    #[must_use]
    pub fn mask_zero(mut self, mask_zero: bool) -> Self {
        self.embedding = self.embedding.mask_zero(mask_zero);
        self
    }

    /// Whether scores come from the table, rather than from a weight `reverse_embeddings` of their own that begins as
    /// the table does. Default: true.
    #[must_use]
    pub fn tie_weights(mut self, tie_weights: bool) -> Self {
        self.tie_weights = tie_weights;
        self
    }

    /// The element type of scores and of their computation. Default: the layer's own.
    #[must_use]
    pub fn reverse_dtype(mut self, dtype: DType) -> Self {
        self.reverse_dtype = Some(dtype);
        self
    }

    /// What scores come close to, and never exceed, however large they would be. Default: nothing.
    #[must_use]
    pub fn logit_soft_cap(mut self, logit_soft_cap: f64) -> Self {
        self.logit_soft_cap = Some(logit_soft_cap);
        self
    }

    weight_options!(pub, "table", "uniform", self => self.embedding.embeddings;
        embeddings_initializer, embeddings_regularizer, embeddings_constraint);

    fn from_config(config: &Config) -> Result<Self> {
        let reverse_dtype = match config.text("reverse_dtype")? {
            None => None,
            Some(name) => {
                let dtype = DType::from_name(&name).filter(|dtype| dtype.is_float());
                Some(dtype.ok_or_else(|| {
                    let expected = "the name of a floating-point type, such as \"float32\"";
                    Error::format("argument \"reverse_dtype\"", expected, name, "")
                })?)
            }
        };
        Ok(Self {
            embedding: Embedding::from_config(ENTRY.class_name, config)?,
            tie_weights: config.flag("tie_weights")?.unwrap_or(true),
            reverse_dtype,
            logit_soft_cap: config.number("logit_soft_cap")?,
        })
    }

    /// Scores of all numbers for each vector.
    fn scores(&self, x: &Tensor) -> Result<Tensor> {
        let base = &self.embedding.base;
        let size = self.embedding.output_dim;
        InputSpec::least_rank(1)
            .axis(-1, size)
            .check("ReversibleEmbedding in reverse", x.shape())?;
        // The table has its vectors as rows, the other weight as columns.
        let (weight, along) = match self.tie_weights {
            true => ("embeddings", 1),
            false => ("reverse_embeddings", 0),
        };
        let kernel = base.built_variable(weight)?.read();
        let dtype = self.reverse_dtype.unwrap_or(base.dtype());
        let dims = DotDims {
            lhs_contract: vec![x.rank() - 1],
            rhs_contract: vec![along],
            ..DotDims::default()
        };
        let scores = x.cast(dtype).dot_general(&kernel.cast(dtype), dims);
        Ok(match self.logit_soft_cap {
            Some(cap) => (scores / cap).tanh() * cap,
            None => scores,
        })
    }
}

impl Layer for ReversibleEmbedding {
    fn base(&self) -> &LayerBase {
        &self.embedding.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.embedding.build(inputs)?;
        if !self.tie_weights {
            let Embedding {
                base,
                input_dim,
                output_dim,
                embeddings,
                ..
            } = &self.embedding;
            // Keras gives it the initializer of the table and nothing else.
            let value = embeddings.initialize(&[*output_dim, *input_dim].into(), base.dtype())?;
            let name = "reverse_embeddings";
            base.track(name, Variable::from_value(name, value));
        }
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        match call.reverse {
            true => self.scores(&inputs[0]),
            false => self.embedding.forward(inputs, call),
        }
    }

    fn autocast(&self) -> bool {
        false
    }

    fn get_config(&self) -> Config {
        let dtype = self.reverse_dtype.map(DType::name);
        self.embedding
            .config_of(ENTRY.class_name)
            .with("tie_weights", self.tie_weights)
            .with("reverse_dtype", dtype.map_or(Json::Null, Json::from))
            .with("logit_soft_cap", self.logit_soft_cap)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    #[test]
    fn a_model_goes_there_and_back_and_comes_back_from_its_description() {
        let input = Input::new([3]);
        let layer = ReversibleEmbedding::new(5, 4).mask_zero(true);
        let vectors = layer.call(&input).unwrap();
        let back = Call::new(false).reverse(true);
        let scores = layer.call_with(&vectors, &back).unwrap().remove(0);
        let model = Model::new(&input, &scores).unwrap();
        let x = Tensor::from([[1i32, 2, 0]]);
        let y = model.call(&x).unwrap();
        assert_eq!(y.shape().dims(), [1, 3, 5]);
        let twin = Model::from_json(&model.to_json().unwrap()).unwrap();
        twin.set_weights(&model.get_weights()).unwrap();
        let of_twin = twin.call(&x).unwrap().to_vec::<f32>().unwrap();
        assert_eq!(of_twin, y.to_vec::<f32>().unwrap());
    }

    #[test]
    fn vectors_of_another_size_do_not_go_back() {
        let layer = ReversibleEmbedding::new(5, 4);
        let back = Call::new(false).reverse(true);
        let error = layer
            .call_with(Tensor::zeros([2, 3], DType::F32), &back)
            .unwrap_err()
            .to_string();
        assert!(error.contains("ReversibleEmbedding in reverse"), "{error}");
    }
}
