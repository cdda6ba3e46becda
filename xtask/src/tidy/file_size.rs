//! Files stay short enough to be read in one go.

use super::finding::Finding;
use super::source::Source;
use super::tree::Tree;

/// More lines than this fail.
const FORBIDDEN: usize = 800;

/// More lines than this are worth a question.
const LONG: usize = 500;

/// Files that may be longer, each with its reason.
const ALLOWED: &[(&str, &str)] = &[];

/// Finds Rust files of more than 800 lines; blank lines and `#[cfg(test)]` code do not count.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    longer_than(tree, FORBIDDEN)
        .filter(|(path, _)| !ALLOWED.iter().any(|(allowed, _)| allowed == path))
        .map(|(path, lines)| {
            let message =
                format!("{lines} lines outside tests; {FORBIDDEN} are the limit: split the file");
            Finding::in_file(path, message)
        })
        .collect()
}

/// Names the files of more than 500 lines, with the reason where a longer one is allowed.
pub(crate) fn long_files(tree: &Tree) -> Vec<Finding> {
    longer_than(tree, LONG)
        .map(
            |(path, lines)| match ALLOWED.iter().find(|(allowed, _)| *allowed == path) {
                Some((_, reason)) => {
                    Finding::in_file(path, format!("{lines} lines, allowed: {reason}"))
                }
                None => Finding::in_file(path, format!("{lines} lines outside tests: why?")),
            },
        )
        .collect()
}

fn longer_than(tree: &Tree, limit: usize) -> impl Iterator<Item = (&str, usize)> {
    tree.sources()
        .map(|(path, source)| (path, counted_lines(source)))
        .filter(move |&(_, n)| n > limit)
}

/// Lines that are neither blank nor under `#[cfg(test)]`; in a file of tests, all that are not blank.
fn counted_lines(source: &Source) -> usize {
    let written = |line: &usize| !source.line(*line).trim().is_empty();
    let lines = 1..=source.line_count();
    match lines
        .clone()
        .filter(written)
        .filter(|&line| !source.is_test_line(line))
        .count()
    {
        0 => lines.filter(written).count(),
        count => count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Tree::of(&[("a.rs", text)])).len()
    }

    #[test]
    fn a_file_past_the_limit_is_found() {
        assert_eq!(count(&"fn f() {}\n".repeat(FORBIDDEN)), 0);
        assert_eq!(count(&"fn f() {}\n".repeat(FORBIDDEN + 1)), 1);
    }

    #[test]
    fn blank_lines_and_tests_do_not_count() {
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n{}}}\n",
            "fn f() {}\n".repeat(FORBIDDEN)
        );
        assert_eq!(
            count(&format!("fn f() {{}}\n{}{tests}", "\n".repeat(FORBIDDEN))),
            0
        );
    }

    #[test]
    fn a_file_of_tests_has_the_same_limit() {
        let text = "fn f() {}\n".repeat(FORBIDDEN + 1);
        assert_eq!(check(&Tree::of(&[("crates/a/tests/t.rs", &text)])).len(), 1);
    }

    #[test]
    fn long_files_are_named_before_they_are_forbidden() {
        let text = "fn f() {}\n".repeat(LONG + 1);
        let tree = Tree::of(&[("a.rs", &text)]);
        assert!(check(&tree).is_empty());
        assert_eq!(
            long_files(&tree)[0].to_string(),
            "a.rs: 501 lines outside tests: why?"
        );
    }
}
