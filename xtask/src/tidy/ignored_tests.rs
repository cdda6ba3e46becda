//! A test that is not run says why.

use super::finding::Finding;
use super::source::{matching, words};
use super::tree::Tree;

/// Finds `#[ignore]` without a reason.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.sources() {
        let code = source.code();
        for (start, _) in code.match_indices("#[") {
            let attribute = &code[start..matching(code, start + 1)];
            for at in words(attribute, "ignore") {
                // The reason itself is a literal, so it is looked for in the text of the file.
                let rest = source.text()[start + at + "ignore".len()..].trim_start();
                let reason = rest
                    .strip_prefix('=')
                    .and_then(|rest| rest.trim_start().strip_prefix('"'));
                if reason.is_none_or(|reason| reason.trim_start().starts_with('"')) {
                    let message = "`#[ignore]` without a reason: write `#[ignore = \"why\"]`";
                    findings.push(Finding::at(path, source.line_of(start + at), message));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Tree::of(&[("a.rs", text)])).len()
    }

    #[test]
    fn an_ignored_test_without_a_reason_is_found() {
        assert_eq!(count("#[ignore]\n#[test]\nfn f() {}\n"), 1);
        assert_eq!(count("#[ignore = \"\"]\n"), 1);
        assert_eq!(count("#[cfg_attr(miri, ignore)]\n"), 1);
    }

    #[test]
    fn a_reason_is_enough() {
        assert_eq!(count("#[ignore = \"needs an accelerator\"]\n"), 0);
        assert_eq!(count("#[cfg_attr(miri, ignore = \"takes hours\")]\n"), 0);
        assert_eq!(count("// #[ignore]\nlet ignore = a[ignore];\n"), 0);
    }
}
