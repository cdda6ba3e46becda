//! Texts as numbers of a vocabulary.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::hashing::numbers_on_host;
use super::lookup::Lookup;
use super::lookup_options::{self, lookup_options};
use crate::config::Config;
use crate::layers::{Call, Entry, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "StringLookup",
    aliases: &[],
    arguments: &[lookup_options::ARGUMENTS, &["encoding"]],
    unsupported: &[],
    from_config: |config| {
        let mut layer = StringLookup::new();
        layer.lookup = layer.lookup.read(config)?;
        if let Some(other) = config.text("encoding")?.filter(|name| name != "utf-8") {
            return Err(Error::unknown("encoding", &other, &["utf-8"]));
        }
        Ok(Arc::new(layer))
    },
    examples: Vec::new,
};

/// Texts as numbers 0, 1, .. of a vocabulary, or as rows of categories; as
/// [`IntegerLookup`](crate::layers::IntegerLookup), unknown texts being put into bins by their hash.
///
/// Tensors hold no text: [`StringLookup::call_text`] takes texts and gives a tensor, and
/// [`StringLookup::text_of`] turns numbers back.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = StringLookup::new().vocabulary(&["cat", "dog"]);
/// assert_eq!(layer.call_text(&["dog", "bird", "cat"])?.to_vec::<i32>()?, [2, 0, 1]);
/// assert_eq!(layer.text_of(&Tensor::from([1i32, 0]))?, ["cat", "[UNK]"]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.StringLookup`.
#[derive(Clone)]
pub struct StringLookup {
    base: LayerBase,
    lookup: Lookup<String>,
}

impl StringLookup {
    /// A layer that has no vocabulary yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            lookup: Lookup::new(ENTRY.class_name, "[UNK]".to_owned()),
        }
    }

    /// The numbers of texts, `[texts]`, or a row of categories.
    ///
    /// # Errors
    /// If the layer's arguments make no sense, or a text is unknown and `num_oov_indices` is 0.
    pub fn call_text<S: AsRef<str>>(&self, texts: &[S]) -> Result<Tensor> {
        self.call_texts(&[texts])
    }

    /// The numbers of a batch of equally many texts each, `[batch, texts]`, or a row of categories for each;
    /// one of them alone has no batch axis.
    ///
    /// # Errors
    /// As [`StringLookup::call_text`]; also if the numbers of texts differ.
    pub fn call_texts<S: AsRef<str>>(&self, batch: &[&[S]]) -> Result<Tensor> {
        let length = batch.first().map_or(0, |texts| texts.len());
        if batch.iter().any(|texts| texts.len() != length) {
            let expected = "equally many texts of each sample";
            return Err(Error::invalid_argument(
                ENTRY.class_name,
                expected,
                "others",
                "",
            ));
        }
        self.base.build_once(ENTRY.class_name, || Ok(()))?;
        let texts: Vec<String> = batch
            .iter()
            .flat_map(|texts| texts.iter().map(|text| text.as_ref().to_owned()))
            .collect();
        let shape = match batch.len() {
            1 => vec![length],
            samples => vec![samples, length],
        };
        self.lookup.encode(&texts, &shape.into())
    }

    /// Learns the vocabulary from samples of texts; see
    /// [`IntegerLookup`](crate::layers::IntegerLookup).
    ///
    /// # Errors
    /// If the layer was given a vocabulary.
    pub fn adapt_text<S: AsRef<str>>(&self, texts: &[S]) -> Result<()> {
        let document = |text: &S| vec![text.as_ref().to_owned()];
        let documents: Vec<Vec<String>> = texts.iter().map(document).collect();
        self.lookup.adapt(&documents)
    }

    /// The texts of numbers.
    ///
    /// # Errors
    /// If the numbers are not known.
    pub fn text_of(&self, numbers: &Tensor) -> Result<Vec<String>> {
        let numbers = numbers_on_host(ENTRY.class_name, numbers)?;
        let text = |number: i64| self.lookup.token(number).unwrap_or_default();
        Ok(numbers.into_iter().map(text).collect())
    }
}

impl Default for StringLookup {
    fn default() -> Self {
        Self::new()
    }
}

lookup_options!(StringLookup, String, &str, unknown);

impl Layer for StringLookup {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, _inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        Err(no_text(ENTRY.class_name))
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        self.lookup.add_to(config).with("encoding", "utf-8")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What a layer for text says to a tensor.
pub(super) fn no_text(class_name: &str) -> Error {
    let fix = "Tensors hold no text: use call_text, and hand its result to the model";
    Error::invalid_argument(class_name, "texts", "a tensor", fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers;
    use crate::prelude::*;

    /// From Keras 3.15.1: `StringLookup(vocabulary=["a", "b"], num_oov_indices=3)` of these texts.
    #[test]
    fn unknown_texts_have_the_bins_that_keras_gives_them() {
        let layer = StringLookup::new()
            .num_oov_indices(3)
            .vocabulary(&["a", "b"]);
        let y = layer.call_text(&["a", "b", "c", "hello", ""]).unwrap();
        assert_eq!(y.to_vec::<i32>().unwrap(), UNKNOWN);
        let config = layer.get_config();
        let twin = layers::from_config("StringLookup", &config).unwrap();
        assert_eq!(twin.get_config(), config);
    }

    const UNKNOWN: [i32; 5] = [3, 4, 1, 1, 2];

    #[test]
    fn a_vocabulary_is_learned_and_texts_come_back() {
        let layer = StringLookup::new();
        layer.adapt_text(&["b", "a", "c", "a"]).unwrap();
        assert_eq!(layer.get_vocabulary(), ["[UNK]", "a", "c", "b"]);
        assert_eq!(
            layer.text_of(&Tensor::from([3i32, 9])).unwrap(),
            ["b", "[UNK]"]
        );
        let told = layer.call(Tensor::from([1i32])).unwrap_err().to_string();
        assert!(told.contains("call_text"), "{told}");
    }
}
