//! The arrow tables of `ARCHITECTURE.md`: who may use whom.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use super::tree::Tree;

/// Where the tables are written down.
pub(crate) const DOCUMENT: &str = "ARCHITECTURE.md";

/// One table: a fenced block whose info string is `arrows SUBJECT`.
///
/// Each line is a chain such as `ops -> {losses, metrics} -> training`; `a -> b` reads "b may use a", and
/// also whatever a may use. The members of a set do not use one another. A name alone on its line may use
/// nothing.
#[derive(Debug)]
pub(crate) struct ArrowTable {
    may_use: BTreeMap<String, BTreeSet<String>>,
}

impl ArrowTable {
    /// All tables of the document by subject; what cannot be read is reported.
    pub(crate) fn read_all(tree: &Tree) -> (BTreeMap<String, Self>, Vec<Finding>) {
        let mut tables = BTreeMap::new();
        let mut findings = Vec::new();
        for block in blocks(tree.text(DOCUMENT).unwrap_or_default(), "arrows") {
            match Self::parse(&block.body) {
                Ok(table) => {
                    tables.insert(block.subject, table);
                }
                Err(message) => findings.push(Finding::at(DOCUMENT, block.line, message)),
            }
        }
        (tables, findings)
    }

    /// Reads the body of a block.
    pub(crate) fn parse(body: &str) -> Result<Self, String> {
        let mut may_use: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in body.lines().filter(|line| !line.trim().is_empty()) {
            let links = line.split("->").map(names).collect::<Result<Vec<_>, _>>()?;
            for name in links.iter().flatten() {
                may_use.entry(name.clone()).or_default();
            }
            for pair in links.windows(2) {
                for user in &pair[1] {
                    may_use
                        .entry(user.clone())
                        .or_default()
                        .extend(pair[0].iter().cloned());
                }
            }
        }
        close(&mut may_use);
        match may_use.iter().find(|(name, used)| used.contains(*name)) {
            Some((name, _)) => Err(format!("the arrows lead from `{name}` back to itself")),
            None => Ok(Self { may_use }),
        }
    }

    /// Whether the table names `node`.
    pub(crate) fn knows(&self, node: &str) -> bool {
        self.may_use.contains_key(node)
    }

    /// Whether `user` may use `used`; both are nodes of the table.
    pub(crate) fn allows(&self, user: &str, used: &str) -> bool {
        user == used || self.may_use.get(user).is_some_and(|all| all.contains(used))
    }
}

/// A fenced block of the document.
#[derive(Debug)]
pub(crate) struct Block {
    /// What follows the first word of the info string.
    pub(crate) subject: String,
    /// The line of the opening fence, counted from 1.
    pub(crate) line: usize,
    /// The lines between the fences.
    pub(crate) body: String,
}

/// The fenced blocks whose info string begins with the word `kind`.
pub(crate) fn blocks(document: &str, kind: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in document.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(info), None) => {
                let subject = info
                    .trim()
                    .strip_prefix(kind)
                    .unwrap_or_default()
                    .trim()
                    .to_owned();
                open = Some(Block {
                    subject,
                    line: number + 1,
                    body: String::new(),
                });
            }
            (None, Some(block)) => {
                block.body.push_str(line);
                block.body.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks.retain(|block| {
        document.lines().nth(block.line - 1).is_some_and(|fence| {
            fence.trim_start_matches('`').split_whitespace().next() == Some(kind)
        })
    });
    blocks
}

/// The names of one link of a chain: `a` or `{a, b}`.
fn names(link: &str) -> Result<Vec<String>, String> {
    let link = link.trim();
    let inner = match link.strip_prefix('{') {
        Some(rest) => rest
            .strip_suffix('}')
            .ok_or(format!("`{link}` lacks its `}}`"))?,
        None => link,
    };
    inner
        .split(',')
        .map(str::trim)
        .map(|name| {
            let is_name = !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
            is_name
                .then(|| name.to_owned())
                .ok_or(format!("`{name}` in `{link}` is no name"))
        })
        .collect()
}

/// Adds to each set what its members may use, until nothing is added.
fn close(may_use: &mut BTreeMap<String, BTreeSet<String>>) {
    loop {
        let mut grown = false;
        for name in may_use.keys().cloned().collect::<Vec<_>>() {
            let reached: BTreeSet<String> = may_use[&name]
                .iter()
                .flat_map(|used| may_use[used].iter().cloned())
                .collect();
            let used = may_use.entry(name).or_default();
            let before = used.len();
            used.extend(reached);
            grown |= used.len() > before;
        }
        if !grown {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_reaches_all_that_comes_before() {
        let table = ArrowTable::parse("ops -> {losses, metrics} -> training\nlone\n").unwrap();
        assert!(table.allows("training", "losses"));
        assert!(table.allows("training", "ops"));
        assert!(!table.allows("ops", "training"));
        assert!(!table.allows("losses", "metrics"));
        assert!(!table.allows("lone", "ops"));
        assert!(table.knows("lone"));
    }

    #[test]
    fn a_circle_is_an_error() {
        let error = ArrowTable::parse("a -> b -> c\nc -> a").unwrap_err();
        assert!(error.contains("back to itself"), "{error}");
    }

    #[test]
    fn what_is_no_name_is_an_error() {
        assert!(
            ArrowTable::parse("a -> {b, c")
                .unwrap_err()
                .contains("lacks")
        );
        assert!(
            ArrowTable::parse("a -> -> b")
                .unwrap_err()
                .contains("no name")
        );
    }

    #[test]
    fn only_blocks_of_the_kind_are_read() {
        let text =
            "x\n```arrows crates\na -> b\n```\n```text\narrows\n```\n```arrows m/src\nc\n```\n";
        let found: Vec<_> = blocks(text, "arrows")
            .into_iter()
            .map(|b| (b.subject, b.line, b.body))
            .collect();
        assert_eq!(
            found,
            [
                ("crates".into(), 2, "a -> b\n".into()),
                ("m/src".into(), 8, "c\n".into())
            ]
        );
    }
}
