//! Every `unsafe` says why it is sound.

use super::finding::Finding;
use super::source::{Source, split_identifier, words};
use super::tree::Tree;

/// Finds `unsafe` blocks, functions, traits and implementations without a reason.
///
/// The reason is a comment with `SAFETY:` right above the statement or item (or on its line); a
/// function or trait may have a `# Safety` section in its documentation instead. Attributes may
/// stand in between. A function of a trait or implementation is also covered by the reason above
/// that, and one that implements a trait by the reason at the trait.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.sources() {
        for at in source.words("unsafe") {
            let line = source.line_of(at);
            let Some(item) = item_after(&source.code()[at + "unsafe".len()..]) else {
                continue;
            };
            if has_reason(source, line) || item == Item::Function && is_covered(source, at) {
                continue;
            }
            let message =
                "`unsafe` without a `// SAFETY:` comment or `# Safety` section right above";
            findings.push(Finding::at(path, line, message));
        }
    }
    findings
}

/// What is unsafe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Function,
    Other,
}

/// What `unsafe` belongs to, judged by what follows it; `None` for types and attributes.
fn item_after(rest: &str) -> Option<Item> {
    let rest = rest.trim_start();
    if rest.starts_with('{') {
        return Some(Item::Other);
    }
    let (word, after) = split_identifier(rest);
    match word {
        "impl" | "trait" => Some(Item::Other),
        // The name of the calling convention is a literal and so has become white space.
        "extern" => item_after(after),
        "fn" => (!after.trim_start().starts_with('(')).then_some(Item::Function),
        _ => None,
    }
}

/// Whether the trait or implementation around a function states the reason, or the trait that is
/// implemented has to.
fn is_covered(source: &Source, at: usize) -> bool {
    let Some(open) = enclosing_brace(&source.code()[..at]) else {
        return false;
    };
    let start = source.code()[..open]
        .rfind([';', '{', '}'])
        .map_or(0, |before| before + 1);
    let header = &source.code()[start..open];
    let has = |word| words(header, word).next();
    match (has("impl"), has("trait")) {
        (Some(_), _) if has("for").is_some() => true,
        (Some(at), _) | (None, Some(at)) => has_reason(source, source.line_of(start + at)),
        (None, None) => false,
    }
}

/// The offset of the brace that is still open at the end of `code`.
fn enclosing_brace(code: &str) -> Option<usize> {
    let mut closed = 0_usize;
    code.bytes()
        .enumerate()
        .rev()
        .find_map(|(at, byte)| match byte {
            b'}' => {
                closed += 1;
                None
            }
            b'{' if closed == 0 => Some(at),
            b'{' => {
                closed -= 1;
                None
            }
            _ => None,
        })
}

/// Whether a reason stands on the line or right above the statement that the line belongs to.
fn has_reason(source: &Source, line: usize) -> bool {
    let says_why = |line: usize| {
        let comment = source.comment_line(line);
        comment.contains("SAFETY:") || comment.contains("# Safety")
    };
    if says_why(line) {
        return true;
    }
    for above in (1..line).rev() {
        if says_why(above) {
            return true;
        }
        let code = source.code_line(above).trim();
        let is_comment = code.is_empty() && !source.comment_line(above).trim().is_empty();
        let is_attribute = code.starts_with("#[") || code == ")]";
        let goes_on = !code.is_empty() && !code.ends_with([';', '{', '}', ',']);
        if !is_comment && !is_attribute && !goes_on {
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
    fn unsafe_without_a_reason_is_found() {
        assert_eq!(count("fn f() {\n    unsafe { g() }\n}\n"), 1);
        assert_eq!(count("unsafe fn f() {}\n"), 1);
        assert_eq!(count("unsafe impl Send for A {}\n"), 1);
        assert_eq!(count("unsafe extern \"C\" fn f() {}\n"), 1);
        assert_eq!(count("unsafe extern \"C\" {\n}\n"), 1);
    }

    #[test]
    fn a_reason_right_above_is_enough() {
        assert_eq!(
            count(
                "fn f() {\n    // SAFETY: g is harmless,\n    // in this case.\n    unsafe { g() }\n}\n"
            ),
            0
        );
        assert_eq!(count("// SAFETY: fine.\nlet x =\n    unsafe { g() };\n"), 0);
        assert_eq!(
            count("match x {\n    // SAFETY: fine.\n    A =>\n        unsafe { g() },\n}\n"),
            0
        );
        assert_eq!(
            count(
                "/// Does.\n///\n/// # Safety\n/// Be careful.\n#[inline]\npub unsafe fn f() {}\n"
            ),
            0
        );
    }

    #[test]
    fn a_reason_for_the_statement_before_is_not_enough() {
        assert_eq!(
            count("// SAFETY: fine.\nunsafe { g() };\nunsafe { h() };\n"),
            1
        );
        assert_eq!(count("// SAFETY: fine.\n\nunsafe { g() };\n"), 1);
    }

    #[test]
    fn functions_are_covered_by_their_trait_or_implementation() {
        assert_eq!(
            count("/// # Safety\n/// Always.\ntrait A {\n    unsafe fn f();\n}\n"),
            0
        );
        assert_eq!(
            count("impl A for B {\n    fn g() {}\n    unsafe fn f() {}\n}\n"),
            0
        );
        assert_eq!(
            count("// SAFETY: as `run` checks.\nimpl B {\n    unsafe fn f() {}\n}\n"),
            0
        );
        assert_eq!(count("trait A {\n    unsafe fn f();\n}\n"), 1);
        assert_eq!(count("impl B {\n    unsafe fn f() {}\n}\n"), 1);
        assert_eq!(
            count("impl A for B {\n    fn f() {\n        unsafe { g() }\n    }\n}\n"),
            1
        );
    }

    #[test]
    fn types_attributes_and_words_are_no_unsafe_code() {
        let text = "#![allow(unsafe_code)]\n#[unsafe(no_mangle)]\n// unsafe { }\ntype F = unsafe fn(u8);\n";
        assert_eq!(count(text), 0);
        assert_eq!(count("type F = unsafe extern \"C\" fn(u8);\n"), 0);
    }
}
