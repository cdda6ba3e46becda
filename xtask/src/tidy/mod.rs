//! `cargo xtask tidy`: the habits of the house that neither rustc nor clippy checks.
//!
//! Each check is one function in one file. It reads a [`Tree`] and returns [`Finding`]s, so that its
//! tests can run it on a small tree made in memory.

mod absences;
mod arrow_table;
mod crate_arrows;
mod families;
mod file_size;
mod finding;
mod ignored_tests;
mod leftovers;
mod manifest;
mod module_arrows;
mod module_docs;
mod paths;
mod source;
mod trailing_space;
mod tree;
mod type_names;
mod unsafe_comments;

use std::io::{self, Write};
use std::path::Path;

use finding::Finding;
use tree::Tree;

/// Every check, in the order in which its findings are printed.
const CHECKS: &[fn(&Tree) -> Vec<Finding>] = &[
    crate_arrows::check,
    module_arrows::check,
    absences::check,
    families::check,
    file_size::check,
    unsafe_comments::check,
    ignored_tests::check,
    leftovers::check,
    type_names::check,
    module_docs::check,
    trailing_space::check,
];

/// Checks the workspace at `root`, prints one line per finding and returns how many there are.
///
/// With `verbose`, also names the files that come near the size limit; those do not count.
pub(crate) fn run(root: &Path, verbose: bool, out: &mut dyn Write) -> io::Result<usize> {
    let tree = Tree::read(root)?;
    let mut count = 0;
    for check in CHECKS {
        for finding in check(&tree) {
            writeln!(out, "{finding}")?;
            count += 1;
        }
    }
    if verbose {
        for finding in file_size::long_files(&tree) {
            writeln!(out, "note: {finding}")?;
        }
    }
    let files = tree.len();
    match count {
        0 => writeln!(out, "tidy: {files} files, nothing found")?,
        1 => writeln!(out, "tidy: 1 finding")?,
        _ => writeln!(out, "tidy: {count} findings")?,
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_table::{ArrowTable, DOCUMENT};

    /// Runs tidy on a folder with one file and the document of this workspace.
    fn run_on(path: &str, text: &str) -> (usize, String) {
        let name = format!("hornblende-tidy-{}-{}", std::process::id(), path.len());
        let root = std::env::temp_dir().join(name);
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        std::fs::write(root.join(DOCUMENT), document()).unwrap();
        let mut out = Vec::new();
        let count = run(&root, false, &mut out).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        (count, String::from_utf8(out).unwrap())
    }

    fn document() -> &'static str {
        include_str!("../../../ARCHITECTURE.md")
    }

    #[test]
    fn each_finding_is_one_line_and_is_counted() {
        let (count, printed) = run_on(
            "crates/hornblende/src/layers/mod.rs",
            "use crate::training;\nfn f() { todo!() }\n",
        );
        // The arrow, the missing list, the unfinished function and the missing module doc.
        assert_eq!(count, 4, "{printed}");
        assert_eq!(printed.lines().count(), 5);
        assert!(
            printed.contains("layers/mod.rs:1: `layers` may not use `training`"),
            "{printed}"
        );
        assert!(printed.ends_with("tidy: 4 findings\n"));
    }

    #[test]
    fn a_clean_tree_has_no_findings() {
        assert_eq!(
            run_on("src/lib.rs", "//! Nothing.\n"),
            (0, "tidy: 2 files, nothing found\n".into())
        );
    }

    #[test]
    fn the_document_keeps_the_arrows_that_hold_the_house() {
        let (tables, findings) = ArrowTable::read_all(&Tree::of(&[(DOCUMENT, document())]));
        assert_eq!(findings, []);
        let crates = &tables["crates"];
        assert!(crates.allows("hornblende-cli", "hornblende"));
        assert!(!crates.allows("hornblende-core", "hornblende-cpu"));
        assert!(!crates.allows("hornblende-cpu", "hornblende-pjrt"));
        let modules = &tables["crates/hornblende/src"];
        assert!(modules.allows("callbacks", "ops"));
        for (user, used) in [
            ("models", "training"),
            ("training", "callbacks"),
            ("layers", "losses"),
            ("losses", "metrics"),
            ("metrics", "optimizers"),
            ("formats", "models"),
            ("data", "layers"),
        ] {
            assert!(!modules.allows(user, used), "{user} -> {used}");
        }
    }
}
