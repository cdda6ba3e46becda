//! Whole numbers as numbers of a vocabulary.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::hashing::numbers_on_host;
use super::lookup::Lookup;
use super::lookup_options::{self, lookup_options};
use crate::config::Config;
use crate::layers::{Call, Entry, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "IntegerLookup",
    aliases: &[],
    arguments: &[lookup_options::ARGUMENTS, &["vocabulary_dtype"]],
    unsupported: &[],
    from_config: |config| {
        if let Some(other) = config
            .text("vocabulary_dtype")?
            .filter(|name| name != "int64")
        {
            return Err(Error::unknown("vocabulary_dtype", &other, &["int64"]));
        }
        let mut layer = IntegerLookup::new();
        layer.lookup = layer.lookup.read(config)?;
        Ok(Arc::new(layer))
    },
    examples: Vec::new,
};

/// Whole numbers, such as keys of a database, as numbers 0, 1, .. of a vocabulary, or as rows of categories.
///
/// In the mode `"int"` (`I64`): 0 for the mask token if there is one, then `num_oov_indices` numbers for values
/// that are in no vocabulary (the value modulo their number), then the entries. In the other modes rows as
/// [`CategoryEncoding`](crate::layers::CategoryEncoding); `"tf_idf"` multiplies counts by
/// `log(1 + documents / (1 + documents with the entry))`.
///
/// The vocabulary is given, or learned with [`adapt`](crate::layers::AdaptLayer::adapt): the most frequent
/// values first, of equally frequent ones the larger first.
///
/// Values are looked up on the host when the layer is called, so it stands in front of a model, in the
/// preparation of data; inside of a model it is refused.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = IntegerLookup::new().vocabulary(&[12, 1138, 42]);
/// let y = layer.call(&Tensor::from([[1138i32, 42, 7]]))?;
/// assert_eq!(y.to_vec::<i32>()?, [2, 3, 0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.IntegerLookup`.
#[derive(Clone)]
pub struct IntegerLookup {
    base: LayerBase,
    lookup: Lookup<i64>,
}

impl IntegerLookup {
    /// A layer that has no vocabulary yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            lookup: Lookup::new(ENTRY.class_name, -1),
        }
    }
}

impl Default for IntegerLookup {
    fn default() -> Self {
        Self::new()
    }
}

lookup_options!(IntegerLookup, i64, i64, unknown);

impl Layer for IntegerLookup {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let numbers = numbers_on_host(ENTRY.class_name, &inputs[0])?;
        if !self.lookup.invert {
            return self.lookup.encode(&numbers, inputs[0].shape());
        }
        let token = |number: &i64| self.lookup.token(*number).unwrap_or(-1);
        let tokens: Vec<i64> = numbers.iter().map(token).collect();
        Ok(Tensor::from_vec(inputs[0].shape(), tokens))
    }

    fn adapt_to(&self, batches: &[Tensor]) -> Result<()> {
        let mut documents = Vec::new();
        for batch in batches {
            let numbers = numbers_on_host(ENTRY.class_name, batch)?;
            // One axis is a batch of single values.
            let row = batch
                .shape()
                .dims()
                .iter()
                .skip(1)
                .product::<usize>()
                .max(1);
            documents.extend(numbers.chunks(row).map(<[i64]>::to_vec));
        }
        self.lookup.adapt(&documents)
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        self.lookup.add_to(config).with("vocabulary_dtype", "int64")
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

    fn numbers(y: &Tensor) -> Vec<i64> {
        y.to_vec().unwrap()
    }

    /// As Keras 3.15.1 answers; the script is in the comment of each line's call.
    #[test]
    fn unknown_and_masked_values_have_numbers_of_their_own() {
        let x = Tensor::from([[10i64, 20, 0, 7, -3]]);
        // IntegerLookup(vocabulary=[10, 20], mask_token=0, num_oov_indices=2)
        let layer = IntegerLookup::new().mask_token(0).num_oov_indices(2);
        let layer = layer.vocabulary(&[10, 20]);
        assert_eq!(numbers(&layer.call(&x).unwrap()), [3, 4, 0, 2, 2]);
        assert_eq!(layer.get_vocabulary(), [0, -1, -1, 10, 20]);
        // IntegerLookup(vocabulary=[10, 20], output_mode="count")
        let layer = IntegerLookup::new()
            .vocabulary(&[10, 20])
            .output_mode("count");
        assert_eq!(numbers(&layer.call(&x).unwrap()), [3, 1, 1]);
        // IntegerLookup(vocabulary=[10, 20], invert=True)
        let layer = IntegerLookup::new().invert(true).vocabulary(&[10, 20]);
        let y = layer.call(Tensor::from([0i64, 1, 2, 3])).unwrap();
        assert_eq!(numbers(&y), [-1, 10, 20, -1]);
        let strict = IntegerLookup::new().num_oov_indices(0).vocabulary(&[10]);
        assert!(
            strict
                .call(&x)
                .unwrap_err()
                .to_string()
                .contains("num_oov_indices")
        );
    }

    #[test]
    fn a_vocabulary_is_learned_by_frequency() {
        let layer = IntegerLookup::new().max_tokens(4);
        layer
            .adapt(Tensor::from([5i32, 7, 5, 9, 9, 1, 7, 5]))
            .unwrap();
        assert_eq!(layer.get_vocabulary(), [-1, 5, 9, 7]);
        let again = layers::from_config("IntegerLookup", &layer.get_config()).unwrap();
        assert_eq!(again.get_config().get("vocabulary"), None);
    }

    #[test]
    fn vocabularies_that_cannot_be_are_told() {
        let x = Tensor::from([1i32]);
        let told = |layer: IntegerLookup| layer.call(&x).unwrap_err().to_string();
        assert!(told(IntegerLookup::new().vocabulary(&[1, 1])).contains("twice"));
        assert!(told(IntegerLookup::new().vocabulary(&[])).contains("at least one"));
        let many = IntegerLookup::new().max_tokens(2).vocabulary(&[1, 2]);
        assert!(told(many).contains("max_tokens = 2"));
    }
}
