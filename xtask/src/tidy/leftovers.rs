//! Nothing unfinished stays behind.

use super::finding::Finding;
use super::tree::Tree;

const MACROS: &[&str] = &["todo", "unimplemented", "dbg"];

/// Finds `todo!`, `unimplemented!` and `dbg!`, in tests too.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in tree.sources() {
        for name in MACROS {
            for at in source.words(name) {
                if source.code()[at + name.len()..].starts_with('!') {
                    let message = format!("`{name}!` is for work in progress only");
                    findings.push(Finding::at(path, source.line_of(at), message));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_code_is_found() {
        let tree = Tree::of(&[(
            "a.rs",
            "fn f() {\n    todo!()\n}\nfn g() { dbg!(unimplemented!()) }\n",
        )]);
        assert_eq!(check(&tree).len(), 3);
        assert_eq!(
            check(&tree)[0].to_string(),
            "a.rs:2: `todo!` is for work in progress only"
        );
    }

    #[test]
    fn names_and_comments_are_exempt() {
        let tree = Tree::of(&[("a.rs", "// todo!\nlet todo = \"todo!\";\nmy_dbg!(x);\n")]);
        assert!(check(&tree).is_empty());
    }
}
