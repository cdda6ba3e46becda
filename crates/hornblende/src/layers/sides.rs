// tidy: not an item
//! How much is added or cut at both ends of spatial axes.

use hornblende_core::{Error, Result};

use crate::config::{Config, Json};

/// How much is added or cut at the ends of spatial axes: `1` at every end, `(1, 2)` at both ends of the first
/// axis and of the second, `((1, 2), (0, 3))` before and after each.
///
/// With one axis, `(1, 2)` is before and after it.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = ZeroPadding2D::new(((1, 0), (0, 2)));
/// let y = layer.call(Tensor::ones([1, 2, 2, 1], DType::F32))?;
/// assert_eq!(y.shape().dims(), [1, 3, 4, 1]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    ForAll(usize),
    Each(Vec<usize>),
    BeforeAndAfter(Vec<(usize, usize)>),
}

impl Sides {
    /// The argument of this name, if it is there.
    pub(in crate::layers) fn from_config(
        config: &Config,
        key: &str,
        rank: usize,
    ) -> Result<Option<Self>> {
        let Some(value) = config.get(key) else {
            return Ok(None);
        };
        let sides = sides_of(value).ok_or_else(|| {
            let expected = "a whole number, or a list of them or of pairs of them";
            Error::format(
                format!("argument \"{key}\""),
                expected,
                value.to_string(),
                "",
            )
        })?;
        sides.along(&format!("argument \"{key}\""), rank)?;
        Ok(Some(sides))
    }

    /// Before and after each of so many axes.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for another number of axes.
    pub(in crate::layers) fn along(
        &self,
        subject: &str,
        rank: usize,
    ) -> Result<Vec<(usize, usize)>> {
        match (&self.0, rank) {
            (Kind::ForAll(size), _) => Ok(vec![(*size, *size); rank]),
            (Kind::Each(sizes), 1) if sizes.len() == 2 => Ok(vec![(sizes[0], sizes[1])]),
            (Kind::Each(sizes), 2..) if sizes.len() == rank => {
                Ok(sizes.iter().map(|size| (*size, *size)).collect())
            }
            (Kind::BeforeAndAfter(sides), 2..) if sides.len() == rank => Ok(sides.clone()),
            (kind, _) => {
                let expected = match rank {
                    1 => "one number, or one before and one after".to_owned(),
                    _ => format!("one number, or {rank} numbers or pairs of numbers"),
                };
                let got = match kind {
                    Kind::BeforeAndAfter(sides) => format!("{sides:?}"),
                    Kind::Each(sizes) => format!("{sizes:?}"),
                    Kind::ForAll(size) => size.to_string(),
                };
                Err(Error::invalid_argument(subject, expected, got, ""))
            }
        }
    }

    /// As Keras writes it into configurations.
    pub(in crate::layers) fn json(&self, rank: usize) -> Json {
        let Ok(sides) = self.along("", rank) else {
            return Json::Null;
        };
        let pair = |(before, after): &(usize, usize)| Json::from(vec![*before, *after]);
        match sides.as_slice() {
            [one] => pair(one),
            sides => sides.iter().map(pair).collect(),
        }
    }
}

impl From<usize> for Sides {
    fn from(size: usize) -> Self {
        Self(Kind::ForAll(size))
    }
}

impl From<(usize, usize)> for Sides {
    fn from((first, second): (usize, usize)) -> Self {
        Self(Kind::Each(vec![first, second]))
    }
}

impl From<(usize, usize, usize)> for Sides {
    fn from((first, second, third): (usize, usize, usize)) -> Self {
        Self(Kind::Each(vec![first, second, third]))
    }
}

impl<const N: usize> From<[usize; N]> for Sides {
    fn from(sizes: [usize; N]) -> Self {
        Self(Kind::Each(sizes.to_vec()))
    }
}

impl<const N: usize> From<[(usize, usize); N]> for Sides {
    fn from(sides: [(usize, usize); N]) -> Self {
        Self(Kind::BeforeAndAfter(sides.to_vec()))
    }
}

/// Before and after one axis.
type Side = (usize, usize);

impl From<(Side, Side)> for Sides {
    fn from((first, second): (Side, Side)) -> Self {
        Self::from([first, second])
    }
}

impl From<(Side, Side, Side)> for Sides {
    fn from((first, second, third): (Side, Side, Side)) -> Self {
        Self::from([first, second, third])
    }
}

/// A number, a list of numbers, or a list of which some are pairs.
fn sides_of(value: &Json) -> Option<Sides> {
    let size = |v: &Json| v.as_u64().map(|n| n as usize);
    let Json::Array(list) = value else {
        return size(value).map(Sides::from);
    };
    if let Some(sizes) = list.iter().map(size).collect::<Option<Vec<_>>>() {
        return Some(Sides(Kind::Each(sizes)));
    }
    let side = |v: &Json| match v {
        Json::Array(pair) if pair.len() == 2 => Some((size(&pair[0])?, size(&pair[1])?)),
        one => size(one).map(|n| (n, n)),
    };
    let sides = list.iter().map(side).collect::<Option<Vec<_>>>()?;
    Some(Sides(Kind::BeforeAndAfter(sides)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, rank: usize) -> Result<Vec<(usize, usize)>> {
        let value: Json = serde_json::from_str(text).unwrap();
        let config = Config::new().with("padding", value);
        Sides::from_config(&config, "padding", rank)?
            .unwrap()
            .along("padding", rank)
    }

    #[test]
    fn every_form_of_keras_is_read() {
        assert_eq!(read("2", 1).unwrap(), [(2, 2)]);
        assert_eq!(read("[1, 2]", 1).unwrap(), [(1, 2)]);
        assert_eq!(read("2", 2).unwrap(), [(2, 2), (2, 2)]);
        assert_eq!(read("[1, 2]", 2).unwrap(), [(1, 1), (2, 2)]);
        assert_eq!(read("[[1, 0], 2]", 2).unwrap(), [(1, 0), (2, 2)]);
        assert_eq!(read("[[1, 0], [3, 4]]", 2).unwrap(), [(1, 0), (3, 4)]);
        assert_eq!(read("[1, 2, 3]", 3).unwrap(), [(1, 1), (2, 2), (3, 3)]);
    }

    #[test]
    fn other_forms_are_refused() {
        for (text, rank) in [
            ("[1]", 1),
            ("[[1, 2]]", 1),
            ("[1, 2, 3]", 2),
            ("[[1, 2], [1]]", 2),
            ("[1, 2]", 3),
            ("-1", 2),
            ("[1.5, 2]", 2),
            ("\"same\"", 2),
        ] {
            assert!(read(text, rank).is_err(), "{text}");
        }
    }
}
