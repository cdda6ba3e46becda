//! Each family has one list, and the list holds exactly what its folder holds.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use super::source::{Source, is_identifier_char, matching, split_identifier};
use super::tree::Tree;

/// The crate that holds the families.
const CRATE: &str = "crates/hornblende/src";

/// The folder of each family and the name of its list. A folder that does not exist is skipped.
const FAMILIES: &[(&str, &str)] = &[
    ("activations", "ACTIVATIONS"),
    ("callbacks", "CALLBACKS"),
    ("constraints", "CONSTRAINTS"),
    ("initializers", "INITIALIZERS"),
    ("layers", "LAYERS"),
    ("losses", "LOSSES"),
    ("metrics", "METRICS"),
    ("optimizers", "OPTIMIZERS"),
    ("optimizers/schedules", "SCHEDULES"),
    ("regularizers", "REGULARIZERS"),
];

/// The first line of a file in a family's folder that is no member of the family.
const NOT_AN_ITEM: &str = "// tidy: not an item";

/// Finds members that are missing in their family's list, and entries of the list without a member.
///
/// A member is a file, in the folder or below it, that declares `ENTRY`; `mod.rs` files and files that begin
/// with `// tidy: not an item` are none. The list is `static LOSSES: &[&Entry]` in the `mod.rs` of the folder;
/// a folder below may have a list of its own, which the `mod.rs` above it then has to name.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    FAMILIES
        .iter()
        .flat_map(|&(family, list)| check_family(tree, family, list))
        .collect()
}

fn check_family(tree: &Tree, family: &str, list_name: &str) -> Vec<Finding> {
    let folder = format!("{CRATE}/{family}");
    let files: BTreeMap<&str, &Source> = tree
        .sources_in(&folder)
        .filter(|(file, source)| is_index(file) || !is_all_test(source))
        .filter(|(file, _)| !belongs_to_another_family(family, file))
        .collect();
    if files.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut listed: BTreeMap<String, Place> = BTreeMap::new();
    let mut has_list = false;
    for (file, source) in files.iter().filter(|(file, _)| is_index(file)) {
        let path = format!("{folder}/{file}");
        for list in lists(source) {
            let is_top = *file == "mod.rs";
            has_list |= is_top && list.name == list_name;
            if !is_top && !list.entries.is_empty() {
                findings.extend(unused_list(&files, &folder, file, &list));
            }
            for (entry, line) in list.entries {
                let member = format!(
                    "{}{}",
                    file.trim_end_matches("mod.rs"),
                    entry.replace("::", "/")
                );
                let place = Place {
                    path: path.clone(),
                    line,
                };
                if listed.insert(member, place).is_some() {
                    findings.push(Finding::at(
                        &path,
                        line,
                        format!("`{entry}::ENTRY` is listed twice"),
                    ));
                }
            }
        }
    }
    if !has_list {
        let message = format!("there is no list `static {list_name}: &[&Entry]`");
        findings.push(Finding::in_file(&format!("{folder}/mod.rs"), message));
    }
    let members = members(&files);
    findings.extend(unlisted(&folder, &files, &members, &listed, list_name));
    for (entry, place) in listed
        .iter()
        .filter(|(entry, _)| !members.contains(entry.as_str()))
    {
        let message = format!("`{entry}` is listed, but {folder}/{entry}.rs declares no `ENTRY`");
        findings.push(Finding::at(&place.path, place.line, message));
    }
    findings
}

/// Where an entry is listed.
struct Place {
    path: String,
    line: usize,
}

/// A list of entries in a `mod.rs`.
struct List<'a> {
    name: &'a str,
    line: usize,
    /// The path before `::ENTRY`, and its line.
    entries: Vec<(String, usize)>,
}

/// The files, without `.rs`, that declare `ENTRY`.
fn members<'a>(files: &BTreeMap<&'a str, &Source>) -> BTreeSet<&'a str> {
    files
        .iter()
        .filter(|(file, source)| !is_index(file) && declares_entry(source))
        .map(|(file, _)| file.trim_end_matches(".rs"))
        .collect()
}

/// Files that declare no `ENTRY`, say nothing about it, or are missing in the list.
fn unlisted(
    folder: &str,
    files: &BTreeMap<&str, &Source>,
    members: &BTreeSet<&str>,
    listed: &BTreeMap<String, Place>,
    list_name: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in files.iter().filter(|(file, _)| !is_index(file)) {
        let path = format!("{folder}/{file}");
        let name = file.trim_end_matches(".rs");
        let is_marked = source
            .text()
            .lines()
            .next()
            .is_some_and(|line| line.trim() == NOT_AN_ITEM);
        let message = match (members.contains(name), is_marked) {
            (true, true) => format!("declares `ENTRY`, but says `{NOT_AN_ITEM}`"),
            (false, false) => {
                format!(
                    "declares no `ENTRY`; if that is right, begin the file with `{NOT_AN_ITEM}`"
                )
            }
            (true, false) if !listed.contains_key(name) => {
                format!(
                    "`{}::ENTRY` is missing in the list `{list_name}`",
                    name.replace('/', "::")
                )
            }
            _ => continue,
        };
        findings.push(Finding::in_file(&path, message));
    }
    findings
}

/// Reports a list of a folder below the family's that the `mod.rs` above it does not name.
fn unused_list(
    files: &BTreeMap<&str, &Source>,
    folder: &str,
    file: &str,
    list: &List<'_>,
) -> Option<Finding> {
    let below = file.trim_end_matches("/mod.rs");
    let (above, name) = below
        .rsplit_once('/')
        .map_or((String::new(), below), |(above, name)| {
            (format!("{above}/"), name)
        });
    let path = format!("{name}::{}", list.name);
    let is_named = files
        .get(format!("{above}mod.rs").as_str())
        .is_some_and(|source| super::source::words(source.code(), &path).next().is_some());
    let message = format!(
        "the list `{}` is not part of the list above it (`{path}`)",
        list.name
    );
    (!is_named).then(|| Finding::at(&format!("{folder}/{file}"), list.line, message))
}

/// The statics and constants of a `mod.rs` whose value is a list.
fn lists(source: &Source) -> Vec<List<'_>> {
    let code = source.code();
    let mut lists = Vec::new();
    for at in source.words("static").chain(source.words("const")) {
        let declaration = code[at..]
            .trim_start_matches(char::is_alphabetic)
            .trim_start();
        let (name, rest) = split_identifier(declaration);
        let start = code.len() - rest.len();
        let Some(equals) = rest.find('=').map(|found| start + found) else {
            continue;
        };
        let is_value = rest.starts_with(':') && code[start..equals].find(';').is_none();
        let Some(open) = code[equals..].find('[').map(|found| equals + found) else {
            continue;
        };
        if !is_value || name.is_empty() || source.is_test_line(source.line_of(at)) {
            continue;
        }
        let body = &code[open..matching(code, open)];
        let entries = super::source::words(body, "ENTRY")
            .filter_map(|found| {
                let path = body[..found].strip_suffix("::")?;
                let from = path
                    .rfind(|c| !is_identifier_char(c) && c != ':')
                    .map_or(0, |at| at + 1);
                let path = path[from..].trim_start_matches("self::").to_owned();
                Some((path, source.line_of(open + found)))
            })
            .collect();
        lists.push(List {
            name,
            line: source.line_of(at),
            entries,
        });
    }
    lists
}

fn declares_entry(source: &Source) -> bool {
    source.words("ENTRY").any(|at| {
        let before = source.code()[..at].trim_end();
        (before.ends_with(" const") || before.ends_with(" static") || before.ends_with("\nconst"))
            && !source.is_test_line(source.line_of(at))
    })
}

/// Whether a whole file is test code, such as `losses/battery.rs` declared under `#[cfg(test)]`.
fn is_all_test(source: &Source) -> bool {
    source.line_count() > 0 && (1..=source.line_count()).all(|line| source.is_test_line(line))
}

fn is_index(file: &str) -> bool {
    file == "mod.rs" || file.ends_with("/mod.rs")
}

/// Whether a file below the folder of one family is in the folder of another.
fn belongs_to_another_family(family: &str, file: &str) -> bool {
    let path = format!("{family}/{file}");
    FAMILIES.iter().any(|(other, _)| {
        other.len() > family.len()
            && path
                .strip_prefix(other)
                .is_some_and(|rest| rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str = "//! Doc.\n\npub(super) const ENTRY: Entry = Entry {};\n";

    fn findings(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<(String, &str)> = files
            .iter()
            .map(|(path, text)| (format!("{CRATE}/{path}"), *text))
            .collect();
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        check(&Tree::of(&files))
            .iter()
            .map(|finding| finding.to_string().replace(&format!("{CRATE}/"), ""))
            .collect()
    }

    #[test]
    fn a_list_that_matches_its_folder_is_fine() {
        let list = "mod huber;\nmod mse;\n\nstatic LOSSES: &[&Entry] = &[\n    &huber::ENTRY,\n    &mse::ENTRY,\n];\n";
        let files = [
            ("losses/mod.rs", list),
            ("losses/huber.rs", ITEM),
            ("losses/mse.rs", ITEM),
            ("losses/reduction.rs", "// tidy: not an item\n//! Doc.\n"),
        ];
        assert_eq!(findings(&files), [""; 0]);
    }

    #[test]
    fn a_member_that_is_not_listed_is_found() {
        let files = [
            ("losses/mod.rs", "static LOSSES: &[&Entry] = &[];\n"),
            ("losses/huber.rs", ITEM),
        ];
        let expected = "losses/huber.rs: `huber::ENTRY` is missing in the list `LOSSES`";
        assert_eq!(findings(&files), [expected]);
    }

    #[test]
    fn an_entry_without_its_file_is_found() {
        let files = [(
            "losses/mod.rs",
            "static LOSSES: &[&Entry] = &[\n    &gone::ENTRY];\n",
        )];
        let expected = "losses/mod.rs:2: `gone` is listed, but losses/gone.rs declares no `ENTRY`";
        assert_eq!(findings(&files), [expected]);
    }

    #[test]
    fn a_file_that_says_nothing_is_found() {
        let files = [
            ("losses/mod.rs", "static LOSSES: &[&Entry] = &[];\n"),
            ("losses/x.rs", "//! Doc.\n"),
        ];
        let found = findings(&files);
        assert!(
            found[0].starts_with("losses/x.rs: declares no `ENTRY`"),
            "{found:?}"
        );
    }

    #[test]
    fn a_member_that_says_it_is_none_is_found() {
        let text = format!("{NOT_AN_ITEM}\n{ITEM}");
        let files = [
            (
                "losses/mod.rs",
                "static LOSSES: &[&Entry] = &[&x::ENTRY];\n",
            ),
            ("losses/x.rs", &text),
        ];
        assert_eq!(findings(&files).len(), 1);
    }

    #[test]
    fn an_entry_that_is_listed_twice_is_found() {
        let list = "static LOSSES: &[&Entry] = &[&x::ENTRY, &x::ENTRY];\n";
        let files = [("losses/mod.rs", list), ("losses/x.rs", ITEM)];
        assert_eq!(
            findings(&files),
            ["losses/mod.rs:1: `x::ENTRY` is listed twice"]
        );
    }

    #[test]
    fn a_missing_list_is_found() {
        let files = [("losses/mod.rs", "//! Doc.\n")];
        assert_eq!(
            findings(&files),
            ["losses/mod.rs: there is no list `static LOSSES: &[&Entry]`"]
        );
    }

    #[test]
    fn folders_below_may_be_listed_above_or_by_themselves() {
        let above = "static LAYERS: &[&Entry] = &[&core::dense::ENTRY];\n";
        let files = [
            ("layers/mod.rs", above),
            ("layers/core/mod.rs", ""),
            ("layers/core/dense.rs", ITEM),
        ];
        assert_eq!(findings(&files), [""; 0]);

        let above = "static LAYERS: &[&[&Entry]] = &[core::LAYERS];\n";
        let below = "pub(super) static LAYERS: &[&Entry] = &[&dense::ENTRY];\n";
        let files = [
            ("layers/mod.rs", above),
            ("layers/core/mod.rs", below),
            ("layers/core/dense.rs", ITEM),
        ];
        assert_eq!(findings(&files), [""; 0]);
    }

    #[test]
    fn a_list_below_that_nobody_reads_is_found() {
        let above = "static LAYERS: &[&Entry] = &[];\n";
        let below = "static CORE: &[&Entry] = &[&dense::ENTRY];\n";
        let files = [
            ("layers/mod.rs", above),
            ("layers/core/mod.rs", below),
            ("layers/core/dense.rs", ITEM),
        ];
        assert!(
            findings(&files)[0].contains("(`core::CORE`)"),
            "{:?}",
            findings(&files)
        );
    }

    #[test]
    fn a_family_inside_another_keeps_its_own_list() {
        let files = [
            ("optimizers/mod.rs", "static OPTIMIZERS: &[&Entry] = &[];\n"),
            (
                "optimizers/schedules/mod.rs",
                "static SCHEDULES: &[&Entry] = &[&cosine::ENTRY];\n",
            ),
            ("optimizers/schedules/cosine.rs", ITEM),
        ];
        assert_eq!(findings(&files), [""; 0]);
    }

    #[test]
    fn test_files_are_no_members() {
        let list = "#[cfg(test)]\nmod battery;\nstatic LOSSES: &[&Entry] = &[];\n";
        assert_eq!(
            findings(&[("losses/mod.rs", list), ("losses/battery.rs", "//! Doc.\n")]),
            [""; 0]
        );
    }
}
