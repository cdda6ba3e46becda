//! Numbers in bins by their hash.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use super::lookup::{hash, salt_of};
use super::output_mode::{OutputMode, refuse_sparse};
use crate::config::{Config, Json};
use crate::layers::entry::dtype_of;
use crate::layers::{Call, Entry, Layer, LayerBase, require_size};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Hashing",
    aliases: &[],
    arguments: &[&["num_bins", "mask_value", "salt", "output_mode", "sparse"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Hashing::from_config(config)?)),
    examples: Vec::new,
};

const MODES: &[OutputMode] = &[
    OutputMode::Int,
    OutputMode::OneHot,
    OutputMode::MultiHot,
    OutputMode::Count,
];

/// Numbers, or texts, in bins by their hash: a vocabulary that nobody has to know. Different values may share
/// a bin.
///
/// The bins are Keras's: the FarmHash fingerprint of the decimal digits, or SipHash with a salt, modulo
/// `num_bins`. `mask_value` is alone in bin 0 then.
///
/// Hashes are found on the host when the layer is called, so it stands in front of a model, in the preparation
/// of data; inside of a model it is refused.
///
/// # Shapes
/// Any; `"int"` keeps the shape (`I64`), other modes as [`CategoryEncoding`](crate::layers::CategoryEncoding).
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Hashing::new(3);
/// let y = layer.call(&Tensor::from([[1i32], [2], [3]]))?;
/// assert_eq!(y.to_vec::<i32>()?, [0, 1, 0]);
/// assert_eq!(layer.call_text(&["A", "B", "C"])?.to_vec::<i32>()?, [1, 0, 1]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.Hashing`.
#[derive(Clone)]
pub struct Hashing {
    base: LayerBase,
    num_bins: usize,
    mask_value: Option<Json>,
    salt: Option<[u64; 2]>,
    output_mode: Result<OutputMode>,
    dtype: Option<DType>,
}

impl Hashing {
    /// A layer of so many bins.
    #[must_use]
    pub fn new(num_bins: usize) -> Self {
        Self {
            base: LayerBase::default(),
            num_bins,
            mask_value: None,
            salt: None,
            output_mode: Ok(OutputMode::Int),
            dtype: None,
        }
    }

    /// A number or a text that is alone in bin 0. Default: none.
    #[must_use]
    pub fn mask_value(mut self, mask_value: impl Into<Json>) -> Self {
        self.mask_value = Some(mask_value.into());
        self
    }

    /// The key of the hash; two numbers. Default: none, another hash.
    #[must_use]
    pub fn salt(mut self, salt: [u64; 2]) -> Self {
        self.salt = Some(salt);
        self
    }

    /// `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`. Default: `"int"`.
    #[must_use]
    pub fn output_mode(mut self, output_mode: &str) -> Self {
        self.output_mode = OutputMode::from_name(ENTRY.class_name, output_mode, MODES);
        self
    }

    /// The bins of texts, `[batch]`.
    ///
    /// # Errors
    /// If the layer cannot be.
    pub fn call_text<S: AsRef<str>>(&self, texts: &[S]) -> Result<Tensor> {
        let mask = self.mask_value.as_ref().and_then(Json::as_str);
        let bins = texts
            .iter()
            .map(|text| self.bin(text.as_ref(), mask == Some(text.as_ref())));
        self.encode([texts.len()].into(), bins.collect())
    }

    fn from_config(config: &Config) -> Result<Self> {
        refuse_sparse(ENTRY.class_name, config)?;
        let mode = OutputMode::from_config(ENTRY.class_name, config, MODES, OutputMode::Int)?;
        Ok(Self {
            mask_value: config.get("mask_value").cloned(),
            salt: salt_of(config)?,
            output_mode: Ok(mode),
            dtype: dtype_of(config)?,
            ..Self::new(require_size(ENTRY.class_name, config, "num_bins")?)
        })
    }

    fn bin(&self, text: &str, is_masked: bool) -> i64 {
        let keeps_mask = self.mask_value.is_some() && self.num_bins > 1;
        let bins = (self.num_bins - usize::from(keeps_mask)).max(1) as u64;
        if keeps_mask && is_masked {
            return 0;
        }
        (hash(text, self.salt) % bins) as i64 + i64::from(keeps_mask)
    }

    fn dtype(&self, mode: OutputMode) -> DType {
        let usual = match mode {
            OutputMode::Int => DType::I64,
            _ => self.base.dtype(),
        };
        self.dtype.unwrap_or(usual)
    }

    fn encode(&self, shape: Shape, bins: Vec<i64>) -> Result<Tensor> {
        let mode = self.output_mode.clone()?;
        let bins = Tensor::from_vec(shape, bins);
        Ok(mode.encode(&bins, self.num_bins, self.dtype(mode), None))
    }

    fn check(&self) -> Result<()> {
        self.output_mode.as_ref().map_err(Error::clone)?;
        if self.num_bins > 0 {
            return Ok(());
        }
        let subject = "Hashing: num_bins";
        Err(Error::invalid_argument(
            subject,
            "a number above 0",
            "0",
            "",
        ))
    }
}

impl Layer for Hashing {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.check()
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let numbers = numbers_on_host(ENTRY.class_name, &inputs[0])?;
        let mask = self.mask_value.as_ref().and_then(Json::as_i64);
        let bins = numbers
            .iter()
            .map(|n| self.bin(&n.to_string(), mask == Some(*n)));
        self.encode(inputs[0].shape().clone(), bins.collect())
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        let mode = self.output_mode.as_ref();
        config
            .with(
                "dtype",
                self.dtype(mode.copied().unwrap_or(OutputMode::Int)).name(),
            )
            .with("num_bins", self.num_bins)
            .with(
                "salt",
                self.salt.map_or(Json::Null, |salt| salt.to_vec().into()),
            )
            .with("mask_value", self.mask_value.clone().unwrap_or(Json::Null))
            .with("output_mode", mode.map_or("unknown", |mode| mode.name()))
            .with("sparse", false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The numbers of a tensor as they are now, floats cut to whole ones.
pub(super) fn numbers_on_host(class_name: &str, x: &Tensor) -> Result<Vec<i64>> {
    let known = x.to_vec::<i64>();
    known.map_err(|error| {
        let fix = "Apply the layer to the data before a model sees them: it works on the host";
        let expected = "numbers that are known when it is called";
        Error::invalid_argument(class_name, expected, error.to_string(), fix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers;
    use crate::prelude::*;

    /// From `keras.layers.Hashing` of Keras 3.15.1.
    #[test]
    fn the_bins_are_those_of_keras() {
        let x = Tensor::from([[1i32], [2], [3], [-4], [500]]);
        let bins = |layer: Hashing| layer.call(&x).unwrap().to_vec::<i32>().unwrap();
        assert_eq!(bins(Hashing::new(3)), [0, 1, 0, 1, 2]);
        assert_eq!(bins(Hashing::new(5).salt([3, 3])), [3, 3, 1, 3, 1]);
        let masked = Tensor::from([[0i32], [2], [3], [-4], [500]]);
        let y = Hashing::new(5).mask_value(0).call(&masked).unwrap();
        assert_eq!(y.to_vec::<i32>().unwrap(), [0, 4, 2, 3, 4]);
    }

    #[test]
    fn a_configuration_comes_back_and_an_input_of_a_model_is_refused() {
        let layer = Hashing::new(5)
            .salt([1, 2])
            .mask_value(7)
            .output_mode("multi_hot");
        let config = layer.get_config();
        let twin = layers::from_config("Hashing", &config).unwrap();
        assert_eq!(twin.get_config(), config);
        let error = layer.call(Input::new([2])).unwrap_err().to_string();
        assert!(error.contains("before a model"), "{error}");
    }
}
