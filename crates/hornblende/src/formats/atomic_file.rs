//! Replacing a file so that whoever reads it finds the old content or the new, never a part of one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hornblende_core::{Error, Result};

/// What a partial file's name ends with.
const PARTIAL: &str = ".partial";

/// A moment in the replacing of a file. Tests fail or end the process there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The partial file exists and is empty.
    Created,
    /// Half of the bytes were written.
    HalfWritten,
    /// All bytes were handed to the operating system.
    Written,
    /// All bytes are on the disk.
    Synced,
    /// The file that was there has its second name.
    Kept,
    /// The new file has its name.
    Renamed,
}

/// Writes the bytes into a file beside `path`, brings them to the disk and gives that file the name `path`.
///
/// What was there stays as it was until then, whether the process is killed, the disk is full or the power
/// fails. What is no regular file, such as a pipe, is written to directly.
///
/// # Errors
/// [`Error::Io`] naming the file; no partial file is left then.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_watched(path, None, bytes, &mut |_| Ok(()))
}

/// As [`replace`]; the file that was there stays under the name `previous`.
///
/// # Errors
/// As [`replace`].
pub(crate) fn replace_keeping(path: &Path, previous: &Path, bytes: &[u8]) -> Result<()> {
    replace_watched(path, Some(previous), bytes, &mut |_| Ok(()))
}

/// As [`replace_keeping`], telling `watch` of each moment; what it returns counts as a failure of the disk.
pub(crate) fn replace_watched(
    path: &Path,
    previous: Option<&Path>,
    bytes: &[u8],
    watch: &mut dyn FnMut(Moment) -> io::Result<()>,
) -> Result<()> {
    let failed = |error: io::Error| {
        Error::io(
            format!("writing \"{}\"", path.display()),
            "a file that can be written",
            error.to_string(),
            "Check that the folder exists, may be written to and has space left",
        )
    };
    if fs::metadata(path).is_ok_and(|existing| !existing.is_file()) {
        return fs::write(path, bytes).map_err(failed);
    }
    // The file behind a link is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let partial = partial_path(&target).map_err(failed)?;
    let steps = Steps {
        target: &target,
        partial: &partial,
        previous,
    };
    remove_abandoned(&target);
    let result = steps.run(bytes, watch);
    if result.is_err() {
        // It may not exist; nothing more can be done about it then.
        let _ = fs::remove_file(&partial);
    }
    result.map_err(failed)
}

/// Removes what killed processes left of files that they were writing in this folder.
pub(crate) fn remove_partial_files(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.starts_with('.') && name.ends_with(PARTIAL)) {
            // A file that stays costs space and nothing else.
            let _ = fs::remove_file(path);
        }
    }
}

/// Removes what processes that are no more left when they were replacing this file. Does nothing where it is not
/// known which processes there are.
fn remove_abandoned(target: &Path) {
    let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
        return;
    };
    let prefix = format!(".{}.", name.to_string_lossy());
    let is_abandoned = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        let numbers = name.strip_prefix(&prefix)?.strip_suffix(PARTIAL)?;
        let process: u32 = numbers.split_once('.')?.0.parse().ok()?;
        Some(!Path::new(&format!("/proc/{process}")).exists())
    };
    let entries = fs::read_dir(folder)
        .ok()
        .filter(|_| Path::new("/proc/self").exists());
    let paths = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    for path in paths.filter(|path| is_abandoned(path) == Some(true)) {
        // A file that stays costs space and nothing else.
        let _ = fs::remove_file(path);
    }
}

struct Steps<'a> {
    target: &'a Path,
    partial: &'a Path,
    previous: Option<&'a Path>,
}

impl Steps<'_> {
    fn run(&self, bytes: &[u8], watch: &mut dyn FnMut(Moment) -> io::Result<()>) -> io::Result<()> {
        let mut file = File::create(self.partial)?;
        watch(Moment::Created)?;
        let (first, second) = bytes.split_at(bytes.len() / 2);
        file.write_all(first)?;
        watch(Moment::HalfWritten)?;
        file.write_all(second)?;
        watch(Moment::Written)?;
        file.sync_all()?;
        drop(file);
        watch(Moment::Synced)?;
        if let Some(previous) = self.previous.filter(|_| self.target.exists()) {
            fs::rename(self.target, previous)?;
        }
        watch(Moment::Kept)?;
        fs::rename(self.partial, self.target)?;
        watch(Moment::Renamed)?;
        sync_folder(self.target)
    }
}

/// A name beside `path` that nobody else writes to at the same time.
fn partial_path(path: &Path) -> io::Result<PathBuf> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = name.to_string_lossy();
    let process = std::process::id();
    Ok(path.with_file_name(format!(".{name}.{process}.{number}{PARTIAL}")))
}

/// Brings the names in the folder of this file to the disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if cfg!(unix) {
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENTS: [Moment; 6] = [
        Moment::Created,
        Moment::HalfWritten,
        Moment::Written,
        Moment::Synced,
        Moment::Kept,
        Moment::Renamed,
    ];

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("hornblende-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string();
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|e| name(e).unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_failure_at_any_moment_leaves_the_old_file_or_the_new_and_nothing_else() {
        for failing in MOMENTS {
            let folder = folder("atomic-failure");
            let path = folder.join("file");
            replace(&path, b"old").unwrap();
            let error = replace_watched(&path, None, b"new content", &mut |moment| {
                if moment == failing {
                    return Err(io::Error::from(io::ErrorKind::StorageFull));
                }
                Ok(())
            });
            let message = error.unwrap_err().to_string();
            assert!(message.contains("no storage space"), "{message}");
            let wanted: &[u8] = match failing {
                Moment::Renamed => b"new content",
                _ => b"old",
            };
            assert_eq!(fs::read(&path).unwrap(), wanted, "{failing:?}");
            assert_eq!(names(&folder), ["file"], "{failing:?}");
            fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn the_previous_file_stays_under_its_second_name() {
        let folder = folder("atomic-previous");
        let (path, previous) = (folder.join("file"), folder.join("file.previous"));
        for content in [b"one", b"two", b"six"] {
            replace_keeping(&path, &previous, content).unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), b"six");
        assert_eq!(fs::read(&previous).unwrap(), b"two");
        assert_eq!(names(&folder), ["file", "file.previous"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_to_and_stays_a_device() {
        let error = replace(Path::new("/dev/full"), b"x").unwrap_err();
        assert!(matches!(error, Error::Io(_)), "{error}");
        assert!(!fs::metadata("/dev/full").unwrap().is_file());
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let path = std::env::temp_dir().join("hornblende-no-such-folder/file");
        let message = replace(&path, b"x").unwrap_err().to_string();
        assert!(message.contains("no-such-folder"), "{message}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_new_file_takes_away_what_processes_that_are_no_more_left_of_it() {
        let folder = folder("atomic-abandoned");
        let own = format!(".file.{}.77.partial", std::process::id());
        for name in [
            ".file.4294967294.0.partial",
            ".other.4294967294.0.partial",
            &own,
        ] {
            fs::write(folder.join(name), b"x").unwrap();
        }
        replace(&folder.join("file"), b"new").unwrap();
        let mut wanted = [own.as_str(), ".other.4294967294.0.partial", "file"];
        wanted.sort_unstable();
        assert_eq!(names(&folder), wanted);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_killed_processes_left_is_removed_and_nothing_else() {
        let folder = folder("atomic-partial");
        for name in [".file.1.0.partial", "file", "other.partial"] {
            fs::write(folder.join(name), b"x").unwrap();
        }
        remove_partial_files(&folder);
        assert_eq!(names(&folder), ["file", "other.partial"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
