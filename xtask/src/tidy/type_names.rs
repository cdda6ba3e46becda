//! Names say what a thing is, so some words may not be part of them.

use super::finding::Finding;
use super::source::is_identifier_char;
use super::tree::Tree;

/// Words that say nothing, as they would stand in the name of a type.
const BANNED_IN_TYPES: &[&str] = &["Manager", "Helper", "Helpers", "Util", "Utils"];

/// Words that say nothing, as they would stand in the name of a module.
const BANNED_IN_MODULES: &[&str] = &["manager", "helper", "helpers", "util", "utils"];

/// The document that has to name the words in order to ban them.
const EXEMPT: &str = "STYLE.md";

/// Finds type and module names that contain a word without meaning, in code, comments and documents.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.sources() {
        let stem = path
            .rsplit('/')
            .next()
            .unwrap_or(path)
            .trim_end_matches(".rs");
        if stem
            .split('_')
            .any(|word| BANNED_IN_MODULES.contains(&word))
        {
            findings.push(Finding::in_file(
                path,
                format!("`{stem}` says nothing about what is in the file"),
            ));
        }
        for line in 1..=source.line_count() {
            findings.extend(in_line(path, line, source.code_line(line)));
            findings.extend(in_line(path, line, &source.comment_line(line)));
        }
    }
    let documents = tree
        .files()
        .filter(|(path, _)| path.ends_with(".md") && *path != EXEMPT);
    for (path, text) in documents {
        for (number, line) in text.lines().enumerate() {
            findings.extend(in_line(path, number + 1, line));
        }
    }
    findings
}

fn in_line<'a>(path: &'a str, line: usize, text: &'a str) -> impl Iterator<Item = Finding> + 'a {
    text.split(|c| !is_identifier_char(c))
        .filter(|name| camel_words(name).any(|word| BANNED_IN_TYPES.contains(&word)))
        .map(move |name| {
            Finding::at(
                path,
                line,
                format!("`{name}`: name the thing by what it is"),
            )
        })
}

/// The words of a name in camel case: `Dense`, `Layer` of `DenseLayer`.
fn camel_words(name: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> = name
        .char_indices()
        .filter(|(_, c)| c.is_uppercase())
        .map(|(at, _)| at)
        .collect();
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([name.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| name[start..end].trim_end_matches('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        assert_eq!(count("a.rs", "struct BufferManager;\n"), 1);
        assert_eq!(count("a.rs", "/// See [`ShapeUtils`].\nstruct A;\n"), 1);
        assert_eq!(count("docs/a.md", "The `TestHelper` does it.\n"), 1);
        assert_eq!(count("a/string_utils.rs", ""), 1);
    }

    #[test]
    fn words_that_only_resemble_them_are_fine() {
        assert_eq!(
            count(
                "a.rs",
                "struct Helped; // a helper is a person, ManuallyDrop\n"
            ),
            0
        );
        assert_eq!(count("STYLE.md", "no `Manager`\n"), 0);
    }
}
