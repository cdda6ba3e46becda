//! Running the cases of a family and counting.

use std::any::Any;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::case::Case;
use super::files::cases;

/// Runs every case of a family, prints one line, and fails if a case failed. No case is skipped.
pub(crate) fn run(family: &str, check: impl Fn(&Case) -> Result<(), String>) {
    let (mut passed, mut failed) = (0, Vec::new());
    for case in cases(family) {
        // Automatic names count from the start in each case, as when it was made.
        hornblende::layers::clear_session();
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&case)));
        match outcome.unwrap_or_else(|panic| Err(panic_message(&*panic))) {
            Ok(()) => passed += 1,
            Err(why) => failed.push(format!("{}: {why}", case.label())),
        }
    }
    let count = failed.len();
    report(&format!(
        "parity {family}: {passed} passed, {count} failed, 0 skipped"
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
