//! Several features as one, in bins by their hash.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use super::fingerprint::{fingerprint, joined};
use super::hashing::numbers_on_host;
use super::output_mode::{OutputMode, refuse_sparse};
use crate::config::Config;
use crate::layers::entry::dtype_of;
use crate::layers::{Call, Entry, Layer, LayerBase, require_size};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "HashedCrossing",
    aliases: &[],
    arguments: &[&["num_bins", "output_mode", "sparse"]],
    unsupported: &[],
    from_config: |config| {
        refuse_sparse(ENTRY.class_name, config)?;
        let mut layer = HashedCrossing::new(require_size(ENTRY.class_name, config, "num_bins")?);
        let int = OutputMode::Int;
        layer.output_mode = Ok(OutputMode::from_config(
            ENTRY.class_name,
            config,
            MODES,
            int,
        )?);
        layer.dtype = dtype_of(config)?;
        Ok(Arc::new(layer))
    },
    examples: Vec::new,
};

const MODES: &[OutputMode] = &[OutputMode::Int, OutputMode::OneHot];

/// The hash with which TensorFlow begins a cross.
const START: u64 = 0xDE_CAFC_AFFE;

/// Several features as one: each combination of their values in a bin by its hash. The bins are Keras's.
///
/// # Shapes
/// Two or more inputs of whole numbers, all `[batch]`, all `[batch, 1]`, or single numbers; the bins as `I64` in
/// that shape, or rows of `num_bins` with `output_mode("one_hot")`. Texts: [`HashedCrossing::call_text`].
///
/// Hashes are found on the host when the layer is called, so it stands in front of a model.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let (a, b) = (Tensor::from([1i32, 5]), Tensor::from([2i32, -7]));
/// let y = HashedCrossing::new(5).call([&a, &b])?;
/// assert_eq!(y.shape().dims(), [2]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.HashedCrossing`.
#[derive(Clone)]
pub struct HashedCrossing {
    base: LayerBase,
    num_bins: usize,
    output_mode: Result<OutputMode>,
    dtype: Option<DType>,
}

impl HashedCrossing {
    /// A layer of so many bins.
    #[must_use]
    pub fn new(num_bins: usize) -> Self {
        Self {
            base: LayerBase::default(),
            num_bins,
            output_mode: Ok(OutputMode::Int),
            dtype: None,
        }
    }

    /// `"int"` or `"one_hot"`. Default: `"int"`.
    #[must_use]
    pub fn output_mode(mut self, output_mode: &str) -> Self {
        self.output_mode = OutputMode::from_name(ENTRY.class_name, output_mode, MODES);
        self
    }

    /// The bins of combinations of texts: `features[k][i]` is feature `k` of sample `i`.
    ///
    /// # Errors
    /// If there are not two features or more of equally many samples.
    pub fn call_text<S: AsRef<str>>(&self, features: &[&[S]]) -> Result<Tensor> {
        let hashes = |texts: &&[S]| {
            let hash = |text: &S| fingerprint(text.as_ref().as_bytes());
            texts.iter().map(hash).collect()
        };
        let hashes: Vec<Vec<u64>> = features.iter().map(hashes).collect();
        let samples = hashes.first().map_or(0, Vec::len);
        self.crossed(&hashes, [samples].into())
    }

    fn crossed(&self, features: &[Vec<u64>], shape: Shape) -> Result<Tensor> {
        let mode = self.output_mode.clone()?;
        let samples = shape.len();
        let fits = features.len() >= 2 && features.iter().all(|f| f.len() == samples);
        if !fits || self.num_bins == 0 {
            let expected = "two inputs or more of one shape, and bins";
            let got = format!("{} inputs and {} bins", features.len(), self.num_bins);
            return Err(Error::invalid_argument(ENTRY.class_name, expected, got, ""));
        }
        let bin = |sample: usize| {
            let hash = features
                .iter()
                .fold(START, |hash, feature| joined(hash, feature[sample]));
            (hash % self.num_bins as u64) as i64
        };
        let bins = Tensor::from_vec(shape, (0..samples).map(bin).collect());
        Ok(mode.encode(&bins, self.num_bins, self.dtype(mode), None))
    }

    fn dtype(&self, mode: OutputMode) -> DType {
        let usual = match mode {
            OutputMode::Int => DType::I64,
            _ => self.base.dtype(),
        };
        self.dtype.unwrap_or(usual)
    }
}

impl Layer for HashedCrossing {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let shape = inputs[0].shape();
        let is_column = matches!(shape.dims(), [] | [_] | [_, 1]);
        if !is_column || inputs.iter().any(|x| x.shape() != shape) {
            let shapes: Vec<String> = inputs.iter().map(|x| x.shape().to_string()).collect();
            let expected = "one shape (batch,) or (batch, 1)";
            let subject = "inputs of HashedCrossing";
            return Err(Error::shape_mismatch(
                subject,
                expected,
                shapes.join(" and "),
                "",
            ));
        }
        let hashes = |x: &Tensor| {
            let numbers = numbers_on_host(ENTRY.class_name, x)?;
            Ok(numbers.into_iter().map(i64::cast_unsigned).collect())
        };
        let features: Vec<Vec<u64>> = inputs.iter().map(hashes).collect::<Result<_>>()?;
        self.crossed(&features, shape.clone())
    }

    fn get_config(&self) -> Config {
        // Keras's constructor of this class does not take `trainable`.
        let config = self.base.get_config(self.class_name()).without("trainable");
        let mode = self.output_mode.as_ref();
        config
            .with(
                "dtype",
                self.dtype(mode.copied().unwrap_or(OutputMode::Int)).name(),
            )
            .with("num_bins", self.num_bins)
            .with("output_mode", mode.map_or("unknown", |mode| mode.name()))
            .with("sparse", false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers;
    use crate::prelude::*;

    /// `tf.sparse.cross_hashed` of TensorFlow 2.21 gives 2^62 bins 424434634604213453 and 4017184277848124656
    /// for these pairs, and 915435941025511274 for the texts a and b.
    #[test]
    fn combinations_have_the_bins_that_tensorflow_gives_them() {
        let (a, b) = (Tensor::from([[1i32], [5]]), Tensor::from([[2i32], [-7]]));
        let layer = HashedCrossing::new(1 << 62);
        let y = layer.call([&a, &b]).unwrap();
        let bins = y.to_vec::<i64>().unwrap();
        assert_eq!(bins, [424_434_634_604_213_453, 4_017_184_277_848_124_656]);
        let y = layer.call_text(&[&["a"], &["b"]]).unwrap();
        assert_eq!(y.to_vec::<i64>().unwrap(), [915_435_941_025_511_274]);
    }

    #[test]
    fn rows_are_one_hot_and_a_configuration_comes_back() {
        let (a, b) = (Tensor::from([1i32, 5]), Tensor::from([2i32, -7]));
        let layer = HashedCrossing::new(4).output_mode("one_hot");
        let y = layer.call([&a, &b]).unwrap();
        assert_eq!(y.shape().dims(), [2, 4]);
        assert_eq!(y.sum(-1).to_vec::<f32>().unwrap(), [1.0, 1.0]);
        let config = layer.get_config();
        let twin = layers::from_config("HashedCrossing", &config).unwrap();
        assert_eq!(twin.get_config(), config);
        assert!(
            layer
                .call(&a)
                .unwrap_err()
                .to_string()
                .contains("two inputs")
        );
    }
}
