// tidy: not an item
//! Sizes along height and width.

use hornblende_core::Result;

use crate::config::Config;

/// Sizes along height and width: `3` for both, or `(3, 5)`, or `[3, 5]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair(pub [usize; 2]);

impl Pair {
    /// The argument of this name, if it is there.
    pub(in crate::layers) fn from_config(config: &Config, key: &str) -> Result<Option<Self>> {
        match config.sizes(key, 2)? {
            None => Ok(None),
            Some(sizes) => match <[usize; 2]>::try_from(sizes) {
                Ok(sizes) => Ok(Some(Self(sizes))),
                Err(sizes) => Err(hornblende_core::Error::format(
                    format!("argument \"{key}\""),
                    "one or two whole numbers",
                    format!("{sizes:?}"),
                    "",
                )),
            },
        }
    }

    /// As Keras writes it into configurations.
    pub(in crate::layers) fn json(self) -> Vec<usize> {
        self.0.to_vec()
    }
}

impl From<usize> for Pair {
    fn from(size: usize) -> Self {
        Self([size, size])
    }
}

impl From<(usize, usize)> for Pair {
    fn from((height, width): (usize, usize)) -> Self {
        Self([height, width])
    }
}

impl From<[usize; 2]> for Pair {
    fn from(sizes: [usize; 2]) -> Self {
        Self(sizes)
    }
}
