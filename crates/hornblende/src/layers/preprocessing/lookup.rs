// tidy: not an item
//! What layers that look values up in a vocabulary have in common.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use super::fingerprint::{fingerprint, keyed_hash};
use super::output_mode::OutputMode;
use crate::config::{Config, Json};

/// What can stand in a vocabulary.
pub(super) trait Token: Clone + Ord + Hash + std::fmt::Debug {
    fn from_json(value: &Json) -> Option<Self>;
    fn json(&self) -> Json;
    /// The bin of a value that is in no vocabulary, if it is not found by its hash.
    fn bin(&self, bins: u64) -> Option<u64>;
    fn text(&self) -> String;
}

impl Token for i64 {
    fn from_json(value: &Json) -> Option<Self> {
        value.as_i64()
    }

    fn json(&self) -> Json {
        (*self).into()
    }

    fn bin(&self, bins: u64) -> Option<u64> {
        Some(self.rem_euclid(bins.cast_signed()).cast_unsigned())
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Token for String {
    fn from_json(value: &Json) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }

    fn json(&self) -> Json {
        self.clone().into()
    }

    fn bin(&self, _bins: u64) -> Option<u64> {
        None
    }

    fn text(&self) -> String {
        self.clone()
    }
}

/// A vocabulary, given or learned, and how its values are written down.
///
/// The numbers of the vocabulary are, in order: 0 for the mask token, if there is one and the mode is `int`; one
/// for each bin of unknown values; the tokens.
#[derive(Clone)]
pub(super) struct Lookup<T> {
    class_name: &'static str,
    pub(super) max_tokens: Option<usize>,
    pub(super) num_oov_indices: usize,
    pub(super) mask_token: Option<T>,
    pub(super) oov_token: Option<T>,
    pub(super) invert: bool,
    pub(super) output_mode: Result<OutputMode>,
    pub(super) pad_to_max_tokens: bool,
    /// Whether unknown numbers are put into bins by their hash.
    pub(super) hashes: bool,
    pub(super) salt: Option<[u64; 2]>,
    /// The vocabulary that was an argument: the one that a configuration has.
    given: Option<(Vec<T>, Option<Vec<f64>>)>,
    learned: Arc<Mutex<Vocabulary<T>>>,
}

#[derive(Debug, Clone)]
struct Vocabulary<T> {
    tokens: Vec<T>,
    places: HashMap<T, usize>,
    /// What an occurrence of each number counts in the mode `tf_idf`.
    weights: Vec<f64>,
}

impl<T: Token> Lookup<T> {
    const MODES: &[OutputMode] = &[
        OutputMode::Int,
        OutputMode::OneHot,
        OutputMode::MultiHot,
        OutputMode::Count,
        OutputMode::TfIdf,
    ];

    pub(super) fn new(class_name: &'static str, oov_token: T) -> Self {
        Self {
            class_name,
            max_tokens: None,
            num_oov_indices: 1,
            mask_token: None,
            oov_token: Some(oov_token),
            invert: false,
            output_mode: Ok(OutputMode::Int),
            pad_to_max_tokens: false,
            hashes: false,
            salt: None,
            given: None,
            learned: Arc::new(Mutex::new(Vocabulary::of(Vec::new(), Vec::new()))),
        }
    }

    /// The arguments of a configuration that this layer has in common with the others.
    pub(super) fn read(mut self, config: &Config) -> Result<Self> {
        let flag = |key: &str| Ok::<bool, Error>(config.flag(key)?.unwrap_or(false));
        let token = |key: &str| match config.get(key) {
            None => Ok(None),
            Some(value) => T::from_json(value).map(Some).ok_or_else(|| {
                let subject = format!("argument \"{key}\"");
                Error::format(subject, "an entry of a vocabulary", value.to_string(), "")
            }),
        };
        super::output_mode::refuse_sparse(self.class_name, config)?;
        self.max_tokens = config.size("max_tokens")?;
        self.num_oov_indices = config.size("num_oov_indices")?.unwrap_or(1);
        if config.0.contains_key("mask_token") {
            self.mask_token = token("mask_token")?;
        }
        if config.0.contains_key("oov_token") {
            self.oov_token = token("oov_token")?;
        }
        self.invert = flag("invert")?;
        self.pad_to_max_tokens = flag("pad_to_max_tokens")?;
        let (class_name, int) = (self.class_name, OutputMode::Int);
        self.output_mode = Ok(OutputMode::from_config(
            class_name,
            config,
            Self::MODES,
            int,
        )?);
        self.hashes = match config.text("oov_method")?.as_deref() {
            None | Some("floormod") => false,
            Some("farmhash") => true,
            Some(other) => {
                return Err(Error::unknown(
                    "oov_method",
                    other,
                    &["floormod", "farmhash"],
                ));
            }
        };
        self.salt = salt_of(config)?;
        let Some(vocabulary) = config.get("vocabulary") else {
            return Ok(self);
        };
        let list = vocabulary.as_array();
        let tokens: Option<Vec<T>> = list.and_then(|list| list.iter().map(T::from_json).collect());
        let Some(tokens) = tokens else {
            let fix = "A file that holds the vocabulary is not read: hand its entries over";
            let subject = "argument \"vocabulary\"";
            return Err(Error::format(
                subject,
                "a list",
                vocabulary.to_string(),
                fix,
            ));
        };
        let weights = config.numbers("idf_weights")?;
        self.give(tokens, weights)?;
        Ok(self)
    }

    pub(super) fn set_mode(&mut self, name: &str) {
        let name = if name == "tf-idf" { "tf_idf" } else { name };
        self.output_mode = OutputMode::from_name(self.class_name, name, Self::MODES);
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let token = |token: &Option<T>| token.as_ref().map_or(Json::Null, T::json);
        let mode = self
            .output_mode
            .as_ref()
            .map_or("unknown", |mode| mode.name());
        let given = self.given.as_ref();
        let tokens = given.map(|(tokens, _)| tokens.iter().map(T::json).collect());
        let weights = given.and_then(|(_, weights)| weights.clone());
        let has_tokens = !self.vocabulary().tokens.is_empty();
        let size = has_tokens.then(|| self.vocabulary_size());
        config
            .with("invert", self.invert)
            .with("max_tokens", self.max_tokens.map_or(Json::Null, Json::from))
            .with("num_oov_indices", self.num_oov_indices)
            .with("oov_token", token(&self.oov_token))
            .with("mask_token", token(&self.mask_token))
            .with("output_mode", mode)
            .with("sparse", false)
            .with("pad_to_max_tokens", self.pad_to_max_tokens)
            .with("idf_weights", weights.map_or(Json::Null, Json::from))
            .with("vocabulary", tokens.unwrap_or(Json::Null))
            .with("vocabulary_size", size.map_or(Json::Null, Json::from))
            .with(
                "oov_method",
                if self.hashes { "farmhash" } else { "floormod" },
            )
            .with(
                "salt",
                self.salt.map_or(Json::Null, |salt| salt.to_vec().into()),
            )
    }

    /// Sets the vocabulary as an argument does: a configuration then has it.
    pub(super) fn give(&mut self, tokens: Vec<T>, weights: Option<Vec<f64>>) -> Result<()> {
        // Clones before this had another vocabulary; this one is the layer's own.
        self.learned = Arc::new(Mutex::new(self.checked(tokens.clone(), weights.clone())?));
        self.given = Some((tokens, weights));
        Ok(())
    }

    fn vocabulary(&self) -> MutexGuard<'_, Vocabulary<T>> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mode(&self) -> Result<OutputMode> {
        self.output_mode.clone()
    }

    fn oov_start(&self) -> usize {
        let is_int = matches!(self.output_mode, Ok(OutputMode::Int));
        usize::from(is_int && self.mask_token.is_some())
    }

    fn token_start(&self) -> usize {
        self.oov_start() + self.num_oov_indices
    }

    pub(super) fn vocabulary_size(&self) -> usize {
        self.vocabulary().tokens.len() + self.token_start()
    }

    /// The vocabulary with what stands for masked and unknown values in front of it.
    pub(super) fn get_vocabulary(&self) -> Vec<T> {
        let unknown = std::iter::repeat_n(self.oov_token.clone(), self.num_oov_indices);
        let mask = std::iter::repeat_n(self.mask_token.clone(), self.oov_start());
        let special = mask.chain(unknown).flatten();
        special
            .chain(self.vocabulary().tokens.iter().cloned())
            .collect()
    }

    fn checked(&self, tokens: Vec<T>, weights: Option<Vec<f64>>) -> Result<Vocabulary<T>> {
        let subject = format!("{}: vocabulary", self.class_name);
        let refuse = |expected: &str, got: String| {
            Err(Error::invalid_argument(subject.as_str(), expected, got, ""))
        };
        let special: Vec<Option<T>> =
            std::iter::repeat_n(self.mask_token.clone(), self.oov_start())
                .chain(std::iter::repeat_n(
                    self.oov_token.clone(),
                    self.num_oov_indices,
                ))
                .collect();
        let starts_with_special = tokens.len() >= special.len()
            && special
                .iter()
                .zip(&tokens)
                .all(|(a, b)| a.as_ref() == Some(b));
        let whole = tokens.len();
        let tokens = match starts_with_special {
            true => tokens[special.len()..].to_vec(),
            false => tokens,
        };
        if tokens.is_empty() {
            return refuse("at least one entry", "none".to_owned());
        }
        let mut seen = HashSet::new();
        if let Some(twice) = tokens.iter().find(|token| !seen.insert(*token)) {
            return refuse("entries that are there once", format!("{twice:?} twice"));
        }
        if let Some(mask) = self
            .mask_token
            .as_ref()
            .filter(|mask| tokens.contains(mask))
        {
            return refuse(
                "the mask token at the start or nowhere",
                format!("{mask:?}"),
            );
        }
        let size = tokens.len() + self.token_start();
        if let Some(limit) = self.max_tokens.filter(|limit| size > *limit) {
            return refuse(
                &format!("at most max_tokens = {limit} numbers"),
                size.to_string(),
            );
        }
        let is_weighted = self.mode()? == OutputMode::TfIdf;
        let weights = match weights {
            None if is_weighted => return refuse("idf_weights beside it", "none".to_owned()),
            None => Vec::new(),
            Some(_) if !is_weighted => {
                return refuse("idf_weights in the mode tf_idf only", "some".to_owned());
            }
            Some(weights) if weights.len() != whole => {
                let expected = format!("as many idf_weights as entries, {whole}");
                return refuse(&expected, weights.len().to_string());
            }
            Some(weights) if starts_with_special => weights,
            Some(weights) => self.with_special_weights(&weights),
        };
        Ok(Vocabulary::of(tokens, weights))
    }

    /// The weights of tokens behind those of unknown values, which count as the mean token.
    fn with_special_weights(&self, weights: &[f64]) -> Vec<f64> {
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let unknown = std::iter::repeat_n(mean, self.token_start());
        unknown.chain(weights.iter().copied()).collect()
    }

    /// Learns the vocabulary: the most frequent tokens first, of equally frequent ones the larger first.
    pub(super) fn adapt(&self, documents: &[Vec<T>]) -> Result<()> {
        if self.given.is_some() {
            return Err(Error::invalid_argument(
                format!("{}: adapt", self.class_name),
                "a layer without a vocabulary",
                "one that was given it",
                "",
            ));
        }
        let mut counts: HashMap<&T, (u64, u64)> = HashMap::new();
        for document in documents {
            let mut seen = HashSet::new();
            for token in document {
                let count = counts.entry(token).or_default();
                count.0 += 1;
                count.1 += u64::from(seen.insert(token));
            }
        }
        let special = [self.mask_token.as_ref(), self.oov_token.as_ref()];
        counts.retain(|token, _| !special.contains(&Some(token)));
        let mut ranked: Vec<(&T, (u64, u64))> = counts.into_iter().collect();
        ranked.sort_by(|(a, (m, _)), (b, (n, _))| (n, b).cmp(&(m, a)));
        if let Some(limit) = self.max_tokens {
            ranked.truncate(limit.saturating_sub(self.token_start()));
        }
        let weights = match self.mode()? {
            OutputMode::TfIdf if !ranked.is_empty() => {
                let total = documents.len() as f64;
                let weight = |(_, (_, of)): &(&T, (u64, u64))| (total / (1.0 + *of as f64)).ln_1p();
                self.with_special_weights(&ranked.iter().map(weight).collect::<Vec<_>>())
            }
            _ => Vec::new(),
        };
        let tokens = ranked.into_iter().map(|(token, _)| token.clone()).collect();
        *self.vocabulary() = Vocabulary::of(tokens, weights);
        Ok(())
    }

    /// The numbers of tokens that stand in this shape, written down in the layer's mode.
    pub(super) fn encode(&self, tokens: &[T], shape: &Shape) -> Result<Tensor> {
        let mode = self.mode()?;
        let numbers: Vec<i64> = {
            let vocabulary = self.vocabulary();
            let number = |token: &T| self.number(&vocabulary, token);
            tokens.iter().map(number).collect::<Result<_>>()?
        };
        let numbers = Tensor::from_vec(shape.clone(), numbers);
        if mode == OutputMode::Int {
            return Ok(numbers);
        }
        let depth = self.depth();
        if mode != OutputMode::TfIdf {
            return Ok(mode.encode(&numbers, depth, DType::I64, None));
        }
        let mut weights = self.vocabulary().weights.clone();
        weights.resize(depth, 0.0);
        let counts = mode.encode(&numbers, depth, DType::F32, None);
        Ok(counts * Tensor::from(weights).cast(DType::F32))
    }

    fn depth(&self) -> usize {
        let padded = self.max_tokens.filter(|_| self.pad_to_max_tokens);
        padded.unwrap_or_else(|| self.vocabulary_size())
    }

    fn number(&self, vocabulary: &Vocabulary<T>, token: &T) -> Result<i64> {
        if self.mask_token.as_ref() == Some(token) {
            // Beside numbers, a masked value is none of the categories.
            let is_int = matches!(self.output_mode, Ok(OutputMode::Int));
            return Ok(if is_int { 0 } else { -1 });
        }
        if let Some(place) = vocabulary.places.get(token) {
            return Ok((place + self.token_start()) as i64);
        }
        let bins = self.num_oov_indices as u64;
        let bin = match bins {
            0 => {
                let expected = "values of the vocabulary";
                let fix = "Set num_oov_indices to 1 to count others as unknown";
                let got = format!("{token:?}");
                return Err(Error::invalid_argument(self.class_name, expected, got, fix));
            }
            1 => 0,
            _ => token
                .bin(bins)
                .filter(|_| !self.hashes)
                .unwrap_or_else(|| hash(&token.text(), self.salt) % bins),
        };
        Ok((bin as usize + self.oov_start()) as i64)
    }

    /// The token of a number, for layers that turn numbers back; unknown ones have the token for those.
    pub(super) fn token(&self, number: i64) -> Option<T> {
        let vocabulary = self.vocabulary();
        if number == 0 && self.oov_start() == 1 {
            return self.mask_token.clone();
        }
        let place = usize::try_from(number)
            .ok()?
            .checked_sub(self.token_start());
        let found = place.and_then(|place| vocabulary.tokens.get(place));
        found.or(self.oov_token.as_ref()).cloned()
    }
}

impl<T: Token> Vocabulary<T> {
    fn of(tokens: Vec<T>, weights: Vec<f64>) -> Self {
        let places = tokens.iter().cloned().enumerate();
        Self {
            places: places.map(|(place, token)| (token, place)).collect(),
            tokens,
            weights,
        }
    }
}

/// The hash by which TensorFlow puts a text into bins; a keyed one with a salt.
pub(super) fn hash(text: &str, salt: Option<[u64; 2]>) -> u64 {
    match salt {
        Some(key) => keyed_hash(key, text.as_bytes()),
        None => fingerprint(text.as_bytes()),
    }
}

/// The argument `salt`: a number, which stands for two equal ones, or two.
pub(super) fn salt_of(config: &Config) -> Result<Option<[u64; 2]>> {
    let Some(salt) = config.sizes("salt", 2)? else {
        return Ok(None);
    };
    match salt.as_slice() {
        [a, b] => Ok(Some([*a as u64, *b as u64])),
        _ => {
            let got = format!("{salt:?}");
            Err(Error::format(
                "argument \"salt\"",
                "one or two numbers",
                got,
                "",
            ))
        }
    }
}
