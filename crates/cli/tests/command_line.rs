//! The program as a shell runs it.

use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_hornblende"))
        .args(arguments)
        .output()
        .expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    (
        status.code().expect("no signal ended it"),
        text(stdout),
        text(stderr),
    )
}

#[test]
fn without_arguments_and_with_help_it_explains_itself() {
    for arguments in [
        &[][..],
        &["--help"],
        &["-h"],
        &["help"],
        &["list", "--help"],
    ] {
        let (status, out, err) = run(arguments);
        assert_eq!((status, err.as_str()), (0, ""));
        assert!(out.contains("Usage: hornblende COMMAND"), "{out}");
        assert!(out.contains("list FAMILY"), "{out}");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let expected = format!("hornblende {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["--version"]), (0, expected.clone(), String::new()));
    assert_eq!(run(&["-V"]), (0, expected, String::new()));
}

#[test]
fn list_names_every_family_and_the_number_of_members_that_it_then_lists() {
    let (status, families, _) = run(&["list"]);
    assert_eq!(status, 0);
    let mut names = Vec::new();
    for line in families.lines() {
        let (name, count) = line.split_once(' ').expect("two columns");
        let (status, members, err) = run(&["list", name]);
        assert_eq!((status, err.as_str()), (0, ""), "{name}");
        assert_eq!(count.trim(), members.lines().count().to_string(), "{name}");
        names.push(name.to_owned());
    }
    assert_eq!(names, families_of_the_library());
}

/// The lists `pub static LOSSES: &[&Entry]` in the sources of the library, as the command names them.
fn families_of_the_library() -> Vec<String> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hornblende/src");
    let mut folders = vec![library];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("a folder of sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(path).expect("a source file");
                let lists = text.lines().filter(|line| line.contains(": &[&Entry]"));
                let statics = lists.filter_map(|line| line.strip_prefix("pub static "));
                names.extend(
                    statics.filter_map(|line| Some(line.split_once(':')?.0.to_lowercase())),
                );
            }
        }
    }
    names.sort();
    names
}

#[test]
fn members_are_listed_with_all_their_names() {
    let (_, activations, _) = run(&["list", "activations"]);
    assert!(
        activations.lines().any(|line| line.starts_with("relu ")),
        "{activations}"
    );
    let (_, initializers, _) = run(&["list", "initializers"]);
    let glorot = initializers
        .lines()
        .find(|line| line.starts_with("GlorotUniform "));
    let names = glorot.and_then(|line| line.split_whitespace().nth(1));
    assert_eq!(names, Some("glorot_uniform"), "{initializers}");
}

#[test]
fn every_member_says_in_a_line_what_it_is() {
    let (_, families, _) = run(&["list"]);
    for family in families.lines().filter_map(|line| line.split(' ').next()) {
        let (_, members, _) = run(&["list", family]);
        for line in members.lines() {
            // A sentence behind the columns of names.
            assert!(
                line.contains("  ") && line.ends_with('.'),
                "{family}: {line}"
            );
        }
    }
}

#[test]
fn mistakes_name_the_nearest_right_word_on_the_error_output_with_status_2() {
    let cases: [(&[&str], &str); 5] = [
        (&["lsit"], "Did you mean \"list\"?"),
        (&["list", "activation"], "Did you mean \"activations\"?"),
        (&["--verison"], "Did you mean \"--version\"?"),
        (
            &["list", "activations", "relu"],
            "unexpected argument \"relu\"",
        ),
        (&["--version", "now"], "unexpected argument \"now\""),
    ];
    for (arguments, message) in cases {
        let (status, out, err) = run(arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}");
        assert!(
            err.starts_with("hornblende: ") && err.contains(message),
            "{arguments:?}: {err}"
        );
        assert!(err.ends_with("See `hornblende --help`.\n"), "{err}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = Command::new(env!("CARGO_BIN_EXE_hornblende"))
        .args(["list", "activations"])
        .stdout(writer)
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}
