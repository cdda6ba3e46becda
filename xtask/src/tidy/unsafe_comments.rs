//! Every `unsafe` says why it is sound.

use super::finding::Finding;
use super::source::{Source, split_identifier};
use super::tree::Tree;

/// Finds `unsafe` blocks, functions, traits and implementations without a reason.
///
/// The reason is a comment with `SAFETY:` right above the statement or item (or on its line); a function or trait
/// may have a `# Safety` section in its documentation instead. Attributes may stand in between.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.sources() {
        for at in source.words("unsafe") {
            let line = source.line_of(at);
            if needs_reason(&source.code()[at + "unsafe".len()..]) && !has_reason(source, line) {
                let message =
                    "`unsafe` without a `// SAFETY:` comment (or `# Safety` section) right above";
                findings.push(Finding::at(path, line, message));
            }
        }
    }
    findings
}

/// Whether what follows `unsafe` makes it a block or an item, and not a type or an attribute.
fn needs_reason(rest: &str) -> bool {
    let rest = rest.trim_start();
    if rest.starts_with('{') {
        return true;
    }
    let (word, after) = split_identifier(rest);
    match word {
        "impl" | "trait" => true,
        // The name of the calling convention is a literal and so has become white space.
        "extern" => needs_reason(after),
        "fn" => !after.trim_start().starts_with('('),
        _ => false,
    }
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
    fn types_attributes_and_words_are_no_unsafe_code() {
        let text = "#![allow(unsafe_code)]\n#[unsafe(no_mangle)]\n// unsafe { }\ntype F = unsafe fn(u8);\n";
        assert_eq!(count(text), 0);
        assert_eq!(count("type F = unsafe extern \"C\" fn(u8);\n"), 0);
    }
}
