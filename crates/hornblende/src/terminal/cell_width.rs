//! How many columns a character takes: names may be Chinese, where a character takes two.

use unicode_width::UnicodeWidthChar;

/// What is written for `character`: itself, or a replacement sign for a control character, which
/// could otherwise move the cursor or break the line.
pub(crate) fn printable(character: char) -> char {
    if character.is_control() {
        char::REPLACEMENT_CHARACTER
    } else {
        character
    }
}

/// The columns that `character` takes.
pub(crate) fn char_width(character: char) -> usize {
    printable(character).width().unwrap_or(0)
}

/// The columns that `text` takes.
pub(crate) fn text_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_characters_are_measured_as_they_show() {
        assert_eq!(text_width("loss"), 4);
        assert_eq!(text_width("损失"), 4);
        assert_eq!(text_width("e\u{301}"), 1);
        assert_eq!(text_width("━…"), 2);
    }

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(printable('\n'), '\u{fffd}');
        assert_eq!(text_width("a\x1bb"), 3);
    }
}
