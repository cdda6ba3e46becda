//! The files of the workspace, in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::source::Source;

/// Folders whose names begin with a dot are skipped, apart from these.
const DOT_FOLDERS: &[&str] = &[".ci", ".cargo", ".github"];

/// Folders in a package whose Rust files are tests, benchmarks or examples.
const TEST_FOLDERS: &[&str] = &["tests", "benches", "examples"];

/// The text files of a workspace by path; paths are relative to its root and use `/`.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
    sources: BTreeMap<String, Source>,
}

impl Tree {
    /// Reads the workspace at `root`. Build output, virtual environments, links and files that are not UTF-8
    /// are left out.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        read_folder(root, "", &mut files)?;
        Ok(Self::new(files))
    }

    /// A tree made of `(path, text)` pairs.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self::new(
            files
                .iter()
                .map(|&(path, text)| (path.to_owned(), text.to_owned()))
                .collect(),
        )
    }

    fn new(files: BTreeMap<String, String>) -> Self {
        let mut sources: BTreeMap<String, Source> = files
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| (path.clone(), Source::new(text)))
            .collect();
        let test_roots = test_roots(&sources);
        for (path, source) in &mut sources {
            if is_in_test_folder(path) || is_under(path, &test_roots) {
                source.mark_all_as_test();
            }
        }
        Self { files, sources }
    }

    /// Number of files.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The Rust file at `path`.
    pub(crate) fn source(&self, path: &str) -> Option<&Source> {
        self.sources.get(path)
    }

    /// All files in the order of their paths.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// All Rust files in the order of their paths.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.sources
            .iter()
            .map(|(path, source)| (path.as_str(), source))
    }

    /// The Rust files in `folder` and below, each with its path relative to `folder`.
    pub(crate) fn sources_in<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Source)> {
        self.sources.iter().filter_map(move |(path, source)| {
            Some((path.strip_prefix(folder)?.strip_prefix('/')?, source))
        })
    }
}

/// The files and folders (without `.rs`) of modules that are declared under `#[cfg(test)]`.
fn test_roots(sources: &BTreeMap<String, Source>) -> BTreeSet<String> {
    let mut roots = BTreeSet::new();
    for (path, source) in sources {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = match file {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            _ => path.trim_end_matches(".rs").to_owned(),
        };
        roots.extend(
            source
                .test_modules()
                .iter()
                .map(|name| format!("{folder}/{name}")),
        );
    }
    roots
}

fn is_under(path: &str, roots: &BTreeSet<String>) -> bool {
    let module = path.trim_end_matches(".rs");
    roots.iter().any(|root| {
        module
            .strip_prefix(root.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn is_in_test_folder(path: &str) -> bool {
    // Under `src`, a folder of such a name is a module of the library, and no test for that.
    !path.contains("/src/")
        && path
            .split('/')
            .rev()
            .skip(1)
            .any(|folder| TEST_FOLDERS.contains(&folder))
}

fn read_folder(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, String>,
) -> io::Result<()> {
    if folder.join("pyvenv.cfg").exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let kind = entry.file_type()?;
        let path = format!("{prefix}{name}");
        if kind.is_dir() && is_wanted_folder(&name) {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file()
            && let Ok(text) = String::from_utf8(fs::read(entry.path())?)
        {
            files.insert(path, text);
        }
    }
    Ok(())
}

fn is_wanted_folder(name: &str) -> bool {
    if name.starts_with('.') {
        return DOT_FOLDERS.contains(&name);
    }
    !matches!(name, "target" | "__pycache__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_test_folders_are_test_code() {
        let tree = Tree::of(&[
            ("crates/a/tests/t.rs", "x\n"),
            ("crates/a/src/tests/t.rs", "x\n"),
        ]);
        assert!(tree.source("crates/a/tests/t.rs").unwrap().is_test_line(1));
        assert!(
            !tree
                .source("crates/a/src/tests/t.rs")
                .unwrap()
                .is_test_line(1)
        );
    }

    #[test]
    fn files_of_test_modules_are_test_code() {
        let tree = Tree::of(&[
            (
                "crates/a/src/x/mod.rs",
                "#[cfg(test)]\nmod checks;\nmod y;\n",
            ),
            ("crates/a/src/x/checks.rs", "x\n"),
            ("crates/a/src/x/y.rs", "#[cfg(test)] mod z;\n"),
            ("crates/a/src/x/y/z.rs", "x\n"),
            ("crates/a/src/x/checks_not.rs", "x\n"),
        ]);
        let is_test = |path| tree.source(path).unwrap().is_test_line(1);
        assert!(is_test("crates/a/src/x/checks.rs"));
        assert!(is_test("crates/a/src/x/y/z.rs"));
        assert!(!is_test("crates/a/src/x/checks_not.rs"));
    }

    #[test]
    fn reading_skips_build_output_and_hidden_folders() {
        let root = std::env::temp_dir().join(format!("hornblende-tidy-{}", std::process::id()));
        for path in [
            "src/a.rs",
            "target/b.rs",
            ".git/c.rs",
            ".ci/run",
            "venv/pyvenv.cfg",
            "venv/d.rs",
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x\n").unwrap();
        }
        let tree = Tree::read(&root).unwrap();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(
            tree.files().map(|(path, _)| path).collect::<Vec<_>>(),
            [".ci/run", "src/a.rs"]
        );
    }
}
