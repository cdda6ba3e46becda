//! What is known about the place a person reads: is it a terminal, how wide is it, may it be
//! coloured.

mod cell_width;
mod style;

pub(crate) use cell_width::{char_width, printable, text_width};
pub(crate) use style::Style;

use std::io::{self, IsTerminal};

/// The place that text is written to.
///
/// A terminal can redraw a line; a pipe or a file cannot, and gets neither control characters nor
/// cut lines.
///
/// # Example
/// ```
/// use hornblende::terminal::Terminal;
/// let pipe = Terminal::plain();
/// assert!(!pipe.is_terminal());
/// assert_eq!(pipe.columns(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    is_terminal: bool,
    color: bool,
    columns: Columns,
}

/// Where the number of columns comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    /// A pipe, a file, or a terminal that does not say: lines are as long as they need to be.
    Unlimited,
    /// Set by the caller or by the environment variable `COLUMNS`.
    Fixed(usize),
    /// The window of standard output, asked anew each time because people resize it.
    Window,
}

impl Terminal {
    /// Standard output as it is now.
    ///
    /// `TERM=dumb` counts as a pipe, `NO_COLOR` (set and not empty) turns colours off, and
    /// `COLUMNS` overrides the width of the window.
    #[must_use]
    pub fn stdout() -> Self {
        Self::detect(io::stdout().is_terminal(), |name| std::env::var(name).ok())
    }

    /// A pipe or a file: no control characters, no colours, no limit to the width.
    #[must_use]
    pub const fn plain() -> Self {
        Self {
            is_terminal: false,
            color: false,
            columns: Columns::Unlimited,
        }
    }

    /// A terminal of a known number of `columns`, with or without `color`.
    #[must_use]
    pub const fn fixed(columns: usize, color: bool) -> Self {
        Self {
            is_terminal: true,
            color,
            columns: Columns::Fixed(columns),
        }
    }

    /// Whether a line that was written can be redrawn.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Whether text may be coloured.
    #[must_use]
    pub const fn color(&self) -> bool {
        self.color
    }

    /// The number of columns now, or `None` where nothing limits a line.
    #[must_use]
    pub fn columns(&self) -> Option<usize> {
        match self.columns {
            Columns::Unlimited => None,
            Columns::Fixed(columns) => Some(columns),
            Columns::Window => window_columns(),
        }
    }

    fn detect(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        if !is_terminal || variable("TERM").is_some_and(|term| term == "dumb") {
            return Self::plain();
        }
        let columns = variable("COLUMNS")
            .and_then(|columns| columns.trim().parse().ok())
            .filter(|&columns: &usize| columns > 0)
            .map_or(Columns::Window, Columns::Fixed);
        let color = variable("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            is_terminal: true,
            color,
            columns,
        }
    }
}

/// The width of the window behind standard output; some report zero when they do not know.
fn window_columns() -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(columns)).filter(|&columns| columns > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(is_terminal: bool, variables: &[(&str, &str)]) -> Terminal {
        Terminal::detect(is_terminal, |name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_string())
        })
    }

    #[test]
    fn a_pipe_is_plain_whatever_the_environment_says() {
        assert_eq!(
            detect(false, &[("COLUMNS", "100"), ("TERM", "xterm")]),
            Terminal::plain()
        );
    }

    #[test]
    fn a_dumb_terminal_is_treated_as_a_pipe() {
        assert_eq!(detect(true, &[("TERM", "dumb")]), Terminal::plain());
    }

    #[test]
    fn no_color_turns_colours_off_but_only_when_it_is_not_empty() {
        assert!(detect(true, &[]).color());
        assert!(detect(true, &[("NO_COLOR", "")]).color());
        let quiet = detect(true, &[("NO_COLOR", "1")]);
        assert!(!quiet.color() && quiet.is_terminal());
    }

    #[test]
    fn columns_from_the_environment_win_when_they_are_a_number_above_zero() {
        assert_eq!(
            detect(true, &[("COLUMNS", " 44 ")]),
            Terminal::fixed(44, true)
        );
        for nonsense in ["", "0", "-3", "wide"] {
            assert_eq!(
                detect(true, &[("COLUMNS", nonsense)]).columns,
                Columns::Window
            );
        }
    }
}
