//! A file of events that grows while TensorBoard reads it.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use hornblende_core::{Error, Result};

use crate::formats::protobuf::Message;
use crate::formats::tfrecord;

/// Numbers the files of this process, so that two that begin in one second differ.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// So many bytes are written even if nobody asks for it.
const FULL: usize = 1 << 16;

/// A file of events. What was added is written by [`EventFile::flush`], by dropping, or when there is much.
pub(super) struct EventFile {
    path: PathBuf,
    file: File,
    /// Records that are not written yet.
    pending: Vec<u8>,
    /// The bytes of the file up to the end of its last whole record.
    written: u64,
}

impl EventFile {
    /// A new file in a folder, which is made if it is missing.
    pub(super) fn create(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
        let (path, file) = new_file(folder)?;
        let mut events = Self {
            path,
            file,
            pending: Vec::new(),
            written: 0,
        };
        let source = Message::new().text(1, "hornblende");
        events.add(|event| event.text(3, "brain.Event:2").message(10, &source))?;
        // TensorBoard shows a run as soon as its file is one.
        events.flush()?;
        Ok(events)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds the event that `fill` makes of one that has only its time.
    pub(super) fn add(&mut self, fill: impl FnOnce(Message) -> Message) -> Result<()> {
        let event = fill(Message::new().double(1, seconds_since_1970()));
        tfrecord::append(&mut self.pending, event.bytes());
        if self.pending.len() >= FULL {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what was added. If that fails, what was not written is given up, and the file ends with its last
    /// whole record, so that a later write does not follow half of one.
    pub(super) fn flush(&mut self) -> Result<()> {
        let written = self.file.write_all(&self.pending);
        let length = self.pending.len() as u64;
        self.pending.clear();
        match written {
            Ok(()) => {
                self.written += length;
                Ok(())
            }
            Err(error) => {
                // The file is cut as well as it can be; the error that is told is the first one.
                let _ = self.file.set_len(self.written);
                Err(refused(&self.path, &error))
            }
        }
    }
}

impl Drop for EventFile {
    fn drop(&mut self) {
        // There is nobody to tell; whoever wants to know flushes first.
        let _ = self.flush();
    }
}

/// A file that is not there yet, named as TensorFlow names it: time, host, process, number.
fn new_file(folder: &Path) -> Result<(PathBuf, File)> {
    let (time, host) = (seconds_since_1970() as u64, host_name());
    let process = std::process::id();
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("events.out.tfevents.{time}.{host}.{process}.{count}.v2");
        let path = folder.join(name);
        // Append, so that a cut file goes on at its end.
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(refused(&path, &error)),
        }
    }
}

/// The name of this machine, as far as it can be part of a file name.
fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| fs::read_to_string("/etc/hostname"))
        .or_else(|_| std::env::var("HOSTNAME"))
        .or_else(|_| std::env::var("COMPUTERNAME"));
    let name = name.unwrap_or_default();
    let usable = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    match name.trim().chars().filter(usable).collect::<String>() {
        name if name.is_empty() => "localhost".to_owned(),
        name => name,
    }
}

pub(super) fn seconds_since_1970() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

pub(super) fn refused(path: &Path, error: &std::io::Error) -> Error {
    Error::io(
        "TensorBoard",
        format!("{} to be written", path.display()),
        error.to_string(),
        "Choose a folder that can be written, on a disk with room",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tfrecord::Records;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("hornblende-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn records(path: &Path) -> Vec<Vec<u8>> {
        let file = File::open(path).unwrap();
        Records::new(file).collect::<Result<_>>().unwrap()
    }

    #[test]
    fn events_are_in_the_file_once_they_are_flushed() {
        let folder = folder("flushed");
        let mut file = EventFile::create(&folder).unwrap();
        assert_eq!(records(file.path()).len(), 1, "the version, at once");
        file.add(|event| event.whole(2, 7)).unwrap();
        file.flush().unwrap();
        let found = records(file.path());
        assert_eq!(found.len(), 2);
        assert!(found[1].ends_with(&[0x10, 7]), "the step after the time");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn files_of_one_second_and_folder_differ() {
        let folder = folder("differ");
        let (a, b) = (
            EventFile::create(&folder).unwrap(),
            EventFile::create(&folder).unwrap(),
        );
        assert_ne!(a.path(), b.path());
        let name = a.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with("events.out.tfevents."), "{name}");
        assert!(name.ends_with(".v2"), "{name}");
        drop((a, b));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error_that_names_it() {
        let file = folder("occupied");
        fs::write(&file, "a file where the folder should be").unwrap();
        let Err(error) = EventFile::create(&file.join("train")) else {
            panic!("a folder inside a file");
        };
        assert!(matches!(error, Error::Io(_)));
        assert!(error.to_string().contains("hornblende-occupied"), "{error}");
        fs::remove_file(file).unwrap();
    }

    /// The device that is always full, where there is one.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_and_the_next_write_begins_anew() {
        let path = PathBuf::from("/dev/full");
        let mut events = EventFile {
            file: OpenOptions::new().append(true).open(&path).unwrap(),
            path,
            pending: Vec::new(),
            written: 0,
        };
        events.add(|event| event.whole(2, 1)).unwrap();
        let error = events.flush().unwrap_err();
        assert!(matches!(error, Error::Io(_)));
        assert!(error.to_string().contains("/dev/full"), "{error}");
        assert!(
            events.pending.is_empty(),
            "nothing half-written is written again"
        );
        events
            .add(|event| event.text(3, vec![0; FULL]))
            .unwrap_err();
    }
}
