//! Attention by several heads.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::head_options::{HeadOptions, Heads, Projections, above_zero};
use super::score_options::check_inputs;
use crate::config::{Config, Json};
use crate::layers::core::einsum_dense::output_shape_of;
use crate::layers::{Call, Entry, Example, Layer, LayerBase, require_size};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "MultiHeadAttention",
    aliases: &[],
    arguments: &[
        &[
            "num_heads",
            "key_dim",
            "value_dim",
            "output_shape",
            "attention_axes",
        ],
        Heads::ARGUMENTS,
    ],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(MultiHeadAttention::from_config(config)?)),
    examples: || {
        let config = Config::new().with("num_heads", 2).with("key_dim", 3);
        let gated = config
            .clone()
            .with("use_gate", true)
            .with("value_dim", 2)
            .with("dropout", 0.25);
        let plain = config
            .clone()
            .with("use_bias", false)
            .with("output_shape", 5);
        let axes = config.with("attention_axes", vec![1, 2]);
        vec![
            Example::new(gated, [[2, 3, 4], [2, 5, 4]]),
            Example::new(
                plain.with("sliding_window", 2),
                [[2, 3, 4], [2, 3, 2], [2, 3, 6]],
            ),
            Example::new(axes, [[2, 2, 3, 4], [2, 2, 2, 4]]),
        ]
    },
};

/// Attention by several heads: each projects query, key and value, and takes
/// `softmax(query · keyᵀ / sqrt(key_dim)) · value`; a last projection joins the heads.
///
/// Called on `[query, value]` or `[query, value, key]`; without a key the value is the key.
///
/// # Arguments
/// `num_heads`, `key_dim`: the number of heads and the size of query and key of each, above 0. Methods:
/// `value_dim` (default: `key_dim`), `output_shape` (sizes that replace the query's last axis; default: that
/// axis), `attention_axes` (the axes of positions; default: all between the first and the last), and those of
/// [`HeadOptions`].
///
/// Of the call: masks of query, value and key, an [attention mask](Call::attention_mask) that broadcasts to
/// `[batch, heads, queries, keys]` (without heads or batch too), [`Call::use_causal_mask`], and
/// [`Call::return_attention_scores`] for the shares `[batch, heads, queries, keys]` as a second result.
///
/// # Shapes
/// Query `[batch, queries, n]` and value `[batch, keys, m]` give `[batch, queries, n]`. Weights: `query/kernel`
/// `[n, heads, key_dim]`, `query/bias` `[heads, key_dim]`, then key, gate, value and attention_output, whose
/// kernel is `[heads, value_dim, n]`.
///
/// # At the edges
/// A query that may attend to nothing gets the mean of all values, as in Keras; with `dropout`, with the shares
/// as a result, or with several attention axes it gets zeros, as in Keras too.
///
/// # Errors
/// `InvalidArgument` for sizes of 0 or another number of inputs, `ShapeMismatch` for inputs that do not fit.
///
/// # Source
/// Vaswani et al. 2017, arXiv:1706.03762; `keras.layers.MultiHeadAttention`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = MultiHeadAttention::new(2, 3).kernel_initializer("ones");
/// let x = Tensor::ones([1, 2, 4], DType::F32);
/// let y = layer.call([&x, &x])?;
/// assert_eq!(y.to_vec::<f32>()?, [24.0; 8]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct MultiHeadAttention {
    base: LayerBase,
    num_heads: usize,
    key_dim: usize,
    value_dim: Option<usize>,
    output_shape: Option<Vec<usize>>,
    attention_axes: Option<Vec<isize>>,
    heads: Heads,
}

impl MultiHeadAttention {
    /// So many heads with queries and keys of this size.
    #[must_use]
    pub fn new(num_heads: usize, key_dim: usize) -> Self {
        Self {
            base: LayerBase::default(),
            num_heads,
            key_dim,
            value_dim: None,
            output_shape: None,
            attention_axes: None,
            heads: Heads::default(),
        }
    }

    /// The size of the values of each head, above 0. Default: `key_dim`.
    #[must_use]
    pub fn value_dim(mut self, value_dim: usize) -> Self {
        self.value_dim = Some(value_dim);
        self
    }

    /// The sizes that replace the last axis of the query. Default: that axis.
    #[must_use]
    pub fn output_shape(mut self, output_shape: impl AsRef<[usize]>) -> Self {
        self.output_shape = Some(output_shape.as_ref().to_vec());
        self
    }

    /// The axes of positions, counted from the batch axis. Default: all between the first and the last.
    #[must_use]
    pub fn attention_axes(mut self, attention_axes: impl AsRef<[isize]>) -> Self {
        self.attention_axes = Some(attention_axes.as_ref().to_vec());
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let size = |key: &str| require_size("MultiHeadAttention", config, key);
        let output_shape = match config.get("output_shape") {
            None => None,
            Some(value) => {
                let sizes: Option<Vec<usize>> = output_shape_of(value)?.into_iter().collect();
                Some(sizes.ok_or_else(|| {
                    let subject = "argument \"output_shape\"";
                    Error::format(subject, "known sizes", value.to_string(), "")
                })?)
            }
        };
        Ok(Self {
            value_dim: config.size("value_dim")?,
            output_shape: output_shape.filter(|sizes| !sizes.is_empty()),
            attention_axes: config
                .axes("attention_axes")?
                .filter(|axes| !axes.is_empty()),
            heads: Heads::from_config(config)?,
            ..Self::new(size("num_heads")?, size("key_dim")?)
        })
    }

    fn size_of_values(&self) -> usize {
        self.value_dim.unwrap_or(self.key_dim)
    }

    /// The axes of positions in inputs of this rank.
    fn axes(&self, rank: usize) -> Result<Vec<usize>> {
        let Some(axes) = &self.attention_axes else {
            return Ok((1..rank - 1).collect());
        };
        let resolved = |axis: &isize| {
            let axis = if *axis < 0 {
                *axis + rank as isize
            } else {
                *axis
            };
            let fits = (1..rank as isize - 1).contains(&axis);
            fits.then_some(axis as usize).ok_or_else(|| {
                Error::invalid_argument(
                    "MultiHeadAttention: attention_axes",
                    format!("axes between the first and the last of {rank}"),
                    format!("{axes:?}"),
                    "",
                )
            })
        };
        axes.iter().map(resolved).collect()
    }

    fn projections(&self, inputs: &[Shape]) -> Projections {
        let (query, value) = (&inputs[0], &inputs[1]);
        let key = inputs.get(2).unwrap_or(value);
        let into_heads = |shape: &Shape, size: usize| {
            let (equation, bias_axes) = projection(shape.rank() - 1, 1, 2);
            (
                equation,
                bias_axes,
                behind_batch(shape.rank() + 1, &[self.num_heads, size]),
            )
        };
        let last = [query[query.rank() - 1]];
        let output = self.output_shape.as_deref().unwrap_or(&last);
        let (equation, bias_axes) = projection(query.rank() - 1, 2, output.len());
        let sizes = behind_batch(query.rank() - 1 + output.len(), output);
        let mut heads = query.dims()[..query.rank() - 1].to_vec();
        heads.extend([self.num_heads, self.size_of_values()]);
        Projections {
            into_heads: [
                into_heads(query, self.key_dim),
                into_heads(key, self.key_dim),
                into_heads(value, self.size_of_values()),
            ],
            gate: into_heads(query, self.size_of_values()).2,
            out_of_heads: (equation, bias_axes, sizes),
            heads: heads.into(),
        }
    }
}

/// The letters of the alphabet from this one on.
fn letters(from: usize, count: usize) -> String {
    ('a'..='z')
        .chain('A'..='Z')
        .skip(from)
        .take(count)
        .collect()
}

/// The equation of a projection that keeps `free` axes, sums over `bound` and gives `output`, and the letters of
/// its bias.
fn projection(free: usize, bound: usize, output: usize) -> (String, String) {
    let (free, summed) = (letters(0, free), letters(free, bound));
    let given = letters(free.len() + bound, output);
    (
        format!("{free}{summed},{summed}{given}->{free}{given}"),
        given,
    )
}

/// The sizes of a result of this rank behind the batch axis, of which the last ones are known.
fn behind_batch(rank: usize, last: &[usize]) -> Vec<Option<usize>> {
    let known = last.iter().copied().map(Some);
    std::iter::repeat_n(None, rank - 1 - last.len())
        .chain(known)
        .collect()
}

/// The equations of scores and of results, for projected inputs of this rank: the scores have the batch axes,
/// heads included, then the positions of queries, then those of keys.
fn attention_equations(rank: usize, axes: &[usize]) -> [String; 2] {
    let query: Vec<char> = letters(0, rank).chars().collect();
    let mut others = letters(rank, axes.len())
        .into_bytes()
        .into_iter()
        .map(char::from);
    let mut key = query.clone();
    for axis in axes {
        key[*axis] = others.next().unwrap_or(key[*axis]);
    }
    let batch = (0..rank - 1)
        .filter(|axis| !axes.contains(axis))
        .map(|axis| query[axis]);
    let of = |letters: &[char]| axes.iter().map(|axis| letters[*axis]).collect::<String>();
    let scores = format!("{}{}{}", batch.collect::<String>(), of(&query), of(&key));
    let (query, key) = (
        query.iter().collect::<String>(),
        key.iter().collect::<String>(),
    );
    [
        format!("{key},{query}->{scores}"),
        format!("{scores},{key}->{query}"),
    ]
}

impl HeadOptions for MultiHeadAttention {
    fn heads_mut(&mut self) -> &mut Heads {
        &mut self.heads
    }
}

impl Layer for MultiHeadAttention {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        check_inputs("MultiHeadAttention", inputs)?;
        above_zero("MultiHeadAttention", "num_heads", self.num_heads)?;
        above_zero("MultiHeadAttention", "key_dim", self.key_dim)?;
        above_zero("MultiHeadAttention", "value_dim", self.size_of_values())?;
        self.axes(inputs[0].rank())?;
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
        let axes = self.axes(inputs[0].rank())?;
        let [scores, results] = attention_equations(inputs[0].rank() + 1, &axes);
        let projected = self.heads.project(inputs, call)?;
        let query = projected.query * (self.key_dim as f64).sqrt().recip();
        let scores = ops::einsum(&scores, &projected.key, &query);
        let shares = self.heads.shares(&scores, axes.len(), inputs, call);
        let kept = self.heads.scores.drop(&shares, call)?;
        let heads = ops::einsum(&results, &kept, &projected.value);
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
            .with("num_heads", self.num_heads)
            .with("key_dim", self.key_dim)
            .with("value_dim", self.size_of_values())
            .with("output_shape", self.output_shape.clone())
            .with(
                "attention_axes",
                self.attention_axes.clone().map_or(Json::Null, Json::from),
            );
        self.heads.add_to(config)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn counting(shape: &[usize]) -> Tensor {
        let len: usize = shape.iter().product();
        Tensor::from_vec(
            shape,
            (0..len)
                .map(|k| ((k * 7) % 11) as f32 / 5.0 - 1.0)
                .collect(),
        )
    }

    #[test]
    fn the_equations_are_those_of_keras() {
        assert_eq!(projection(2, 1, 2), ("abc,cde->abde".into(), "de".into()));
        assert_eq!(projection(2, 2, 1), ("abcd,cde->abe".into(), "e".into()));
        let [scores, results] = attention_equations(4, &[1]);
        assert_eq!(
            (scores.as_str(), results.as_str()),
            ("aecd,abcd->acbe", "acbe,aecd->abcd")
        );
        let [scores, _] = attention_equations(5, &[1, 2]);
        assert_eq!(scores, "afgde,abcde->adbcfg");
    }

    #[test]
    fn a_masked_key_is_as_if_it_were_not_there() {
        let layer = MultiHeadAttention::new(2, 3);
        let (query, value) = (counting(&[2, 3, 4]), counting(&[2, 5, 4]));
        let mask = Tensor::from([[1i32, 1, 1, 0, 0], [1, 1, 1, 0, 0]]).cast(DType::Bool);
        let masked = layer
            .call([&query, &value.with_remark("mask", &mask)])
            .unwrap();
        let cut = layer.call([&query, &value.slice_axis(1, 0..3)]).unwrap();
        let pairs = masked
            .to_vec::<f32>()
            .unwrap()
            .into_iter()
            .zip(cut.to_vec::<f32>().unwrap());
        // Sums of as many terms, in blocks that may differ.
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn a_functional_model_keeps_the_arguments_of_the_call() {
        let layer = MultiHeadAttention::new(1, 2);
        let input = Input::new([3, 2]);
        let call = Call::new(false)
            .use_causal_mask(true)
            .return_attention_scores(true);
        let outputs = layer.call_with([&input, &input], &call).unwrap();
        assert_eq!(outputs.len(), 2);
        assert_eq!(outputs[1].shape().dims()[1..], [1, 3, 3]);
        let model = Model::new(&input, &outputs[1]).unwrap();
        let shares = model
            .call(counting(&[1, 3, 2]))
            .unwrap()
            .to_vec::<f32>()
            .unwrap();
        assert_eq!(
            [shares[0], shares[1], shares[2], shares[5]],
            [1.0, 0.0, 0.0, 0.0]
        );
    }

    #[test]
    fn sizes_of_zero_and_inputs_that_do_not_fit_are_told() {
        let (x, y) = (counting(&[2, 3, 4]), counting(&[2, 5, 4]));
        let error = MultiHeadAttention::new(0, 2)
            .call([&x, &x])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("num_heads: expected a number above 0"),
            "{error}"
        );
        let error = MultiHeadAttention::new(1, 2)
            .call([&x, &x, &y])
            .unwrap_err()
            .to_string();
        assert!(error.contains("key and value of equal sizes"), "{error}");
        let layer = MultiHeadAttention::new(1, 2).attention_axes([2]);
        let error = layer.call([&x, &x]).unwrap_err().to_string();
        assert!(error.contains("attention_axes"), "{error}");
    }
}
