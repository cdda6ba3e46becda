//! The folder that holds the newest checkpoint of a run and the one before it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hornblende_core::{Error, Result};

use super::{Checkpoint, atomic_file};

/// The newest checkpoint of a run, and the one before it in case the newest is damaged.
///
/// A checkpoint counts from the moment at which it is complete and on the disk; until then the one before it
/// does.
///
/// # Example
/// ```
/// use hornblende::formats::{Checkpoint, CheckpointFolder};
/// # let path = std::env::temp_dir().join(format!("hornblende-doc-folder-{}", std::process::id()));
/// let folder = CheckpointFolder::new(&path);
/// assert_eq!(folder.load()?, None);
/// folder.save(&Checkpoint::new())?;
/// assert_eq!(folder.load()?, Some(Checkpoint::new()));
/// folder.delete()?;
/// assert_eq!(folder.load()?, None);
/// # Ok::<(), hornblende::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointFolder {
    path: PathBuf,
}

impl CheckpointFolder {
    /// The folder of this path, which is made by the first checkpoint.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_path_buf(),
        }
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a checkpoint, and keeps the one that was the newest.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written; the checkpoints that were there are still there then.
    pub fn save(&self, checkpoint: &Checkpoint) -> Result<()> {
        let failed = |error: io::Error| self.failed("a folder for checkpoints", error);
        fs::create_dir_all(&self.path).map_err(failed)?;
        atomic_file::remove_partial_files(&self.path);
        checkpoint.write(&self.newest(), &self.previous())
    }

    /// The newest checkpoint that is whole; `None` if there never was one.
    ///
    /// # Errors
    /// [`Error::Format`] if there are checkpoints and all of them are damaged, [`Error::Io`] if they cannot be
    /// read.
    pub fn load(&self) -> Result<Option<Checkpoint>> {
        let mut first_error = None;
        for path in [self.newest(), self.previous()] {
            match self.read(&path) {
                Ok(Some(checkpoint)) => return Ok(Some(checkpoint)),
                Ok(None) => {}
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        first_error.map_or(Ok(None), Err)
    }

    /// Removes the checkpoints, and the folder if nothing else is in it.
    ///
    /// # Errors
    /// [`Error::Io`] if one is there and cannot be removed.
    pub fn delete(&self) -> Result<()> {
        // The older one first: a process that is killed in between must not go back to it later.
        for path in [self.previous(), self.newest()] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(self.failed("a checkpoint that can be removed", error));
                }
                _ => {}
            }
        }
        atomic_file::remove_partial_files(&self.path);
        // It may hold what somebody else put there.
        let _ = fs::remove_dir(&self.path);
        Ok(())
    }

    fn newest(&self) -> PathBuf {
        self.path.join("checkpoint.hbck")
    }

    fn previous(&self) -> PathBuf {
        self.path.join("checkpoint.previous.hbck")
    }

    fn read(&self, path: &Path) -> Result<Option<Checkpoint>> {
        match fs::read(path) {
            Ok(bytes) => {
                let advice = format!(
                    "Remove the folder \"{}\" to begin anew",
                    self.path.display()
                );
                let checkpoint = Checkpoint::from_bytes(&bytes);
                checkpoint.map(Some).map_err(|error| error.hint(&advice))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("a checkpoint that can be read", error)),
        }
    }

    fn failed(&self, expected: &str, error: io::Error) -> Error {
        let subject = format!("checkpoints in \"{}\"", self.path.display());
        let fix = "Check that the folder may be read and written to";
        Error::io(subject, expected, error.to_string(), fix)
    }
}

#[cfg(test)]
mod tests {
    use hornblende_core::Value;

    use super::super::atomic_file::{Moment, replace_watched};
    use super::*;

    const MOMENTS: [Moment; 6] = [
        Moment::Created,
        Moment::HalfWritten,
        Moment::Written,
        Moment::Synced,
        Moment::Kept,
        Moment::Renamed,
    ];

    fn folder(name: &str) -> CheckpointFolder {
        let path =
            std::env::temp_dir().join(format!("hornblende-folder-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        CheckpointFolder::new(path)
    }

    fn numbered(number: i64) -> Checkpoint {
        let mut checkpoint = Checkpoint::new();
        checkpoint.set("number", Value::scalar(number));
        checkpoint
    }

    #[test]
    fn a_damaged_newest_checkpoint_gives_way_to_the_one_before_it() {
        let folder = folder("damaged");
        folder.save(&numbered(1)).unwrap();
        folder.save(&numbered(2)).unwrap();
        assert_eq!(folder.load().unwrap(), Some(numbered(2)));
        let mut bytes = fs::read(folder.newest()).unwrap();
        bytes[20] ^= 4;
        fs::write(folder.newest(), &bytes).unwrap();
        assert_eq!(folder.load().unwrap(), Some(numbered(1)));
        fs::write(folder.previous(), b"").unwrap();
        let message = folder.load().unwrap_err().to_string();
        assert!(message.contains("Remove the folder"), "{message}");
        fs::remove_dir_all(folder.path()).unwrap();
    }

    #[test]
    fn a_failure_at_any_moment_of_a_save_leaves_a_checkpoint_that_loads() {
        for failing in MOMENTS {
            let folder = folder("moments");
            folder.save(&numbered(1)).unwrap();
            let bytes = numbered(2).to_bytes();
            let (newest, previous) = (folder.newest(), folder.previous());
            let result = replace_watched(&newest, Some(&previous), &bytes, &mut |moment| {
                if moment == failing {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                Ok(())
            });
            assert!(result.is_err());
            let wanted = if failing == Moment::Renamed { 2 } else { 1 };
            assert_eq!(
                folder.load().unwrap(),
                Some(numbered(wanted)),
                "{failing:?}"
            );
            folder.save(&numbered(3)).unwrap();
            assert_eq!(folder.load().unwrap(), Some(numbered(3)));
            fs::remove_dir_all(folder.path()).unwrap();
        }
    }

    /// Where the process that ends itself finds its folder, and at which moment it ends.
    const FOLDER: &str = "HORNBLENDE_CHECKPOINT_FOLDER";
    const ENDS_AT: &str = "HORNBLENDE_CHECKPOINT_ENDS_AT";

    #[test]
    #[ignore = "it is started by the test whose process it is"]
    fn process_that_ends_while_it_saves() {
        let Some(path) = std::env::var_os(FOLDER) else {
            return;
        };
        let folder = CheckpointFolder::new(path);
        let ends_at = std::env::var(ENDS_AT).unwrap();
        let bytes = numbered(2).to_bytes();
        let _ = replace_watched(
            &folder.newest(),
            Some(&folder.previous()),
            &bytes,
            &mut |moment| {
                if format!("{moment:?}") == ends_at {
                    std::process::abort();
                }
                Ok(())
            },
        );
    }

    #[test]
    fn a_process_that_ends_at_any_moment_of_a_save_leaves_a_checkpoint_that_loads() {
        for moment in MOMENTS {
            let folder = folder("ends");
            folder.save(&numbered(1)).unwrap();
            let name = "formats::checkpoint_folder::tests::process_that_ends_while_it_saves";
            let status = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", name, "--ignored"])
                .env(FOLDER, folder.path())
                .env(ENDS_AT, format!("{moment:?}"))
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status();
            assert!(!status.unwrap().success(), "{moment:?}");
            let wanted = if moment == Moment::Renamed { 2 } else { 1 };
            assert_eq!(folder.load().unwrap(), Some(numbered(wanted)), "{moment:?}");
            // The next process goes on, and leaves nothing of the one that ended.
            folder.save(&numbered(3)).unwrap();
            assert_eq!(folder.load().unwrap(), Some(numbered(3)));
            assert_eq!(
                fs::read_dir(folder.path()).unwrap().count(),
                2,
                "{moment:?}"
            );
            fs::remove_dir_all(folder.path()).unwrap();
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error() {
        let folder = CheckpointFolder::new("/dev/null/checkpoints");
        assert!(matches!(folder.save(&numbered(1)), Err(Error::Io(_))));
    }
}
