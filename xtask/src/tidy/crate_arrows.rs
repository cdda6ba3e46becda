//! Arrows between the crates of the workspace.

use std::collections::BTreeSet;

use super::arrow_table::{ArrowTable, DOCUMENT};
use super::finding::Finding;
use super::manifest::Manifest;
use super::tree::Tree;

/// Finds dependencies between workspace crates that the table `arrows crates` does not allow.
///
/// Development dependencies are exempt: a test may use anything.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let (tables, mut findings) = ArrowTable::read_all(tree);
    let Some(table) = tables.get("crates") else {
        findings.push(Finding::in_file(
            DOCUMENT,
            "there is no block `arrows crates` that can be read",
        ));
        return findings;
    };
    let packages = packages(tree);
    let members: BTreeSet<&str> = packages.iter().map(|(_, name, _)| name.as_str()).collect();
    for (path, name, manifest) in &packages {
        if !table.knows(name) {
            let message = format!("`{name}` is not in the table `arrows crates` of {DOCUMENT}");
            findings.push(Finding::in_file(path, message));
            continue;
        }
        for dependency in &manifest.dependencies {
            let used = dependency.package.as_str();
            if members.contains(used) && table.knows(used) && !table.allows(name, used) {
                let message = format!("`{name}` may not depend on `{used}` (arrows in {DOCUMENT})");
                findings.push(Finding::at(path, dependency.line, message));
            }
        }
    }
    findings
}

/// Path of the manifest, name of the package, manifest.
fn packages(tree: &Tree) -> Vec<(&str, String, Manifest)> {
    let renamed = Manifest::renamed_in_workspace(tree.text("Cargo.toml").unwrap_or_default());
    tree.files()
        .filter(|(path, _)| *path == "Cargo.toml" || path.ends_with("/Cargo.toml"))
        .filter_map(|(path, text)| {
            let mut manifest = Manifest::parse(text, &renamed);
            Some((path, manifest.name.take()?, manifest))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "```arrows crates\ncore -> cpu -> top\n```\n";

    fn findings(core: &str, top: &str) -> Vec<String> {
        let core = format!("[package]\nname = \"core\"\n{core}");
        let top = format!("[package]\nname = \"top\"\n{top}");
        let tree = Tree::of(&[
            (DOCUMENT, TABLE),
            ("Cargo.toml", "[workspace]\n"),
            ("crates/core/Cargo.toml", &core),
            ("crates/top/Cargo.toml", &top),
        ]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_arrow_along_the_table_is_fine() {
        assert!(findings("", "[dependencies]\ncore.workspace = true\nserde = \"1\"\n").is_empty());
    }

    #[test]
    fn an_arrow_against_the_table_is_found() {
        assert_eq!(
            findings("[dependencies]\ntop = { path = \"../top\" }\n", ""),
            [
                "crates/core/Cargo.toml:4: `core` may not depend on `top` (arrows in ARCHITECTURE.md)"
            ]
        );
    }

    #[test]
    fn tests_may_depend_on_anything() {
        assert!(findings("[dev-dependencies]\ntop.workspace = true\n", "").is_empty());
    }

    #[test]
    fn a_crate_outside_the_table_is_found() {
        let tree = Tree::of(&[
            (DOCUMENT, TABLE),
            ("new/Cargo.toml", "[package]\nname = \"new\"\n"),
        ]);
        assert!(
            check(&tree)[0]
                .to_string()
                .contains("`new` is not in the table")
        );
    }

    #[test]
    fn a_missing_table_is_found() {
        assert_eq!(check(&Tree::of(&[])).len(), 1);
    }
}
