//! The folders in which files of data sets are looked for.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders in which files of data sets are looked for, and the one that downloads go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cache {
    /// In the order of the search; the last one is Keras's own.
    folders: Vec<PathBuf>,
}

impl Cache {
    /// `$HORNBLENDE_DATASETS`, then the folder that Keras uses: `$KERAS_HOME/datasets`, or
    /// `~/.keras/datasets` where that variable is not set.
    pub(super) fn from_environment() -> Self {
        Self::new(|name| std::env::var_os(name), std::env::home_dir())
    }

    pub(super) fn new(variable: impl Fn(&str) -> Option<OsString>, home: Option<PathBuf>) -> Self {
        let folder = |name| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let keras = folder("KERAS_HOME").or_else(|| home.map(|home| home.join(".keras")));
        let folders = [
            folder("HORNBLENDE_DATASETS"),
            keras.map(|keras| keras.join("datasets")),
        ];
        Self {
            folders: folders.into_iter().flatten().collect(),
        }
    }

    /// The first folder's file of this name.
    pub(super) fn find(&self, file: &str) -> Option<PathBuf> {
        self.folders
            .iter()
            .map(|folder| folder.join(file))
            .find(|path| path.is_file())
    }

    /// Where a download goes; `None` if not even a home folder is known.
    #[cfg_attr(
        not(feature = "download"),
        allow(dead_code, reason = "nothing is downloaded")
    )]
    pub(super) fn destination(&self) -> Option<&Path> {
        self.folders.last().map(PathBuf::as_path)
    }

    /// The folders in words.
    pub(super) fn describe(&self) -> String {
        let folders: Vec<String> = self
            .folders
            .iter()
            .map(|f| f.display().to_string())
            .collect();
        match folders.as_slice() {
            [] => "$HORNBLENDE_DATASETS (not set)".to_owned(),
            _ => folders.join(" or "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(variables: &[(&str, &str)]) -> Cache {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| OsString::from(value))
        };
        Cache::new(variable, Some(PathBuf::from("/home/a")))
    }

    #[test]
    fn the_own_folder_comes_before_that_of_keras() {
        let both = cache(&[("HORNBLENDE_DATASETS", "/data"), ("KERAS_HOME", "/keras")]);
        assert_eq!(
            both.folders,
            [Path::new("/data"), Path::new("/keras/datasets")]
        );
        let neither = cache(&[("HORNBLENDE_DATASETS", ""), ("KERAS_HOME", "")]);
        assert_eq!(neither.folders, [Path::new("/home/a/.keras/datasets")]);
        assert_eq!(
            neither.describe(),
            Path::new("/home/a/.keras/datasets").display().to_string()
        );
    }

    #[test]
    fn the_first_file_found_wins_and_folders_that_do_not_exist_are_no_error() {
        let root = std::env::temp_dir().join(format!("hornblende-cache-{}", std::process::id()));
        let keras = root.join("keras/datasets");
        std::fs::create_dir_all(&keras).unwrap();
        std::fs::write(keras.join("x.npz"), "").unwrap();
        let folders = vec![root.join("none"), keras.clone()];
        let cache = Cache { folders };
        assert_eq!(cache.find("x.npz"), Some(keras.join("x.npz")));
        assert_eq!(cache.find("y.npz"), None);
        assert_eq!(cache.destination(), Some(keras.as_path()));
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn without_any_folder_the_variable_to_set_is_named() {
        let nowhere = Cache::new(|_| None, None);
        assert_eq!(nowhere.destination(), None);
        assert_eq!(nowhere.describe(), "$HORNBLENDE_DATASETS (not set)");
    }
}
