//! What was logged, epoch by epoch.

use std::fmt;
use std::ops::Index;

/// For each logged name its values, one an epoch: `loss`, the metrics, then `val_*`.
///
/// # Example
/// ```
/// use hornblende::training::Curves;
/// let mut curves = Curves::default();
/// curves.push("loss", 0.5);
/// curves.push("loss", 0.25);
/// assert_eq!(curves["loss"], [0.5, 0.25]);
/// assert_eq!(curves.to_string(), "{'loss': [0.5, 0.25]}");
/// assert!(curves.get("accuracy").is_none());
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curves(Vec<(String, Vec<f64>)>);

impl Curves {
    /// Adds the value of an epoch.
    pub fn push(&mut self, name: &str, value: f64) {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, values)) => values.push(value),
            None => self.0.push((name.to_owned(), vec![value])),
        }
    }

    /// The values of this name, or `None` if nothing was logged under it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map(|(_, values)| values.as_slice())
    }

    /// The logged names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.0.iter().map(|(name, v)| (name.as_str(), v.as_slice()))
    }
}

/// The values of a name; none where nothing was logged under it.
impl Index<&str> for Curves {
    type Output = [f64];

    fn index(&self, name: &str) -> &[f64] {
        self.get(name).unwrap_or(&[])
    }
}

/// As Python prints the dictionary of a Keras history.
impl fmt::Display for Curves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (k, (name, values)) in self.0.iter().enumerate() {
            let comma = if k == 0 { "" } else { ", " };
            write!(f, "{comma}'{name}': {values:?}")?;
        }
        f.write_str("}")
    }
}
