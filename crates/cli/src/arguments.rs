//! What the command line asks for.

use std::ffi::OsString;

use hornblende::Error;

use crate::catalogue::{FAMILIES, Family};

pub(crate) const HELP: &str = "\
Keras's compile and fit for Rust.

Usage: hornblende COMMAND

Commands:
  list           the families that can be named by a string: losses, metrics, ...
  list FAMILY    its members: the class and the names it is found by

Options:
  -h, --help     this text
  -V, --version  the version
";

/// What to do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Command {
    Help,
    Version,
    ListFamilies,
    ListFamily(&'static Family),
}

/// The command that these arguments, without the program's name, ask for; or what is wrong with
/// them.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let arguments: Vec<String> = arguments
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["-h" | "--help" | "help", ..] | ["list", "-h" | "--help"] => Ok(Command::Help),
        ["-V" | "--version"] => Ok(Command::Version),
        ["list"] => Ok(Command::ListFamilies),
        ["list", family] => find(family).map(Command::ListFamily),
        ["list", _, extra, ..] | ["-V" | "--version", extra, ..] => {
            Err(format!("unexpected argument \"{extra}\""))
        }
        [option, ..] if option.starts_with('-') => {
            Err(unknown("option", option, &["--help", "--version"]))
        }
        [command, ..] => Err(unknown("command", command, &["list", "help"])),
    }
}

fn find(name: &str) -> Result<&'static Family, String> {
    let names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
    FAMILIES
        .iter()
        .find(|family| family.name == name)
        .ok_or_else(|| unknown("family", name, &names))
}

/// The library's own words for a name that is not known, with the nearest one that is.
fn unknown(kind: &str, name: &str, known: &[&str]) -> String {
    Error::unknown(kind, name, known).to_string()
}
