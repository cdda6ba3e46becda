//! Development tasks of Hornblende: `cargo xtask tidy`.

mod tidy;

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask TASK

tasks:
  tidy [--verbose]   check the arrows, the family lists, file sizes and other habits of the house
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => tidy(false),
        ["tidy", "--verbose"] => tidy(true),
        ["help" | "--help" | "-h"] => {
            // A closed pipe on the other side is no failure of this program.
            let _ = io::stdout().write_all(USAGE.as_bytes());
            ExitCode::SUCCESS
        }
        _ => {
            let _ = io::stderr().write_all(USAGE.as_bytes());
            ExitCode::from(2)
        }
    }
}

/// Runs every check on the workspace that `cargo xtask` was called in.
fn tidy(verbose: bool) -> ExitCode {
    // Cargo names the folder of the package that it runs; without Cargo it is the one built from.
    let package = env::var("CARGO_MANIFEST_DIR");
    let package = package.as_deref().unwrap_or(env!("CARGO_MANIFEST_DIR"));
    let root = Path::new(package).parent().unwrap_or(Path::new("."));
    match tidy::run(root, verbose, &mut io::stdout().lock()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(
                io::stderr(),
                "tidy: cannot read {}: {error}",
                root.display()
            );
            ExitCode::from(2)
        }
    }
}
