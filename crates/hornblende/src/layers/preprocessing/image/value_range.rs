// tidy: not an item
//! The smallest and the largest number of an image.

use hornblende_core::{Error, Result, Tensor};

use crate::config::Config;

/// The smallest and the largest number of an image; 0 and 255 unless set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ValueRange(pub(super) [f64; 2]);

impl ValueRange {
    /// From the smaller of the numbers to the larger one.
    pub(super) fn between(a: f64, b: f64) -> Self {
        Self([a.min(b), a.max(b)])
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let Some(ends) = config.numbers("value_range")? else {
            return Ok(Self::default());
        };
        match ends.as_slice() {
            [low, high] => Ok(Self([*low, *high])),
            _ => {
                let subject = "argument \"value_range\"";
                Err(Error::format(
                    subject,
                    "two numbers",
                    format!("{ends:?}"),
                    "",
                ))
            }
        }
    }

    pub(super) fn add_to(self, config: Config) -> Config {
        config.with("value_range", self.0.to_vec())
    }

    /// The numbers moved into the range.
    pub(super) fn clip(self, images: &Tensor) -> Tensor {
        images.clip(self.0[0], self.0[1])
    }

    /// Numbers of this range as numbers of the other one.
    pub(super) fn convert(self, images: &Tensor, other: Self) -> Tensor {
        if self == other {
            return images.clone();
        }
        (images - self.0[0]) / self.size() * other.size() + other.0[0]
    }

    pub(super) fn size(self) -> f64 {
        self.0[1] - self.0[0]
    }
}

impl Default for ValueRange {
    fn default() -> Self {
        Self([0.0, 255.0])
    }
}
