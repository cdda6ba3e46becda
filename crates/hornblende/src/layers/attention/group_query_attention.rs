//! Attention by several heads that share keys and values.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::head_options::{HeadOptions, Heads, Projections, above_zero};
use super::score_options::check_inputs;
use crate::config::Config;
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase, require_size};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "GroupQueryAttention",
    aliases: &["GroupedQueryAttention"],
    arguments: &[
        &["head_dim", "num_query_heads", "num_key_value_heads"],
        Heads::ARGUMENTS,
    ],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(GroupQueryAttention::from_config(config)?)),
    examples: || {
        let heads = |queries: usize, keys: usize| {
            let config = Config::new()
                .with("head_dim", 3)
                .with("num_query_heads", queries);
            config.with("num_key_value_heads", keys)
        };
        let gated = heads(4, 2).with("use_gate", true).with("dropout", 0.25);
        vec![
            Example::new(gated, [[2, 3, 4], [2, 5, 4]]),
            Example::new(
                heads(3, 1).with("use_bias", false),
                [[2, 3, 4], [2, 5, 4], [2, 5, 4]],
            ),
        ]
    },
};

/// Attention by several heads of which groups share a key and a value:
/// `softmax(query · keyᵀ / sqrt(head_dim)) · value` for each, and a last projection that joins them.
///
/// Called on `[query, value]` or `[query, value, key]`; without a key the value is the key. Head `h` of the query
/// has the key and value of head `h / (num_query_heads / num_key_value_heads)`. With one of them for all it is
/// multi-query attention, with as many as queries [`MultiHeadAttention`](crate::layers::MultiHeadAttention), whose
/// arguments of the call and edges this layer has.
///
/// # Arguments
/// `head_dim`, `num_query_heads`, `num_key_value_heads`: above 0; the last divides the one before it. Methods:
/// those of [`HeadOptions`].
///
/// # Shapes
/// Query `[batch, queries, n]` and value `[batch, keys, m]` give `[batch, queries, n]`. Weights: `query/kernel`
/// `[n, query_heads, head_dim]` and bias, then key, gate, value, and attention_output
/// `[query_heads, head_dim, n]`.
///
/// # Errors
/// `InvalidArgument` for numbers of heads that do not fit, `ShapeMismatch` for inputs that have not 3 axes.
///
/// # Source
/// Ainslie et al. 2023, arXiv:2305.13245; `keras.layers.GroupQueryAttention`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = GroupQueryAttention::new(3, 4, 2).kernel_initializer("ones");
/// let x = Tensor::ones([1, 2, 4], DType::F32);
/// assert_eq!(layer.call([&x, &x])?.to_vec::<f32>()?, [48.0; 8]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct GroupQueryAttention {
    base: LayerBase,
    head_dim: usize,
    num_query_heads: usize,
    num_key_value_heads: usize,
    heads: Heads,
}

impl GroupQueryAttention {
    /// Heads of this size: so many of queries, so many of keys and values.
    #[must_use]
    pub fn new(head_dim: usize, num_query_heads: usize, num_key_value_heads: usize) -> Self {
        Self {
            base: LayerBase::default(),
            head_dim,
            num_query_heads,
            num_key_value_heads,
            heads: Heads::default(),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        let size = |key: &str| require_size("GroupQueryAttention", config, key);
        Ok(Self {
            heads: Heads::from_config(config)?,
            ..Self::new(
                size("head_dim")?,
                size("num_query_heads")?,
                size("num_key_value_heads")?,
            )
        })
    }

    fn projections(&self, inputs: &[Shape]) -> Projections {
        let into = |equation: &str, bias_axes: &str, heads: usize| {
            let sizes = vec![None, Some(heads), Some(self.head_dim)];
            (equation.to_owned(), bias_axes.to_owned(), sizes)
        };
        let (queries, others) = (self.num_query_heads, self.num_key_value_heads);
        let size = inputs[0][2];
        let of_query = into("bqm,muh->bquh", "uh", queries);
        Projections {
            gate: of_query.2.clone(),
            into_heads: [
                of_query,
                into("bkm,mvh->bkvh", "vh", others),
                into("bkm,mvh->bkvh", "vh", others),
            ],
            out_of_heads: (
                "bquh,uhm->bqm".to_owned(),
                "m".to_owned(),
                vec![None, Some(size)],
            ),
            heads: [inputs[0][0], inputs[0][1], queries, self.head_dim].into(),
        }
    }
}

impl HeadOptions for GroupQueryAttention {
    fn heads_mut(&mut self) -> &mut Heads {
        &mut self.heads
    }
}

impl Layer for GroupQueryAttention {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        check_inputs("GroupQueryAttention", inputs)?;
        for input in inputs {
            InputSpec::rank(3).check("GroupQueryAttention", input)?;
        }
        above_zero("GroupQueryAttention", "head_dim", self.head_dim)?;
        above_zero(
            "GroupQueryAttention",
            "num_query_heads",
            self.num_query_heads,
        )?;
        above_zero(
            "GroupQueryAttention",
            "num_key_value_heads",
            self.num_key_value_heads,
        )?;
        if !self
            .num_query_heads
            .is_multiple_of(self.num_key_value_heads)
        {
            return Err(Error::invalid_argument(
                "GroupQueryAttention: num_key_value_heads",
                format!("a divisor of num_query_heads, {}", self.num_query_heads),
                self.num_key_value_heads.to_string(),
                "",
            ));
        }
        self.heads.build(
            (&self.base, ENTRY.class_name),
            inputs,
            &self.projections(inputs),
        )
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        let projected = self.heads.project(inputs, call)?;
        let (batch, queries) = (inputs[0].shape()[0], inputs[0].shape()[1]);
        let keys = inputs[1].shape()[1];
        let (others, size) = (self.num_key_value_heads, self.head_dim);
        let group = self.num_query_heads / others;
        // The queries of a group run along an axis of their own, so that keys and values are not repeated.
        let query = projected.query * (size as f64).sqrt().recip();
        let query = query.reshape_to([batch, queries, others, group, size]);
        let scores = ops::einsum("bqvgh,bkvh->bvgqk", &query, &projected.key);
        let scores = scores.reshape_to([batch, self.num_query_heads, queries, keys]);
        let shares = self.heads.shares(&scores, 1, inputs, call);
        let kept = self.heads.scores.drop(&shares, call)?;
        let kept = kept.reshape_to([batch, others, group, queries, keys]);
        let heads = ops::einsum("bvgqk,bkvh->bqvgh", &kept, &projected.value);
        let heads = heads.reshape_to([batch, queries, self.num_query_heads, size]);
        self.heads
            .finish(heads, projected.gate, (shares, &inputs[0]), call)
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        self.heads.sublayers()
    }

    fn get_config(&self) -> Config {
        let config = self
            .base
            .get_config(self.class_name())
            .with("head_dim", self.head_dim)
            .with("num_query_heads", self.num_query_heads)
            .with("num_key_value_heads", self.num_key_value_heads);
        self.heads.add_to(config)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    #[test]
    fn heads_that_do_not_fit_are_told() {
        let x = Tensor::ones([1, 2, 4], DType::F32);
        let error = GroupQueryAttention::new(2, 3, 2)
            .call([&x, &x])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("a divisor of num_query_heads, 3; got 2"),
            "{error}"
        );
    }

    #[test]
    fn one_key_head_a_query_head_is_attention_by_several_heads() {
        let x = Tensor::from_vec(
            [2, 3, 4],
            (0..24).map(|k| ((k * 7) % 11) as f32 / 5.0).collect(),
        );
        let (grouped, plain) = (
            GroupQueryAttention::new(3, 2, 2),
            MultiHeadAttention::new(2, 3),
        );
        plain.call([&x, &x]).unwrap();
        grouped.call([&x, &x]).unwrap();
        grouped.set_weights(&plain.get_weights()).unwrap();
        let of = |y: Result<Tensor>| y.unwrap().to_vec::<f32>().unwrap();
        for (a, b) in of(grouped.call([&x, &x]))
            .iter()
            .zip(of(plain.call([&x, &x])))
        {
            // The same sums in another order.
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}
