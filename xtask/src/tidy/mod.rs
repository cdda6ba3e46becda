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
