//! The few colours that the output uses.

/// How a piece of text looks.
///
/// Only the sixteen colours of the terminal's own palette are used, so that they fit its theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    Green,
    Grey,
    Blue,
    Cyan,
    BoldGreen,
    BoldRed,
}

impl Style {
    /// The sequence that switches back to plain text.
    pub(crate) const RESET: &str = "\x1b[0m";

    /// The sequence that switches this style on; empty for plain text.
    pub(crate) const fn start(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\x1b[1m",
            Self::Green => "\x1b[32m",
            Self::Grey => "\x1b[37m",
            Self::Blue => "\x1b[94m",
            Self::Cyan => "\x1b[96m",
            Self::BoldGreen => "\x1b[1;32m",
            Self::BoldRed => "\x1b[1;91m",
        }
    }

    /// The sequence that ends this style; empty for plain text.
    pub(crate) const fn end(self) -> &'static str {
        match self {
            Self::Plain => "",
            _ => Self::RESET,
        }
    }
}
