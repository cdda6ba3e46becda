//! What the arrows need of a `Cargo.toml`: the package's name and the packages that it depends on.

use std::collections::BTreeMap;

/// A dependency of a package, by the name of the package rather than its local name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) package: String,
    /// The line of the manifest, counted from 1.
    pub(crate) line: usize,
}

/// A package as its manifest describes it.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// The name of the package; `None` for a workspace without one.
    pub(crate) name: Option<String>,
    /// What the package needs to be built. Development dependencies are left out: tests are free.
    pub(crate) dependencies: Vec<Dependency>,
}

impl Manifest {
    /// Reads a manifest. `renamed` maps local names in the workspace's dependencies to packages.
    ///
    /// This understands the way Cargo manifests are written, line by line, and not all of TOML.
    pub(crate) fn parse(text: &str, renamed: &BTreeMap<String, String>) -> Self {
        let mut manifest = Self {
            name: None,
            dependencies: Vec::new(),
        };
        for entry in entries(text) {
            if entry.section == "package" && entry.key == "name" {
                manifest.name = Some(unquote(entry.value).to_owned());
            }
            if let Some(name) = dependency_name(&entry, &["dependencies", "build-dependencies"]) {
                let package = package_of(&entry)
                    .or_else(|| renamed.get(name).map(String::as_str))
                    .unwrap_or(name)
                    .to_owned();
                manifest.dependencies.push(Dependency {
                    package,
                    line: entry.line,
                });
            }
        }
        manifest
    }

    /// The dependencies of the workspace whose local name is not the package's.
    pub(crate) fn renamed_in_workspace(text: &str) -> BTreeMap<String, String> {
        entries(text)
            .filter_map(|entry| {
                let name = dependency_name(&entry, &["workspace.dependencies"])?;
                Some((name.to_owned(), package_of(&entry)?.to_owned()))
            })
            .collect()
    }
}

/// A `key = value` line and the section that it stands in.
struct Entry<'a> {
    section: &'a str,
    key: &'a str,
    value: &'a str,
    line: usize,
}

fn entries(text: &str) -> impl Iterator<Item = Entry<'_>> {
    let mut section = "";
    text.lines().enumerate().filter_map(move |(number, line)| {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            section = header.split(']').next().unwrap_or_default().trim();
        }
        let (key, value) = line.split_once('=')?;
        let is_entry = !line.starts_with(['#', '[']);
        is_entry.then_some(Entry {
            section,
            key: key.trim(),
            value: value.trim(),
            line: number + 1,
        })
    })
}

/// The local name of the dependency that an entry declares or describes.
///
/// Both `name = ..` (also `name.workspace = true`) in a section of dependencies and the entries of a section
/// `[dependencies.name]` count; sections of a target count as the plain ones.
fn dependency_name<'a>(entry: &Entry<'a>, kinds: &[&str]) -> Option<&'a str> {
    let section = match entry.section.strip_prefix("target.") {
        Some(rest) => kinds
            .iter()
            .find_map(|kind| rest.rfind(&format!(".{kind}")).map(|at| &rest[at + 1..]))?,
        None => entry.section,
    };
    kinds.iter().find_map(|kind| {
        let rest = section.strip_prefix(kind)?;
        match rest.strip_prefix('.') {
            Some(name) => Some(unquote(name)),
            None if rest.is_empty() => entry.key.split('.').next().map(unquote),
            None => None,
        }
    })
}

/// The package that an entry names in so many words: `package = "x"`.
fn package_of<'a>(entry: &Entry<'a>) -> Option<&'a str> {
    if entry.key == "package" {
        return Some(unquote(entry.value));
    }
    let at = entry.value.find("package")?;
    let value = entry.value[at + "package".len()..]
        .trim_start()
        .strip_prefix('=')?;
    value.split('"').nth(1)
}

fn unquote(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packages(text: &str) -> Vec<String> {
        let renamed = BTreeMap::from([("short".to_owned(), "long-name".to_owned())]);
        Manifest::parse(text, &renamed)
            .dependencies
            .into_iter()
            .map(|d| d.package)
            .collect()
    }

    #[test]
    fn every_way_to_write_a_dependency_is_read() {
        let text = r#"
            [package]
            name = "x"
            [dependencies]
            a.workspace = true
            b = "1"
            c = { package = "real-c", path = "../c" }
            short.workspace = true
            [dependencies.d]
            path = "../d"
            [target.'cfg(unix)'.dependencies]
            e = { path = "../e" }
            [build-dependencies]
            f = "1"
        "#;
        assert_eq!(
            packages(text),
            ["a", "b", "real-c", "long-name", "d", "e", "f"]
        );
        assert_eq!(
            Manifest::parse(text, &BTreeMap::new()).name.as_deref(),
            Some("x")
        );
    }

    #[test]
    fn development_dependencies_and_features_are_left_out() {
        let text = "[dev-dependencies]\na = \"1\"\n[features]\nb = []\n[lints]\nworkspace = true\n";
        assert!(packages(text).is_empty());
    }

    #[test]
    fn names_that_the_workspace_changes_are_known() {
        let text = "[workspace.dependencies]\nshort = { package = \"long-name\", path = \"x\" }\ny = \"1\"\n";
        let expected = BTreeMap::from([("short".to_owned(), "long-name".to_owned())]);
        assert_eq!(Manifest::renamed_in_workspace(text), expected);
    }
}
