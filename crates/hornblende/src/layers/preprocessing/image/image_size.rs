// tidy: not an item
//! Height and width of what a layer makes of images.

use hornblende_core::{Error, Result};

use crate::config::Config;
use crate::layers::require_size;

/// Height and width of what a layer makes of images.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImageSize(pub(super) [usize; 2]);

impl ImageSize {
    /// The arguments of a configuration.
    pub(super) const ARGUMENTS: &[&str] = &["height", "width"];

    pub(super) fn from_config(class_name: &str, config: &Config) -> Result<Self> {
        let size = |key: &str| require_size(class_name, config, key);
        Ok(Self([size("height")?, size("width")?]))
    }

    /// Fails for a size of 0.
    pub(super) fn check(self, class_name: &str) -> Result<()> {
        let [height, width] = self.0;
        if height > 0 && width > 0 {
            return Ok(());
        }
        let got = format!("{height} x {width}");
        Err(Error::invalid_argument(
            class_name,
            "a size above 0",
            got,
            "",
        ))
    }

    pub(super) fn add_to(self, config: Config) -> Config {
        let [height, width] = self.0;
        config.with("height", height).with("width", width)
    }
}
