//! What `evaluate` returns.

use std::fmt;
use std::ops::{Deref, Index};

/// The loss and the metrics of a data set, in Keras's order: the loss first, then the metrics as they
/// were compiled; for a model of several outputs the loss of each output comes before the metrics.
///
/// Prints like the list that Keras returns; a loss alone prints as a number.
///
/// # Example
/// ```
/// use hornblende::training::Evaluation;
/// let results = Evaluation::new([("loss", 0.14234), ("accuracy", 0.9585)]);
/// assert_eq!(results.to_string(), "[0.1423, 0.9585]");
/// assert_eq!(results["accuracy"], 0.9585);
/// assert_eq!(results[0], 0.14234);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    names: Vec<String>,
    values: Vec<f64>,
}

impl Evaluation {
    /// The result of these names and values.
    #[must_use]
    pub fn new<N: Into<String>>(results: impl IntoIterator<Item = (N, f64)>) -> Self {
        let (names, values) = results.into_iter().map(|(n, v)| (n.into(), v)).unzip();
        Self { names, values }
    }

    /// The names, in the order of the values.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The loss.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self["loss"]
    }

    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        let place = self.names.iter().position(|n| n == name)?;
        Some(self.values[place])
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        let names = self.names.iter().map(String::as_str);
        names.zip(self.values.iter().copied())
    }
}

/// The values in order.
impl Deref for Evaluation {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.values
    }
}

/// The value of a name; NaN where there is none.
impl Index<&str> for Evaluation {
    type Output = f64;

    fn index(&self, name: &str) -> &f64 {
        let place = self.names.iter().position(|n| n == name);
        place.map_or(&f64::NAN, |k| &self.values[k])
    }
}

/// The value of a place.
impl Index<usize> for Evaluation {
    type Output = f64;

    fn index(&self, place: usize) -> &f64 {
        &self.values[place]
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.values.as_slice() {
            return write!(f, "{only:.4}");
        }
        f.write_str("[")?;
        for (k, value) in self.values.iter().enumerate() {
            let comma = if k == 0 { "" } else { ", " };
            write!(f, "{comma}{value:.4}")?;
        }
        f.write_str("]")
    }
}
