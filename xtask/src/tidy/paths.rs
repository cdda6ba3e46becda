//! Paths in Rust code: `a::b`, `a::{b, c as d}`, `a::*`.

use super::source::split_identifier;

/// A path, with one entry per leaf of a use tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodePath {
    /// The names along the path; a glob ends in `*`.
    pub(crate) segments: Vec<String>,
    /// The name under which it is imported: its last segment, or what follows `as`.
    pub(crate) name: String,
    /// Where its last segment stands in the code.
    pub(crate) offset: usize,
}

/// Reads the path or use tree that begins at `start`; what follows it is ignored.
pub(crate) fn read(code: &str, start: usize) -> Vec<CodePath> {
    let mut paths = Vec::new();
    tree(code, start, &[], &mut paths);
    paths
}

/// Reads one tree below `prefix` and returns the offset just past it.
fn tree(code: &str, start: usize, prefix: &[String], paths: &mut Vec<CodePath>) -> usize {
    let mut segments = prefix.to_vec();
    let mut at = skip_space(code, start);
    if code[at..].starts_with("::") {
        at = skip_space(code, at + 2);
    }
    loop {
        if code[at..].starts_with('{') {
            return group(code, at + 1, &segments, paths);
        }
        let offset = at;
        let (segment, after) = match code[at..].strip_prefix('*') {
            Some(_) => ("*", at + 1),
            None => {
                let raw = if code[at..].starts_with("r#") { 2 } else { 0 };
                let (name, _) = split_identifier(&code[at + raw..]);
                (name, at + raw + name.len())
            }
        };
        if segment.is_empty() {
            return at;
        }
        segments.push(segment.to_owned());
        at = skip_space(code, after);
        let continues = code[at..].strip_prefix("::").is_some_and(|rest| {
            rest.trim_start()
                .starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '{' | '*'))
        });
        if !continues {
            let (name, after) = alias(code, at).unwrap_or((segment, after));
            paths.push(CodePath {
                segments,
                name: name.to_owned(),
                offset,
            });
            return after;
        }
        at = skip_space(code, at + 2);
    }
}

/// Reads the trees up to the closing brace of a group and returns the offset just past it.
fn group(code: &str, start: usize, prefix: &[String], paths: &mut Vec<CodePath>) -> usize {
    let mut at = skip_space(code, start);
    while at < code.len() && !code[at..].starts_with('}') {
        let before = at;
        at = skip_space(code, tree(code, at, prefix, paths));
        if code[at..].starts_with(',') {
            at = skip_space(code, at + 1);
        }
        if at == before {
            return at;
        }
    }
    (at + 1).min(code.len())
}

/// The name after `as`, and the offset just past it.
fn alias(code: &str, at: usize) -> Option<(&str, usize)> {
    let rest = code[at..].strip_prefix("as")?;
    let name = rest.strip_prefix(char::is_whitespace)?.trim_start();
    let (name, _) = split_identifier(name);
    let start = code.len() - code[at + 2..].trim_start().len();
    (!name.is_empty()).then_some((name, start + name.len()))
}

fn skip_space(code: &str, at: usize) -> usize {
    code.len() - code[at..].trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(code: &str) -> Vec<String> {
        read(code, 0)
            .iter()
            .map(|path| format!("{}={}", path.name, path.segments.join("::")))
            .collect()
    }

    #[test]
    fn trees_are_read_leaf_by_leaf() {
        assert_eq!(
            all("crate::{a::b, c::{self, d as e,}, f::*}; other"),
            [
                "b=crate::a::b",
                "self=crate::c::self",
                "e=crate::c::d",
                "*=crate::f::*"
            ]
        );
    }

    #[test]
    fn a_path_ends_where_the_expression_goes_on() {
        assert_eq!(all("crate::a::f(x::y)"), ["f=crate::a::f"]);
        assert_eq!(all("crate::a::B::<T>::new()"), ["B=crate::a::B"]);
        assert_eq!(all("crate::a::X as usize"), ["usize=crate::a::X"]);
        assert_eq!(all("crate :: a\n    ::b;"), ["b=crate::a::b"]);
        assert_eq!(all("::std::fs;"), ["fs=std::fs"]);
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        assert_eq!(all("crate::{a, b"), ["a=crate::a", "b=crate::b"]);
        assert_eq!(all("crate::{a; b"), ["a=crate::a"]);
        assert!(all("").is_empty());
    }

    #[test]
    fn the_offset_is_that_of_the_leaf() {
        let code = "crate::{a, b}";
        assert_eq!(read(code, 0)[1].offset, code.find('b').unwrap());
    }
}
