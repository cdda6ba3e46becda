// tidy: not an item
//! The labels of embeddings.

use hornblende_core::{Error, Result};

/// The files with the labels of embedding layers, as seen from the folder of the logs: one for all layers, or one
/// for each name. Both convert.
///
/// # Example
/// ```
/// use hornblende::callbacks::TensorBoard;
/// let board = TensorBoard::new("logs").embeddings_freq(1).embeddings_metadata("words.tsv");
/// let board = TensorBoard::new("logs").embeddings_metadata([("words", "w.tsv"), ("places", "p.tsv")]);
/// # let _ = board;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbeddingsMetadata {
    /// One file for all layers.
    All(String),
    /// The names of layers, each with its file.
    Layers(Vec<(String, String)>),
}

impl From<&str> for EmbeddingsMetadata {
    fn from(path: &str) -> Self {
        Self::All(path.to_owned())
    }
}

impl<const N: usize> From<[(&str, &str); N]> for EmbeddingsMetadata {
    fn from(paths: [(&str, &str); N]) -> Self {
        let own = |(layer, path): (&str, &str)| (layer.to_owned(), path.to_owned());
        Self::Layers(paths.into_iter().map(own).collect())
    }
}

impl EmbeddingsMetadata {
    /// The file of a layer.
    pub(super) fn of(&self, layer: &str) -> Option<String> {
        match self {
            Self::All(path) => Some(path.clone()),
            Self::Layers(paths) => {
                let found = paths.iter().find(|(name, _)| name == layer);
                found.map(|(_, path)| path.clone())
            }
        }
    }

    /// Fails if a name is that of no embedding layer.
    pub(super) fn check(&self, layers: &[String]) -> Result<()> {
        let Self::Layers(paths) = self else {
            return Ok(());
        };
        match paths.iter().find(|(name, _)| !layers.contains(name)) {
            Some((name, _)) => {
                let known: Vec<&str> = layers.iter().map(String::as_str).collect();
                Err(Error::unknown("Embedding layer", name, &known))
            }
            None => Ok(()),
        }
    }
}
