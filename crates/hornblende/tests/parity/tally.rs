//! Running the cases of a family and counting.

use std::io::Write;

use super::golden::{Case, cases};

/// What became of a case.
pub(crate) enum Outcome {
    Checked(Result<(), String>),
    /// The class is not written yet.
    Skipped,
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        Self::Checked(result)
    }
}

/// Runs every case of a family, prints one line, and fails if a case failed.
pub(crate) fn run(
    family: &str,
    file: &str,
    is_meant: fn(&Case) -> bool,
    check: fn(&Case) -> Outcome,
) {
    let Some(cases) = cases(file) else {
        report(&format!(
            "parity {family}: no cases on this machine, nothing was checked"
        ));
        return;
    };
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), 0);
    for case in cases.iter().filter(|case| is_meant(case)) {
        match check(case) {
            Outcome::Checked(Ok(())) => passed += 1,
            Outcome::Checked(Err(why)) => failed.push(format!("{}: {why}", case.id())),
            Outcome::Skipped => skipped += 1,
        }
    }
    report(&format!(
        "parity {family}: {passed} passed, {} failed, {skipped} skipped",
        failed.len()
    ));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(passed > 0, "no case of {family} was checked");
}

/// Written past the capture of the test harness, so that a run shows what it checked.
fn report(line: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe on the other side is no failure of the test.
    let _ = writeln!(out, "{line}");
}
