//! The line that shows how far a download is.

use std::io::Write;
use std::time::{Duration, Instant};

use super::remote_file::RemoteFile;
use crate::terminal::{Style, Terminal};

const WIDEST_BAR: usize = 20;
const REDRAW_EVERY: Duration = Duration::from_millis(100);

/// The line that shows how far a download is: redrawn in place on a terminal; a pipe gets the
/// address and nothing else.
#[derive(Debug)]
pub(super) struct DownloadProgress<W: Write> {
    terminal: Terminal,
    writer: W,
    total: u64,
    drawn: Option<Instant>,
}

impl<W: Write> DownloadProgress<W> {
    pub(super) const fn new(terminal: Terminal, writer: W) -> Self {
        Self {
            terminal,
            writer,
            total: 0,
            drawn: None,
        }
    }

    /// Says what is about to be downloaded.
    pub(super) fn begin(&mut self, file: &RemoteFile) {
        self.total = file.len;
        self.write(&format!("Downloading data from {}\n", file.url));
    }

    /// Shows that `done` bytes are there, at most ten times a second.
    pub(super) fn advance(&mut self, done: u64) {
        let is_due = self
            .drawn
            .is_none_or(|drawn| drawn.elapsed() >= REDRAW_EVERY);
        if self.terminal.is_terminal() && (is_due || done >= self.total) {
            let line = line(done, self.total, self.terminal);
            self.write(&format!("\r{line}"));
            self.drawn = Some(Instant::now());
        }
    }

    fn write(&mut self, text: &str) {
        // Whoever closed the other end of the pipe still wants the file.
        let _ = self
            .writer
            .write_all(text.as_bytes())
            .and_then(|()| self.writer.flush());
    }
}

impl<W: Write> Drop for DownloadProgress<W> {
    /// What is printed next, be it an error, begins on a line of its own.
    fn drop(&mut self) {
        if self.drawn.is_some() {
            self.write("\n");
        }
    }
}

/// `4.2/11.5 MB ━━━━━━━━━━━━━━━━━━━━ 37%`, as long at the end as at the beginning, so that each
/// line covers the one before; the bar shrinks in a narrow window.
fn line(done: u64, total: u64, terminal: Terminal) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let whole = format!("{:.1}", megabytes(total));
    let head = format!("{:>1$.1}/{whole} MB ", megabytes(done), whole.len());
    let share = if total == 0 {
        1.0
    } else {
        done.min(total) as f64 / total as f64
    };
    let tail = format!(" {:3.0}%", share * 100.0);
    // The last column stays free: some terminals wrap when it is written.
    let room = terminal.columns().map_or(WIDEST_BAR, |columns| {
        columns
            .saturating_sub(head.len() + tail.len() + 1)
            .min(WIDEST_BAR)
    });
    let filled = (share * room as f64) as usize;
    let (full, rest) = ("━".repeat(filled), "━".repeat(room - filled));
    if !terminal.color() {
        return format!("{head}{full}{}{tail}", " ".repeat(room - filled));
    }
    let (green, grey) = (Style::Green, Style::Grey);
    format!(
        "{head}{}{full}{}{}{rest}{}{tail}",
        green.start(),
        green.end(),
        grey.start(),
        grey.end()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(terminal: Terminal) -> String {
        let file = RemoteFile {
            name: "x.npz",
            url: "https://example.org/x.npz".to_owned(),
            len: 11_490_434,
            sha256: "",
        };
        let mut text = Vec::new();
        let mut progress = DownloadProgress::new(terminal, &mut text);
        progress.begin(&file);
        (0..=200).for_each(|step| progress.advance(file.len * step / 200));
        drop(progress);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_pipe_gets_one_line() {
        let expected = "Downloading data from https://example.org/x.npz\n";
        assert_eq!(printed(Terminal::plain()), expected);
    }

    #[test]
    fn a_terminal_gets_one_line_that_is_redrawn_and_ends_full() {
        let text = printed(Terminal::fixed(80, false));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines[1].starts_with("\r 0.0/11.5 MB                        0%"),
            "{text:?}"
        );
        assert!(
            lines[1].ends_with("\r11.5/11.5 MB ━━━━━━━━━━━━━━━━━━━━ 100%"),
            "{text:?}"
        );
        // Two hundred steps take far less than a tenth of a second each.
        assert!(lines[1].matches('\r').count() < 20, "{text:?}");
    }

    #[test]
    fn lines_are_equally_wide_and_narrower_than_the_window() {
        for columns in [19, 25, 30, 80] {
            let terminal = Terminal::fixed(columns, false);
            let widths: Vec<usize> = [0, 4_200_000, 11_490_434]
                .iter()
                .map(|&done| line(done, 11_490_434, terminal).chars().count())
                .collect();
            assert!(
                widths
                    .iter()
                    .all(|&width| width == widths[0] && width < columns)
            );
        }
    }

    #[test]
    fn colours_do_not_change_the_width() {
        let plain = line(5, 10, Terminal::fixed(80, false));
        let mut coloured = line(5, 10, Terminal::fixed(80, true));
        for style in [Style::Green.start(), Style::Grey.start(), Style::RESET] {
            assert!(coloured.contains(style));
            coloured = coloured.replace(style, "");
        }
        assert_eq!(coloured.chars().count(), plain.chars().count());
    }
}
