//! A Rust file, taken apart just far enough: code, comments, literals and test code.

/// What a byte of the file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

/// A Rust file in which code can be searched without meeting comments and string literals.
///
/// This is a lexer, not a parser: it knows comments (nested ones too), strings, raw strings, characters and
/// lifetimes, and it finds the items under `#[cfg(test)]` by their braces.
#[derive(Debug)]
pub(crate) struct Source {
    text: String,
    kinds: Vec<Kind>,
    code: String,
    line_starts: Vec<usize>,
    test_lines: Vec<bool>,
}

impl Source {
    /// Takes a file apart. Text that is not valid Rust gives a harmless, possibly wrong, division.
    pub(crate) fn new(text: &str) -> Self {
        let kinds = classify(text);
        let code = keep(text, &kinds, Kind::Code);
        let line_starts = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|&(_, byte)| byte == b'\n')
                    .map(|(at, _)| at + 1),
            )
            .filter(|&start| start < text.len())
            .collect::<Vec<_>>();
        let mut source = Self {
            text: text.to_owned(),
            kinds,
            code,
            test_lines: vec![false; line_starts.len()],
            line_starts,
        };
        source.mark_test_items();
        source
    }

    /// Declares the whole file test code.
    pub(crate) fn mark_all_as_test(&mut self) {
        self.test_lines.fill(true);
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text with comments and literals replaced by spaces; byte offsets are those of the file.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// Number of lines.
    pub(crate) fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The line, counted from 1, that holds a byte offset.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }

    /// Line `line` of the file, without its line break.
    pub(crate) fn line(&self, line: usize) -> &str {
        &self.text[self.line_range(line)]
    }

    /// Line `line` of [`Source::code`].
    pub(crate) fn code_line(&self, line: usize) -> &str {
        &self.code[self.line_range(line)]
    }

    /// The comments on line `line`, and nothing else.
    pub(crate) fn comment_line(&self, line: usize) -> String {
        let range = self.line_range(line);
        keep(&self.text[range.clone()], &self.kinds[range], Kind::Comment)
    }

    /// Whether line `line` is under `#[cfg(test)]` or in a test file.
    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.test_lines[line - 1]
    }

    /// Whether the byte at `offset` is inside a string or character literal.
    pub(crate) fn is_literal(&self, offset: usize) -> bool {
        self.kinds.get(offset) == Some(&Kind::Literal)
    }

    /// Offsets in the code at which `word` stands as a whole identifier.
    pub(crate) fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        words(&self.code, word)
    }

    /// The names of out-of-line modules declared under `#[cfg(test)]`: `#[cfg(test)] mod tests;`.
    pub(crate) fn test_modules(&self) -> Vec<&str> {
        self.words("mod")
            .filter(|&at| self.is_test_line(self.line_of(at)))
            .filter_map(|at| {
                let (name, rest) = split_identifier(self.code[at + 3..].trim_start());
                (!name.is_empty() && rest.trim_start().starts_with(';')).then_some(name)
            })
            .collect()
    }

    /// The inline modules that enclose `offset`, outermost first.
    pub(crate) fn inline_modules(&self, offset: usize) -> Vec<&str> {
        self.words("mod")
            .take_while(|&at| at < offset)
            .filter_map(|at| {
                let (name, rest) = split_identifier(self.code[at + 3..].trim_start());
                let rest = rest.trim_start();
                let open = self.code.len() - rest.len();
                let is_inside = rest.starts_with('{') && offset < matching(&self.code, open);
                (is_inside && offset > open).then_some(name)
            })
            .collect()
    }

    fn line_range(&self, line: usize) -> std::ops::Range<usize> {
        let start = self.line_starts[line - 1];
        let end = self
            .line_starts
            .get(line)
            .copied()
            .unwrap_or(self.text.len());
        let length = self.text[start..end].trim_end_matches(['\n', '\r']).len();
        start..start + length
    }

    fn mark_test_items(&mut self) {
        if self.code.contains("#![cfg(test)]") {
            return self.mark_all_as_test();
        }
        let mut at = 0;
        while let Some(found) = self.code[at..].find("#[") {
            let start = at + found;
            let end = matching(&self.code, start + 1);
            at = end;
            if is_test_configuration(&self.code[start..end]) {
                at = end_of_item(&self.code, end);
                let last = self.line_of(at.saturating_sub(1).max(start));
                let first = self.line_of(start);
                self.test_lines[first - 1..last].fill(true);
            }
        }
    }
}

/// Offsets at which `word` stands in `text` as a whole identifier.
pub(crate) fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !before.is_some_and(is_identifier_char) && !after.is_some_and(is_identifier_char)
        })
}

/// Whether a character may be part of an identifier.
pub(crate) fn is_identifier_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Splits off the identifier at the start of `text`; it is empty if there is none.
pub(crate) fn split_identifier(text: &str) -> (&str, &str) {
    let end = text.find(|c| !is_identifier_char(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// The offset just past the bracket that closes the one at `open`, or the end of the text.
pub(crate) fn matching(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// Whether an attribute switches an item on in tests only.
fn is_test_configuration(attribute: &str) -> bool {
    let inner = attribute.trim_start_matches("#[").trim_start();
    inner.starts_with("cfg(") && words(inner, "test").next().is_some() && !inner.contains("not(")
}

/// The offset just past the item that begins at or after `start`, its other attributes included.
fn end_of_item(code: &str, start: usize) -> usize {
    let mut at = start;
    while at < code.len() {
        match code.as_bytes()[at] {
            b';' => return at + 1,
            b'{' => return matching(code, at),
            b'(' | b'[' => at = matching(code, at),
            _ => at += 1,
        }
    }
    code.len()
}

/// `text` with every byte that is not of `kind` replaced by a space; line breaks stay.
fn keep(text: &str, kinds: &[Kind], kind: Kind) -> String {
    let mut kept = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c == '\n' || kinds[at] == kind {
            kept.push(c);
        } else {
            kept.extend(std::iter::repeat_n(' ', c.len_utf8()));
        }
    }
    kept
}

/// Says for each byte what it belongs to.
fn classify(text: &str) -> Vec<Kind> {
    let mut kinds = vec![Kind::Code; text.len()];
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let (length, kind) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), Kind::Comment)
        } else if rest.starts_with("/*") {
            (block_comment(rest), Kind::Comment)
        } else if rest.starts_with('"') {
            (quoted(rest, '"'), Kind::Literal)
        } else if let Some(length) = character(rest) {
            (length, Kind::Literal)
        } else if rest.starts_with(is_identifier_char) {
            let (word, after) = split_identifier(rest);
            match raw_string(word, after) {
                Some(length) => (word.len() + length, Kind::Literal),
                None => (word.len(), Kind::Code),
            }
        } else {
            (rest.chars().next().map_or(1, char::len_utf8), Kind::Code)
        };
        kinds[at..at + length].fill(kind);
        at += length;
    }
    kinds
}

/// Length of the block comment, nested ones included, at the start of `text`.
fn block_comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0;
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

/// Length of the literal between two `quote`s at the start of `text`.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}

/// Length of the character literal at the start of `text`; `None` for a lifetime or anything else.
fn character(text: &str) -> Option<usize> {
    let mut chars = text.strip_prefix('\'')?.chars();
    let first = chars.next()?;
    (first == '\\' || chars.next() == Some('\'')).then(|| quoted(text, '\''))
}

/// Length of the rest of a raw string, given its prefix (`r`, `br`, `cr`) and what follows.
fn raw_string(prefix: &str, text: &str) -> Option<usize> {
    if !matches!(prefix, "r" | "br" | "cr") {
        return None;
    }
    let hashes = text.len() - text.trim_start_matches('#').len();
    let body = text[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&close).map_or(body.len(), |at| at + close.len());
    Some(hashes + 1 + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let source = Source::new(
            "let a = \"todo! \\\" /*\"; // todo!\nlet b = r#\"x \" todo!\"#; /* a /* b */ todo! */ c",
        );
        assert!(!source.code().contains("todo"));
        assert!(source.code().contains("let b ="));
        assert!(source.code().ends_with(" c"));
        assert_eq!(source.code().len(), source.text().len());
        assert_eq!(source.comment_line(1).trim(), "// todo!");
    }

    #[test]
    fn lifetimes_are_code_and_characters_are_not() {
        let source = Source::new("fn f<'a>(x: &'a str) { g('\"', '\\'', b'x', 'é'); h(x) }");
        assert!(source.code().contains("fn f<'a>(x: &'a str) {"));
        assert!(source.code().contains("h(x) }"));
        assert!(!source.code().contains('"'));
    }

    #[test]
    fn test_items_end_with_their_brace() {
        let source = Source::new(
            "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n",
        );
        let lines: Vec<bool> = (1..=7).map(|line| source.is_test_line(line)).collect();
        assert_eq!(lines, [false, true, true, true, true, true, false]);
    }

    #[test]
    fn code_that_is_left_out_of_tests_is_no_test_code() {
        let source = Source::new("#[cfg(not(test))]\nfn a() {}\n");
        assert!(!source.is_test_line(2));
    }

    #[test]
    fn modules_declared_for_tests_only_are_named() {
        let source =
            Source::new("mod a;\n#[cfg(test)]\nmod checks;\n#[cfg(test)]\nmod tests { }\n");
        assert_eq!(source.test_modules(), ["checks"]);
    }

    #[test]
    fn inline_modules_enclose_what_is_between_their_braces() {
        let text = "mod a { mod b { x } y }";
        let source = Source::new(text);
        assert_eq!(source.inline_modules(text.find('x').unwrap()), ["a", "b"]);
        assert_eq!(source.inline_modules(text.find('y').unwrap()), ["a"]);
    }

    #[test]
    fn words_are_whole_identifiers() {
        let source = Source::new("unsafe_code unsafe { my_unsafe }");
        assert_eq!(source.words("unsafe").collect::<Vec<_>>(), [12]);
    }

    #[test]
    fn lines_are_counted_from_one() {
        let source = Source::new("a\nbc\n");
        assert_eq!(source.line_count(), 2);
        assert_eq!(
            (source.line_of(0), source.line_of(2), source.line_of(3)),
            (1, 2, 2)
        );
        assert_eq!((source.line(1), source.line(2)), ("a", "bc"));
    }
}
