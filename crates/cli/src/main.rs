//! The command `hornblende`: what is in the library, at the prompt.

mod arguments;
mod catalogue;

use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Command, HELP, parse};

fn main() -> ExitCode {
    let command = match parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(message) => return complain(&message),
    };
    let text = match command {
        Command::Help => HELP.to_owned(),
        Command::Version => format!("hornblende {}\n", env!("CARGO_PKG_VERSION")),
        Command::ListFamilies => catalogue::families(),
        Command::ListFamily(family) => catalogue::members(family),
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // Somebody who reads the first lines only, as `head` does, has what he wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => complain(&format!("cannot write: {error}")),
    }
}

/// Says what is wrong and how to find out what is right; 2 is what a shell expects for wrong usage.
fn complain(message: &str) -> ExitCode {
    let text = format!("hornblende: {message}\nSee `hornblende --help`.\n");
    // Where even the complaint cannot be written, the status still tells.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    ExitCode::from(2)
}
