// tidy: not an item
//! The options that layers with a vocabulary share.

/// The builder methods of layers with the field `lookup`. They are inherent methods, as all arguments are,
/// hence a macro.
macro_rules! lookup_options {
    ($name:ident, $token:ty, $given:ty) => {
        impl $name {
            /// The vocabulary: a later entry has a higher number. Default: none, `adapt` learns it.
            #[must_use]
            pub fn vocabulary(mut self, vocabulary: &[$given]) -> Self {
                let tokens = vocabulary
                    .iter()
                    .map(|token| <$token>::from(*token))
                    .collect();
                self.give(tokens, None);
                self
            }

            /// The vocabulary with what an occurrence of each entry counts, for `output_mode("tf_idf")`, which
            /// has to be set before.
            #[must_use]
            pub fn weighted_vocabulary(mut self, vocabulary: &[$given], weights: &[f64]) -> Self {
                let tokens = vocabulary
                    .iter()
                    .map(|token| <$token>::from(*token))
                    .collect();
                self.give(tokens, Some(weights.to_vec()));
                self
            }

            /// The largest number of numbers, those of unknown and masked values included. Default: any.
            #[must_use]
            pub fn max_tokens(mut self, max_tokens: usize) -> Self {
                self.lookup.max_tokens = Some(max_tokens);
                self
            }

            /// `"int"`, `"one_hot"`, `"multi_hot"`, `"count"` or `"tf_idf"`. Default: `"int"`.
            #[must_use]
            pub fn output_mode(mut self, output_mode: &str) -> Self {
                self.lookup.set_mode(output_mode);
                self
            }

            /// Whether rows have `max_tokens` entries, however many the vocabulary has. Default: false.
            #[must_use]
            pub fn pad_to_max_tokens(mut self, pad: bool) -> Self {
                self.lookup.pad_to_max_tokens = pad;
                self
            }

            /// How many numbers there are, those of unknown and masked values included.
            #[must_use]
            pub fn vocabulary_size(&self) -> usize {
                self.lookup.vocabulary_size()
            }

            /// The vocabulary, with what stands for masked and unknown values in front of it.
            #[must_use]
            pub fn get_vocabulary(&self) -> Vec<$token> {
                self.lookup.get_vocabulary()
            }

            fn give(&mut self, tokens: Vec<$token>, weights: Option<Vec<f64>>) {
                if let Err(error) = self.lookup.give(tokens, weights) {
                    self.base.refuse(error);
                }
            }
        }
    };
    ($name:ident, $token:ty, $given:ty, unknown) => {
        impl $name {
            /// How many bins unknown values are put into; with 0 they are refused. Default: 1.
            #[must_use]
            pub fn num_oov_indices(mut self, bins: usize) -> Self {
                self.lookup.num_oov_indices = bins;
                self
            }

            /// The value that stands for a missing one; it has the number 0. Default: none.
            #[must_use]
            pub fn mask_token(mut self, token: $given) -> Self {
                self.lookup.mask_token = Some(token.into());
                self
            }

            /// What unknown numbers are turned back into. It is no entry of the vocabulary.
            #[must_use]
            pub fn oov_token(mut self, token: $given) -> Self {
                self.lookup.oov_token = Some(token.into());
                self
            }

            /// Whether numbers are turned back into entries of the vocabulary. Default: false.
            #[must_use]
            pub fn invert(mut self, invert: bool) -> Self {
                self.lookup.invert = invert;
                self
            }
        }

        lookup_options!($name, $token, $given);
    };
}

pub(super) use lookup_options;

/// The arguments of a configuration that they share.
pub(super) const ARGUMENTS: &[&str] = &[
    "max_tokens",
    "num_oov_indices",
    "mask_token",
    "oov_token",
    "vocabulary",
    "vocabulary_size",
    "idf_weights",
    "invert",
    "output_mode",
    "sparse",
    "pad_to_max_tokens",
    "oov_method",
    "salt",
    "has_input_vocabulary",
];
