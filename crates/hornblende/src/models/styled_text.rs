//! The text of a table cell: wrapped, cut and padded by the columns it takes, colours aside.

use crate::terminal::{Style, char_width, printable};

/// Characters, each with its style.
#[derive(Debug, Clone, Default)]
pub(super) struct StyledText(Vec<(char, Style)>);

/// On which side of a cell its text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alignment {
    Left,
    Center,
    Right,
}

impl StyledText {
    /// Text of one style.
    pub(super) fn new(text: &str, style: Style) -> Self {
        let mut new = Self::default();
        new.push(text, style);
        new
    }

    /// Appends `text`; control characters are replaced, since names may come from a file.
    pub(super) fn push(&mut self, text: &str, style: Style) {
        self.0
            .extend(text.chars().map(|character| (printable(character), style)));
    }

    /// The columns of the longest part that has no space in it.
    pub(super) fn longest_word(&self) -> usize {
        self.words()
            .map(|word| width(trim_end(word)))
            .max()
            .unwrap_or(0)
    }

    /// Breaks the text between words into lines of `columns`; a word that is longer is cut with
    /// `…`.
    pub(super) fn wrap(&self, columns: usize) -> Vec<Self> {
        let mut lines: Vec<Vec<(char, Style)>> = vec![Vec::new()];
        let mut used = 0;
        for word in self.words() {
            if used > 0 && used + width(trim_end(word)) > columns {
                lines.push(Vec::new());
                used = 0;
            }
            used += width(word);
            if let Some(line) = lines.last_mut() {
                line.extend_from_slice(word);
            }
        }
        lines
            .into_iter()
            .map(|line| Self(cut(trim_end(&line), columns)))
            .collect()
    }

    /// Appends the text to `out`, padded to `columns` and, with `color`, in its styles.
    pub(super) fn write(&self, out: &mut String, columns: usize, side: Alignment, color: bool) {
        let free = columns.saturating_sub(width(&self.0));
        let before = match side {
            Alignment::Left => 0,
            Alignment::Center => free / 2,
            Alignment::Right => free,
        };
        out.extend(std::iter::repeat_n(' ', before));
        let mut current = Style::Plain;
        for &(character, style) in &self.0 {
            if color && style != current {
                out.push_str(current.end());
                out.push_str(style.start());
                current = style;
            }
            out.push(character);
        }
        out.push_str(current.end());
        out.extend(std::iter::repeat_n(' ', free - before));
    }

    /// The words, each with the spaces behind it; spaces at the very start belong to the first.
    fn words(&self) -> impl Iterator<Item = &[(char, Style)]> {
        let mut rest = self.0.as_slice();
        let mut first = true;
        std::iter::from_fn(move || {
            let leading = if first { run(rest, true) } else { 0 };
            first = false;
            let word = leading + run(&rest[leading..], false);
            let end = word + run(&rest[word..], true);
            let (taken, left) = rest.split_at(end);
            rest = left;
            (end > 0).then_some(taken)
        })
    }
}

/// The number of characters at the start that are (or are not) spaces.
fn run(text: &[(char, Style)], space: bool) -> usize {
    text.iter()
        .take_while(|(character, _)| (*character == ' ') == space)
        .count()
}

fn trim_end(text: &[(char, Style)]) -> &[(char, Style)] {
    let end = text
        .iter()
        .rposition(|(character, _)| *character != ' ')
        .map_or(0, |at| at + 1);
    &text[..end]
}

fn width(text: &[(char, Style)]) -> usize {
    text.iter()
        .map(|(character, _)| char_width(*character))
        .sum()
}

/// The start of `text` that fits into `columns`, with `…` in the place of what does not.
fn cut(text: &[(char, Style)], columns: usize) -> Vec<(char, Style)> {
    if width(text) <= columns {
        return text.to_vec();
    }
    let mut kept = Vec::new();
    let mut used = 0;
    for &(character, style) in text {
        used += char_width(character);
        // One column is for the sign of the cut.
        if used + 1 > columns {
            kept.push(('…', style));
            break;
        }
        kept.push((character, style));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, columns: usize) -> Vec<String> {
        let lines = StyledText::new(text, Style::Plain).wrap(columns);
        lines
            .iter()
            .map(|line| line.0.iter().map(|(character, _)| character).collect())
            .collect()
    }

    #[test]
    fn lines_break_between_words_and_long_words_are_cut() {
        assert_eq!(wrapped("dense (Dense)", 13), ["dense (Dense)"]);
        assert_eq!(wrapped("dense (Dense)", 12), ["dense", "(Dense)"]);
        assert_eq!(wrapped("convolution (Conv2D)", 8), ["convolu…", "(Conv2D)"]);
        assert_eq!(wrapped("   └ inner (Dense)", 10), ["   └ inner", "(Dense)"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn wide_characters_are_never_split() {
        assert_eq!(wrapped("编码器", 6), ["编码器"]);
        assert_eq!(wrapped("编码器", 5), ["编码…"]);
        assert_eq!(wrapped("编码器", 4), ["编…"]);
    }

    #[test]
    fn padding_stands_where_the_alignment_says() {
        let write = |side| {
            let mut out = String::new();
            StyledText::new("ab", Style::Green).write(&mut out, 5, side, true);
            out
        };
        assert_eq!(write(Alignment::Left), "\x1b[32mab\x1b[0m   ");
        assert_eq!(write(Alignment::Center), " \x1b[32mab\x1b[0m  ");
        assert_eq!(write(Alignment::Right), "   \x1b[32mab\x1b[0m");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(wrapped("a\x1b[2Jb\n", 20), ["a\u{fffd}[2Jb\u{fffd}"]);
    }
}
