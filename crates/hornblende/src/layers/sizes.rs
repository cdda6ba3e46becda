// tidy: not an item
//! Sizes along spatial axes.

use hornblende_core::{Error, Result};

use crate::config::{Config, Json};
use crate::layers::spatial_window::check_positive;

/// Sizes along spatial axes: `3` for all of them, or one for each: `(3, 5)`, `[3, 5]`, `(1, 3, 3)`.
///
/// How many axes there are is the layer's to say; it refuses another number when it is built.
///
/// # Example
/// ```
/// use hornblende::layers::Sizes;
/// assert_eq!(Sizes::from((3, 5)), Sizes::from([3, 5]));
/// assert_ne!(Sizes::from(3), Sizes::from([3]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    ForAll(usize),
    Each(Vec<usize>),
}

impl Sizes {
    /// The argument of this name, if it is there.
    pub(in crate::layers) fn from_config(
        config: &Config,
        key: &str,
        rank: usize,
    ) -> Result<Option<Self>> {
        let sizes = match config.get(key) {
            Some(Json::Array(_)) => config.sizes(key, rank)?.map(Self::from),
            _ => config.size(key)?.map(Self::from),
        };
        if let Some(sizes) = &sizes {
            sizes.along(&format!("argument \"{key}\""), rank)?;
        }
        Ok(sizes)
    }

    /// The size along each of so many axes.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for another number of sizes.
    pub(in crate::layers) fn along(&self, subject: &str, rank: usize) -> Result<Vec<usize>> {
        match &self.0 {
            Kind::ForAll(size) => Ok(vec![*size; rank]),
            Kind::Each(sizes) if sizes.len() == rank => Ok(sizes.clone()),
            Kind::Each(sizes) => Err(Error::invalid_argument(
                subject,
                format!("one number, or {rank} in a list"),
                format!("{sizes:?}"),
                "",
            )),
        }
    }

    /// The size along each axis, all above 0.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for another number of sizes, or a 0.
    pub(in crate::layers) fn positive(&self, subject: &str, rank: usize) -> Result<Vec<usize>> {
        let sizes = self.along(subject, rank)?;
        check_positive(subject, &sizes)?;
        Ok(sizes)
    }

    /// As Keras writes it into configurations.
    pub(in crate::layers) fn json(&self, rank: usize) -> Vec<usize> {
        match &self.0 {
            Kind::ForAll(size) => vec![*size; rank],
            Kind::Each(sizes) => sizes.clone(),
        }
    }
}

impl From<usize> for Sizes {
    fn from(size: usize) -> Self {
        Self(Kind::ForAll(size))
    }
}

impl From<(usize, usize)> for Sizes {
    fn from((height, width): (usize, usize)) -> Self {
        Self(Kind::Each(vec![height, width]))
    }
}

impl From<(usize, usize, usize)> for Sizes {
    fn from((depth, height, width): (usize, usize, usize)) -> Self {
        Self(Kind::Each(vec![depth, height, width]))
    }
}

impl<const N: usize> From<[usize; N]> for Sizes {
    fn from(sizes: [usize; N]) -> Self {
        Self(Kind::Each(sizes.to_vec()))
    }
}

impl From<Vec<usize>> for Sizes {
    fn from(sizes: Vec<usize>) -> Self {
        Self(Kind::Each(sizes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_has_one_number_or_one_for_each_axis() {
        let read = |value: Json| Sizes::from_config(&Config::new().with("size", value), "size", 2);
        assert_eq!(read(3.into()).unwrap(), Some(Sizes::from(3)));
        assert_eq!(
            read(vec![3usize, 4].into()).unwrap(),
            Some(Sizes::from((3, 4)))
        );
        assert_eq!(read(Json::Null).unwrap(), None);
        let error = read(vec![3usize].into()).unwrap_err().to_string();
        assert!(
            error.starts_with("argument \"size\": expected one number, or 2 in a list; got [3]."),
            "{error}"
        );
        assert!(read((-1).into()).is_err());
    }
}
