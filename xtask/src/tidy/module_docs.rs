//! Every module says at its head what it is.

use super::finding::Finding;
use super::source::Source;
use super::tree::Tree;

/// Finds Rust files that do not begin with a module doc (`//!`).
///
/// Other comments and inner attributes may stand before it.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.sources()
        .filter(|(_, source)| !has_doc(source))
        .map(|(path, _)| Finding::in_file(path, "begin the file with `//!` and what the module is"))
        .collect()
}

fn has_doc(source: &Source) -> bool {
    for line in 1..=source.line_count() {
        let text = source.line(line).trim();
        if text.starts_with("//!") {
            return text.len() > "//!".len();
        }
        let is_head = text.is_empty() || text.starts_with("#!") || text.starts_with("//");
        let goes_on = !source.code_line(line).trim().ends_with([';', '{', '}']);
        if !is_head && !goes_on {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Tree::of(&[("a.rs", text)])).len()
    }

    #[test]
    fn a_file_without_a_doc_is_found() {
        assert_eq!(count("fn f() {}\n//! Late.\n"), 1);
        assert_eq!(count("//!\nfn f() {}\n"), 1);
        assert_eq!(count(""), 1);
    }

    #[test]
    fn comments_and_attributes_may_come_first() {
        assert_eq!(
            count("// tidy: not an item\n#![allow(\n    unsafe_code\n)]\n\n//! What it is.\n"),
            0
        );
    }
}
