//! Arrows between the top-level modules of a crate.

use std::collections::{BTreeMap, BTreeSet};

use super::arrow_table::{ArrowTable, DOCUMENT};
use super::finding::Finding;
use super::paths::{self, CodePath};
use super::source::Source;
use super::tree::Tree;

/// The node of the table that stands for `lib.rs`.
const ROOT: &str = "lib";

/// Finds uses between top-level modules that the table `arrows FOLDER` does not allow, for each such table.
///
/// Paths that start with `crate::` or climb out of the module with `super::` count, in `use` declarations and
/// elsewhere. `#[cfg(test)]` code is exempt.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    // Tables that cannot be read are reported by the check of the crates.
    let (tables, _) = ArrowTable::read_all(tree);
    tables
        .iter()
        .filter(|(subject, _)| subject.contains('/'))
        .flat_map(|(folder, table)| check_crate(tree, folder, table))
        .collect()
}

fn check_crate(tree: &Tree, folder: &str, table: &ArrowTable) -> Vec<Finding> {
    let modules: BTreeSet<&str> = tree
        .sources_in(folder)
        .map(|(path, _)| module_path(path)[0])
        .collect();
    let root = Root::read(tree.source(&format!("{folder}/lib.rs")), &modules);
    let mut findings = Vec::new();
    for module in modules.iter().filter(|module| !table.knows(module)) {
        let message =
            format!("module `{module}` is not in the table `arrows {folder}` of {DOCUMENT}");
        findings.push(Finding::in_file(folder, message));
    }
    for (file, source) in tree.sources_in(folder) {
        let user = module_path(file)[0];
        for path in local_paths(source) {
            let line = source.line_of(path.offset);
            if !table.knows(user) || source.is_test_line(line) {
                continue;
            }
            let Some(used) = resolve(&path, file, source) else {
                continue;
            };
            let message = match root.module_of(&used, &modules, table) {
                Used::Module(used) if table.knows(used) && !table.allows(user, used) => {
                    format!("`{user}` may not use `{used}` (arrows in {DOCUMENT})")
                }
                Used::Unclear => {
                    format!("`crate::{used}` hides which module it comes from; name the module")
                }
                Used::Module(_) | Used::Elsewhere => continue,
            };
            findings.push(Finding::at(&format!("{folder}/{file}"), line, message));
        }
    }
    findings
}

/// What a name at the root of the crate leads to.
enum Used<'a> {
    Module(&'a str),
    /// An item of another crate, or one defined in `lib.rs` itself.
    Elsewhere,
    /// Something that only a compiler could tell.
    Unclear,
}

/// What `lib.rs` imports: name at the root -> first segment of where it comes from.
struct Root {
    imports: BTreeMap<String, String>,
    /// Whether `lib.rs` imports everything from one of its own modules, so that names cannot be traced.
    has_own_glob: bool,
}

impl Root {
    fn read(lib: Option<&Source>, modules: &BTreeSet<&str>) -> Self {
        let mut root = Self {
            imports: BTreeMap::new(),
            has_own_glob: false,
        };
        let Some(lib) = lib else { return root };
        for at in lib.words("use") {
            for path in paths::read(lib.code(), at + "use".len()) {
                let own = path
                    .segments
                    .iter()
                    .find(|segment| !matches!(segment.as_str(), "crate" | "self"));
                let Some(origin) = own else { continue };
                let is_glob = path.name == "*";
                root.has_own_glob |= is_glob && modules.contains(origin.as_str());
                root.imports.insert(path.name.clone(), origin.clone());
            }
        }
        root
    }

    fn module_of<'a>(
        &'a self,
        name: &'a str,
        modules: &BTreeSet<&str>,
        table: &ArrowTable,
    ) -> Used<'a> {
        if (modules.contains(name) || table.knows(name)) && name != ROOT {
            return Used::Module(name);
        }
        match self.imports.get(name) {
            _ if name == "*" => Used::Unclear,
            Some(origin) if modules.contains(origin.as_str()) => Used::Module(origin),
            Some(_) => Used::Elsewhere,
            None if self.has_own_glob => Used::Unclear,
            None => Used::Elsewhere,
        }
    }
}

/// The modules that a file of the crate stands for, outermost first: `["losses", "huber"]`.
fn module_path(file: &str) -> Vec<&str> {
    let mut path: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if path.last() == Some(&"mod") {
        path.pop();
    }
    path
}

/// Every path of the code that begins with `crate` or `super`.
fn local_paths(source: &Source) -> Vec<CodePath> {
    let code = source.code();
    ["crate", "super"]
        .into_iter()
        .flat_map(|word| source.words(word))
        .filter(|&at| {
            let before = code[..at].trim_end();
            // A `super` after another one belongs to a path that has been read already.
            !before.ends_with("::") || before.trim_end_matches("::").ends_with("self")
        })
        .flat_map(|at| paths::read(code, at))
        .filter(|path| path.segments.len() > 1)
        .collect()
}

/// The name at the root of the crate to which a local path leads; `None` if it stays further inside.
fn resolve(path: &CodePath, file: &str, source: &Source) -> Option<String> {
    let segments = &path.segments;
    if segments[0] == "crate" {
        return segments.get(1).cloned();
    }
    let climbed = segments
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    let mut here = module_path(file);
    if here == [ROOT] {
        here.clear();
    }
    let depth = here.len() + source.inline_modules(path.offset).len();
    (climbed == depth)
        .then(|| segments.get(climbed).cloned())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "```arrows a/src\nops -> {losses, layers} -> training -> lib\n```\n";

    fn findings(files: &[(&str, &str)]) -> Vec<String> {
        let mut all = vec![
            (DOCUMENT, TABLE),
            ("a/src/ops/mod.rs", ""),
            ("a/src/layers/mod.rs", ""),
        ];
        all.extend(files);
        check(&Tree::of(&all))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn arrows_along_the_table_are_fine() {
        let files = [
            (
                "a/src/losses/huber.rs",
                "use crate::ops::{abs, square};\nuse super::Loss;\n",
            ),
            (
                "a/src/training/fit.rs",
                "use crate::{layers::Layer, losses, ops};\n",
            ),
            ("a/src/lib.rs", "pub mod ops;\npub use training::fit;\n"),
        ];
        assert_eq!(findings(&files), [""; 0]);
    }

    #[test]
    fn an_arrow_against_the_table_is_found_in_a_use() {
        let files = [(
            "a/src/ops/abs.rs",
            "use crate::{\n    ops::b,\n    training::Fit,\n};\n",
        )];
        let expected =
            "a/src/ops/abs.rs:3: `ops` may not use `training` (arrows in ARCHITECTURE.md)";
        assert_eq!(findings(&files), [expected]);
    }

    #[test]
    fn an_arrow_against_the_table_is_found_in_an_expression() {
        let files = [(
            "a/src/losses/huber.rs",
            "fn f() {\n    crate::layers::dense(1)\n}\n",
        )];
        assert_eq!(findings(&files).len(), 1);
        assert!(
            findings(&files)[0]
                .starts_with("a/src/losses/huber.rs:2: `losses` may not use `layers`")
        );
    }

    #[test]
    fn climbing_out_with_super_is_found() {
        for text in [
            "use super::super::layers::Dense;\n",
            "use self::super::super::layers;\n",
            "mod inner { use super::super::super::layers; }\n",
        ] {
            assert_eq!(
                findings(&[("a/src/losses/huber.rs", text)]).len(),
                1,
                "{text}"
            );
        }
        assert!(findings(&[("a/src/losses/huber.rs", "use super::layers;\n")]).is_empty());
    }

    #[test]
    fn names_at_the_root_are_traced_to_their_module() {
        let lib = (
            "a/src/lib.rs",
            "pub use hornblende_core::Tensor;\npub use layers::Dense as D;\n",
        );
        assert!(findings(&[lib, ("a/src/losses/a.rs", "use crate::Tensor;\n")]).is_empty());
        assert_eq!(
            findings(&[lib, ("a/src/losses/a.rs", "use crate::D;\n")]).len(),
            1
        );
        assert_eq!(
            findings(&[lib, ("a/src/losses/a.rs", "use crate::*;\n")]).len(),
            1
        );
    }

    #[test]
    fn names_that_cannot_be_traced_are_found() {
        let lib = ("a/src/lib.rs", "pub use layers::*;\n");
        let found = findings(&[lib, ("a/src/losses/a.rs", "use crate::Dense;\n")]);
        assert!(found[0].contains("hides which module"), "{found:?}");
    }

    #[test]
    fn tests_and_comments_are_exempt() {
        let text = "// crate::training\n#[cfg(test)]\nmod tests {\n    use crate::training;\n}\n";
        assert!(findings(&[("a/src/losses/a.rs", text)]).is_empty());
    }

    #[test]
    fn a_module_outside_the_table_is_found() {
        let found = findings(&[("a/src/extras.rs", "")]);
        assert_eq!(
            found,
            ["a/src: module `extras` is not in the table `arrows a/src` of ARCHITECTURE.md"]
        );
    }
}
