//! A file on the net that a data set is made of.

use std::path::PathBuf;

use hornblende_core::{Error, Result};

use super::cache::Cache;

/// A file on the net that a data set is made of, and what identifies it.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(feature = "download"),
    allow(dead_code, reason = "nothing is downloaded")
)]
pub(super) struct RemoteFile {
    pub(super) name: &'static str,
    pub(super) url: String,
    pub(super) len: u64,
    /// In hexadecimal digits.
    pub(super) sha256: &'static str,
}

impl RemoteFile {
    /// The path of the file: found in the cache, or downloaded into it.
    pub(super) fn obtain(&self, cache: &Cache) -> Result<PathBuf> {
        match cache.find(self.name) {
            Some(path) => Ok(path),
            None => self.fetch(cache),
        }
    }

    #[cfg(feature = "download")]
    fn fetch(&self, cache: &Cache) -> Result<PathBuf> {
        use super::download::download;
        use super::download_progress::DownloadProgress;
        use crate::terminal::Terminal;

        let Some(folder) = cache.destination() else {
            return Err(self.missing(cache));
        };
        let mut progress = DownloadProgress::new(Terminal::stdout(), std::io::stdout());
        download(self, folder, ureq::Agent::config_builder(), &mut progress)
            .map_err(|error| error.hint(&self.where_to_put_it(cache)))
    }

    #[cfg(not(feature = "download"))]
    fn fetch(&self, cache: &Cache) -> Result<PathBuf> {
        Err(self.missing(cache))
    }

    /// No such file, in one line that says what to do.
    fn missing(&self, cache: &Cache) -> Error {
        let expected = format!("{} in {}", self.name, cache.describe());
        let mut fix = self.where_to_put_it(cache);
        if cfg!(not(feature = "download")) {
            fix.push_str(", or build with `--features download`");
        }
        Error::io(self.name, expected, "no such file", fix)
    }

    fn where_to_put_it(&self, cache: &Cache) -> String {
        format!("Put {} into {}", self.url, cache.describe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_can_be_downloaded_one_line_says_what_to_do() {
        let file = RemoteFile {
            name: "x.npz",
            url: "https://example.org/x.npz".to_owned(),
            len: 1,
            sha256: "",
        };
        // Without any folder, a download has no place to go to.
        let error = file.obtain(&Cache::new(|_| None, None)).unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with(
                "x.npz: expected x.npz in $HORNBLENDE_DATASETS (not set); got no such file. \
                 Put https://example.org/x.npz into $HORNBLENDE_DATASETS (not set)"
            ),
            "{message}"
        );
        let names_the_feature = message.ends_with("or build with `--features download`.");
        assert_eq!(
            names_the_feature,
            cfg!(not(feature = "download")),
            "{message}"
        );
        assert!(!message.contains('\n'), "{message}");
    }
}
