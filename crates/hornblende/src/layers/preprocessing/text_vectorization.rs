//! Texts as sequences of numbers.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::lookup::Lookup;
use super::lookup_options::lookup_options;
use super::string_lookup::no_text;
use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "TextVectorization",
    aliases: &[],
    arguments: &[&[
        "max_tokens",
        "standardize",
        "split",
        "ngrams",
        "output_mode",
        "output_sequence_length",
        "pad_to_max_tokens",
        "vocabulary",
        "vocabulary_size",
        "idf_weights",
        "sparse",
        "ragged",
        "encoding",
        "has_input_vocabulary",
    ]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(TextVectorization::from_config(config)?)),
    examples: Vec::new,
};

const STANDARDIZATIONS: [&str; 3] = ["lower_and_strip_punctuation", "lower", "strip_punctuation"];
const SPLITS: [&str; 2] = ["whitespace", "character"];

/// What is stripped: the punctuation of ASCII.
const PUNCTUATION: &str = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'";

/// Texts as sequences of numbers of a vocabulary, or as rows of categories: standardized, split into words or
/// characters, joined to n-grams, looked up.
///
/// In the mode `"int"`, 0 stands behind the end of a text, 1 for unknown words. Tensors hold no text:
/// [`TextVectorization::adapt_text`] learns from texts, and [`TextVectorization::call_text`] gives a tensor.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = TextVectorization::new();
/// layer.adapt_text(&["The cat sat.", "The dog sat!", "the"])?;
/// assert_eq!(layer.get_vocabulary(), ["", "[UNK]", "the", "sat", "dog", "cat"]);
/// let y = layer.call_text(&["the cat", "a dog sat"])?;
/// assert_eq!(y.to_vec::<i32>()?, [2, 5, 0, 1, 4, 3]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.TextVectorization`. A closure for `standardize` or `split` is not offered: change the
/// texts before.
#[derive(Clone)]
pub struct TextVectorization {
    base: LayerBase,
    lookup: Lookup<String>,
    standardize: Option<&'static str>,
    split: Option<&'static str>,
    ngrams: Option<Ngrams>,
    output_sequence_length: Option<usize>,
}

/// How many words are joined: all from 1 to a number, or these numbers.
#[derive(Clone)]
enum Ngrams {
    UpTo(usize),
    These(Vec<usize>),
}

impl TextVectorization {
    /// A layer that has no vocabulary yet.
    #[must_use]
    pub fn new() -> Self {
        let mut lookup = Lookup::new(ENTRY.class_name, "[UNK]".to_owned());
        lookup.mask_token = Some(String::new());
        Self {
            base: LayerBase::default(),
            lookup,
            standardize: Some(STANDARDIZATIONS[0]),
            split: Some(SPLITS[0]),
            ngrams: None,
            output_sequence_length: None,
        }
    }

    /// `"lower_and_strip_punctuation"`, `"lower"`, `"strip_punctuation"` or, with `None`, nothing. Default: the
    /// first.
    #[must_use]
    pub fn standardize<'n>(mut self, standardize: impl Into<Option<&'n str>>) -> Self {
        let name = standardize.into();
        match name
            .map(|name| one_of("standardize", name, &STANDARDIZATIONS))
            .transpose()
        {
            Ok(found) => self.standardize = found,
            Err(error) => self.base.refuse(error),
        }
        self
    }

    /// `"whitespace"`, `"character"` or, with `None`, not at all. Default: `"whitespace"`.
    #[must_use]
    pub fn split<'n>(mut self, split: impl Into<Option<&'n str>>) -> Self {
        match split
            .into()
            .map(|name| one_of("split", name, &SPLITS))
            .transpose()
        {
            Ok(found) => self.split = found,
            Err(error) => self.base.refuse(error),
        }
        self
    }

    /// Joins 1 to so many neighbouring words. Default: words stay single.
    #[must_use]
    pub fn ngrams(mut self, ngrams: usize) -> Self {
        self.ngrams = Some(Ngrams::UpTo(ngrams));
        self
    }

    /// The length of sequences in the mode `"int"`: longer ones are cut. Default: the longest of a batch.
    #[must_use]
    pub fn output_sequence_length(mut self, length: usize) -> Self {
        self.output_sequence_length = Some(length);
        self
    }

    /// The numbers of texts, `[batch, words]`, or a row of categories for each.
    ///
    /// # Errors
    /// If the layer's arguments make no sense.
    pub fn call_text<S: AsRef<str>>(&self, texts: &[S]) -> Result<Tensor> {
        self.base.build_once(ENTRY.class_name, || Ok(()))?;
        let mut rows: Vec<Vec<String>> = texts.iter().map(|t| self.tokens(t.as_ref())).collect();
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        let length = self.output_sequence_length.unwrap_or(longest);
        // What is empty is masked, so that it is 0 among numbers and nothing among categories.
        rows.iter_mut()
            .for_each(|row| row.resize(length, String::new()));
        let tokens: Vec<String> = rows.into_iter().flatten().collect();
        self.lookup.encode(&tokens, &[texts.len(), length].into())
    }

    /// Learns the vocabulary from texts: the most frequent words first.
    ///
    /// # Errors
    /// If the layer was given a vocabulary.
    pub fn adapt_text<S: AsRef<str>>(&self, texts: &[S]) -> Result<()> {
        let documents: Vec<Vec<String>> = texts.iter().map(|t| self.tokens(t.as_ref())).collect();
        self.lookup.adapt(&documents)
    }

    fn tokens(&self, text: &str) -> Vec<String> {
        let standard = self.standardize.unwrap_or_default();
        let lower = match standard.contains("lower") {
            true => text.to_lowercase(),
            false => text.to_owned(),
        };
        let text = match standard.contains("strip") {
            true => lower.replace(|c| PUNCTUATION.contains(c), ""),
            false => lower,
        };
        let words: Vec<String> = match self.split {
            None => vec![text],
            Some("character") => text.chars().map(String::from).collect(),
            Some(_) => text.split_ascii_whitespace().map(str::to_owned).collect(),
        };
        let widths: Vec<usize> = match &self.ngrams {
            None => return words,
            Some(Ngrams::UpTo(most)) => (1..=*most).collect(),
            Some(Ngrams::These(widths)) => widths.clone(),
        };
        let joined = |width: usize| words.windows(width.max(1)).map(|words| words.join(" "));
        widths.into_iter().flat_map(joined).collect()
    }

    fn from_config(config: &Config) -> Result<Self> {
        let mut layer = Self::new();
        for key in ["ragged", "sparse"] {
            if config.flag(key)? == Some(true) {
                let subject = format!("TextVectorization: {key}");
                let expected = "false: tensors are dense here";
                return Err(Error::invalid_argument(subject, expected, "true", ""));
            }
        }
        if let Some(other) = config.text("encoding")?.filter(|name| name != "utf-8") {
            return Err(Error::unknown("encoding", &other, &["utf-8"]));
        }
        let named = |key: &str, known: &[&'static str], default| match config.0.get(key) {
            None => Ok(default),
            Some(Json::Null) => Ok(None),
            Some(_) => one_of(key, &config.text(key)?.unwrap_or_default(), known).map(Some),
        };
        layer.standardize = named("standardize", &STANDARDIZATIONS, layer.standardize)?;
        layer.split = named("split", &SPLITS, layer.split)?;
        layer.ngrams = match config.get("ngrams") {
            Some(Json::Array(_)) => config.sizes("ngrams", 1)?.map(Ngrams::These),
            _ => config.size("ngrams")?.map(Ngrams::UpTo),
        };
        layer.output_sequence_length = config.size("output_sequence_length")?;
        layer.lookup = layer.lookup.read(config)?;
        Ok(layer)
    }
}

impl Default for TextVectorization {
    fn default() -> Self {
        Self::new()
    }
}

lookup_options!(TextVectorization, String, &str);

impl Layer for TextVectorization {
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
        let ngrams = match &self.ngrams {
            None => Json::Null,
            Some(Ngrams::UpTo(most)) => (*most).into(),
            Some(Ngrams::These(widths)) => widths.clone().into(),
        };
        let length = self.output_sequence_length;
        let mut config = self.lookup.add_to(self.base.get_config(self.class_name()));
        for key in [
            "invert",
            "num_oov_indices",
            "oov_token",
            "mask_token",
            "oov_method",
            "salt",
        ] {
            config = config.without(key);
        }
        config
            .with(
                "standardize",
                self.standardize.map_or(Json::Null, Json::from),
            )
            .with("split", self.split.map_or(Json::Null, Json::from))
            .with("ngrams", ngrams)
            .with(
                "output_sequence_length",
                length.map_or(Json::Null, Json::from),
            )
            .with("vocabulary_size", self.vocabulary_size())
            .with("ragged", false)
            .with("encoding", "utf-8")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn one_of(argument: &str, name: &str, known: &[&'static str]) -> Result<&'static str> {
    let found = known.iter().find(|it| **it == name);
    found
        .copied()
        .ok_or_else(|| Error::unknown(argument, name, known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers;
    use crate::prelude::*;

    #[test]
    fn words_are_joined_to_n_grams_and_sequences_cut() {
        let layer = TextVectorization::new().ngrams(2).output_sequence_length(3);
        layer.adapt_text(&["a b", "a b", "a"]).unwrap();
        assert_eq!(layer.get_vocabulary(), ["", "[UNK]", "a", "b", "a b"]);
        let y = layer.call_text(&["a b c", "b"]).unwrap();
        assert_eq!(y.shape().dims(), [2, 3]);
        assert_eq!(y.to_vec::<i32>().unwrap(), [2, 3, 1, 3, 0, 0]);
    }

    #[test]
    fn rows_of_categories_count_words_and_not_the_padding() {
        let layer = TextVectorization::new()
            .output_mode("count")
            .vocabulary(&["a", "b"]);
        let y = layer.call_text(&["a, b a!", "c"]).unwrap();
        assert_eq!(y.to_vec::<i32>().unwrap(), [0, 2, 1, 1, 0, 0]);
    }

    /// From Keras 3.15.1: `TextVectorization(output_mode="tf_idf")` of these texts.
    #[test]
    fn rare_words_weigh_more() {
        let layer = TextVectorization::new().output_mode("tf_idf");
        layer.adapt_text(&["a b", "a c", "a"]).unwrap();
        let y = layer
            .call_text(&["a b", "c d"])
            .unwrap()
            .to_vec::<f32>()
            .unwrap();
        let expected = [
            0.0,
            0.559_615_8,
            0.0,
            0.916_290_8,
            0.797_399_1,
            0.0,
            0.916_290_8,
            0.0,
        ];
        // One rounding of each weight.
        let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 2.0 * f32::EPSILON;
        assert!(y.iter().zip(&expected).all(close), "{y:?}");
    }

    #[test]
    fn a_configuration_comes_back_and_wrong_names_are_told() {
        let layer = TextVectorization::new()
            .standardize(None)
            .split("character");
        let layer = layer.vocabulary(&["x", "y"]);
        let config = layer.get_config();
        let twin = layers::from_config("TextVectorization", &config).unwrap();
        assert_eq!(twin.get_config(), config);
        let wrong = TextVectorization::new()
            .split("characters")
            .call_text(&["a"]);
        assert!(
            wrong
                .unwrap_err()
                .to_string()
                .contains("Did you mean \"character\"?")
        );
    }
}
