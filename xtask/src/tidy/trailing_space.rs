//! No white space at the end of a line.

use super::finding::Finding;
use super::tree::Tree;

/// Endings of the files that people write.
const ENDINGS: &[&str] = &[
    ".rs", ".md", ".toml", ".py", ".sh", ".yml", "justfile", ".ci/run",
];

/// Finds lines that end in white space, and files that do not end in one line break.
///
/// Inside a string literal of Rust the space may be meant and is left alone.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let written = tree
        .files()
        .filter(|(path, _)| ENDINGS.iter().any(|ending| path.ends_with(ending)));
    for (path, text) in written {
        let mut start = 0;
        for (number, line) in text.split('\n').enumerate() {
            let end = start + line.len();
            let is_meant = tree
                .source(path)
                .is_some_and(|source| source.is_literal(end));
            if line.ends_with(char::is_whitespace) && !is_meant {
                findings.push(Finding::at(
                    path,
                    number + 1,
                    "white space at the end of the line",
                ));
            }
            start = end + 1;
        }
        if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
            findings.push(Finding::in_file(path, "end the file with one line break"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)]))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn white_space_at_the_end_is_found() {
        assert_eq!(
            lines("a.rs", "a\nb \n"),
            ["a.rs:2: white space at the end of the line"]
        );
        assert_eq!(lines("a.md", "a\r\n").len(), 1);
        assert_eq!(lines("a.md", "a").len(), 1);
        assert_eq!(lines("a.md", "a\n\n").len(), 1);
    }

    #[test]
    fn text_that_means_it_is_left_alone() {
        assert!(lines("a.rs", "const A: &str = \"x \ny\";\n").is_empty());
        assert!(lines("golden.txt", "x \n").is_empty());
    }
}
