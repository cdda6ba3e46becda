//! A thread that makes elements.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hornblende_core::{Error, Result};

/// How long a dropped worker is waited for. One that is in the middle of a function of the user's ends by itself
/// as soon as that returns; waiting for it could take as long as that does.
const PATIENCE: Duration = Duration::from_millis(100);

/// A thread that is waited for when this is dropped. It must have been told to end before.
pub(super) struct Worker(Option<JoinHandle<()>>);

impl Worker {
    /// Starts a thread.
    pub(super) fn start(work: impl FnOnce() + Send + 'static) -> Result<Self> {
        let thread = thread::Builder::new().name("hornblende-data".to_owned());
        match thread.spawn(work) {
            Ok(handle) => Ok(Self(Some(handle))),
            Err(error) => Err(Error::io(
                "a dataset",
                "another thread",
                error.to_string(),
                "Use fewer parallel calls",
            )),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let Some(handle) = self.0.take() else {
            return;
        };
        let began = Instant::now();
        while !handle.is_finished() {
            if began.elapsed() > PATIENCE {
                return;
            }
            thread::sleep(Duration::from_micros(50));
        }
        // It catches panics itself, and nobody is left to hear of one.
        let _ = handle.join();
    }
}
