//! What a part of the tree promises never to contain.

use super::arrow_table::{DOCUMENT, blocks};
use super::finding::Finding;
use super::source::{Source, is_identifier_char};
use super::tree::Tree;

/// Finds code that breaks an absence listed in the blocks `absences` of the document.
///
/// A line reads `FOLDER: what what ..`; each `what` is a path such as `std::fs` or a word such as `unsafe`, and
/// may not occur in the code of the folder outside `#[cfg(test)]`.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for block in blocks(tree.text(DOCUMENT).unwrap_or_default(), "absences") {
        for (number, line) in block.body.lines().enumerate() {
            let Some((folder, absent)) = line.split_once(':') else {
                let message = format!("`{line}` is no line of the form `FOLDER: what what ..`");
                findings.push(Finding::at(DOCUMENT, block.line + 1 + number, message));
                continue;
            };
            for (file, source) in tree.sources_in(folder.trim()) {
                for what in absent.split_whitespace() {
                    let path = format!("{}/{file}", folder.trim());
                    findings.extend(uses(source, what).map(|line| {
                        let message =
                            format!("`{what}` has no place here (absences in {DOCUMENT})");
                        Finding::at(&path, line, message)
                    }));
                }
            }
        }
    }
    findings
}

/// The lines outside tests that use `what`, also when a use tree spells it `std::{fs, ..}`.
fn uses(source: &Source, what: &str) -> impl Iterator<Item = usize> {
    let segments: Vec<&str> = what.split("::").collect();
    let mut lines: Vec<usize> = match segments.as_slice() {
        [word] => source.words(word).map(|at| source.line_of(at)).collect(),
        [first, ..] => source
            .words(first)
            .filter(|&at| !source.code()[..at].ends_with(|c| c == '$' || is_identifier_char(c)))
            .flat_map(|at| super::paths::read(source.code(), at))
            .filter(|path| {
                path.segments
                    .iter()
                    .map(String::as_str)
                    .zip(&segments)
                    .all(|(a, b)| a == *b)
            })
            .filter(|path| path.segments.len() >= segments.len())
            .map(|path| source.line_of(path.offset))
            .collect(),
        [] => Vec::new(),
    };
    lines.retain(|&line| !source.is_test_line(line));
    lines.dedup();
    lines.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let document = "```absences\na/src: std::fs unsafe\n```\n";
        let tree = Tree::of(&[
            (DOCUMENT, document),
            ("a/src/x.rs", text),
            ("b/src/x.rs", text),
        ]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_absent_is_found_when_it_comes_back() {
        let expected = "a/src/x.rs:1: `std::fs` has no place here (absences in ARCHITECTURE.md)";
        assert_eq!(findings("use std::fs::File;\n"), [expected]);
        assert_eq!(findings("use std::{fmt, fs};\n"), [expected]);
        assert_eq!(findings("fn f() { std::fs::read(p) }\n"), [expected]);
        assert_eq!(findings("fn f() { unsafe { g() } }\n").len(), 1);
    }

    #[test]
    fn tests_comments_and_longer_words_are_exempt() {
        assert!(findings("#[cfg(test)]\nuse std::fs;\n").is_empty());
        assert!(findings("// std::fs\n#![deny(unsafe_code)]\nuse std::fsx;\n").is_empty());
    }

    #[test]
    fn a_line_without_a_folder_is_found() {
        let tree = Tree::of(&[(DOCUMENT, "```absences\nstd\n```\n")]);
        assert!(
            check(&tree)[0]
                .to_string()
                .starts_with("ARCHITECTURE.md:2: `std` is no line")
        );
    }
}
