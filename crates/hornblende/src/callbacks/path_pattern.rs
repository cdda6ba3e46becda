// tidy: not an item
//! Paths with places for the epoch and the logs.

use std::path::PathBuf;

use hornblende_core::{Error, Result};

use super::python_number::{Number, format_number};
use crate::training::Logs;

/// A path with places such as `{epoch:02d}` and `{val_loss:.4f}`, in Python's format notation: a name that
/// is logged, `epoch` (counted from 1) or `batch` (counted from 1), and how to write the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(String);

impl PathPattern {
    /// The pattern of this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path for an epoch, counted from 0, and a batch, if it is one's.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is not logged, [`Error::Format`] for a brace that is not closed or
    /// a notation that is none of a number.
    pub fn path(&self, epoch: usize, batch: Option<usize>, logs: &Logs) -> Result<PathBuf> {
        let mut out = String::new();
        let mut rest = self.0.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                // A doubled brace stands for itself.
                out.push_str(brace);
                rest = after;
                continue;
            }
            let Some((place, after)) = rest.split_once('}').filter(|_| brace == "{") else {
                return Err(self.bad("braces that belong together", &self.0));
            };
            out.push_str(&self.fill(place, epoch, batch, logs)?);
            rest = after;
        }
        out.push_str(rest);
        Ok(out.into())
    }

    fn fill(&self, place: &str, epoch: usize, batch: Option<usize>, logs: &Logs) -> Result<String> {
        let (name, specification) = place.split_once(':').unwrap_or((place, ""));
        let number = match (name, batch) {
            ("epoch", _) => Number::Whole(epoch + 1),
            ("batch", Some(batch)) => Number::Whole(batch + 1),
            _ => Number::Float(logs.get(name).ok_or_else(|| {
                let known: Vec<&str> = ["epoch"].into_iter().chain(logs.names()).collect();
                let family = format!("place in the path {:?}", self.0);
                Error::unknown(&family, name, &known)
            })?),
        };
        format_number(number, specification)
            .ok_or_else(|| self.bad("a notation such as 02d or .4f", place))
    }

    fn bad(&self, expected: &str, got: &str) -> Error {
        Error::format(format!("path {:?}", self.0), expected, got.to_owned(), "")
    }
}

impl<T: Into<String>> From<T> for PathPattern {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_mistakes_are_told() {
        let mut logs = Logs::default();
        logs.set("val_loss", 0.25);
        let path = |text: &str| {
            PathPattern::new(text)
                .path(4, Some(9), &logs)
                .map(|path| path.display().to_string())
        };
        assert_eq!(
            path("a/{epoch:02d}-{val_loss:.4f}-{batch}{{x}}.keras").unwrap(),
            "a/05-0.2500-10{x}.keras"
        );
        for (text, part) in [
            ("{val_los:.2f}", "Did you mean \"val_loss\"?"),
            ("{epoch", "braces that belong together"),
            ("epoch}", "braces that belong together"),
            ("{val_loss:d}", "a notation such as"),
        ] {
            let error = path(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
