//! Running the cases of a family and counting.

use std::any::Any;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::case::Case;
use super::files::cases;

/// What became of a case.
pub(crate) enum Outcome {
    Checked(Result<(), String>),
    /// Why the case could not be run. Only what waits for callbacks may be skipped.
    Skipped(String),
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        Self::Checked(result)
    }
}

/// Runs every case of a family, prints one line, and fails if a case failed.
pub(crate) fn run<O: Into<Outcome>>(family: &str, check: impl Fn(&Case) -> O) {
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), 0);
    for case in cases(family) {
        // Automatic names count from the start in each case, as when it was made.
        hornblende::layers::clear_session();
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&case).into()));
        match outcome.unwrap_or_else(|panic| Outcome::Checked(Err(panic_message(&*panic)))) {
            Outcome::Checked(Ok(())) => passed += 1,
            Outcome::Checked(Err(why)) => failed.push(format!("{}: {why}", case.label())),
            Outcome::Skipped(why) => {
                skipped += 1;
                report(&format!("skipped {family}: {}: {why}", case.label()));
            }
        }
    }
    let count = failed.len();
    report(&format!(
        "parity {family}: {passed} passed, {count} failed, {skipped} skipped"
    ));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Writes a line past the capture of the test harness, so that a run shows what it checked. The harness
/// may have begun a line of its own.
pub(crate) fn report(line: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe on the other side is no failure of the test.
    let _ = write!(out, "\n{line}\n");
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or("without a message"))
}
