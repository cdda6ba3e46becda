//! The text of one progress line: what is shown, in which order, and what gives way when the
//! window is narrow.

use std::fmt::Write;
use std::ops::Range;

use super::ProgressStyle;
use crate::terminal::{Style, char_width, printable, text_width};

/// The bar shrinks to this and no further: below it, progress can no longer be seen.
const LEAST_BAR_WIDTH: usize = 5;

/// Everything that one drawing of the progress line shows.
pub(super) struct ProgressLine<'a, N> {
    pub(super) style: ProgressStyle,
    pub(super) step: usize,
    /// The last step; `None` while it is unknown.
    pub(super) target: Option<usize>,
    pub(super) finished: bool,
    /// Seconds since the start.
    pub(super) elapsed: f64,
    pub(super) seconds_per_step: f64,
    pub(super) metrics: &'a [(N, f64)],
}

impl<N: AsRef<str>> ProgressLine<'_, N> {
    /// Appends the line with the bar to `out`.
    ///
    /// While the run goes on the line takes no more than `columns`: the bar shrinks, then the rest
    /// is cut with `…`. A finished line is not drawn over again, so it may wrap and nothing of it
    /// is cut; its bar shrinks where that is enough to keep it on one row. `tail` is a buffer that
    /// is only lent, so that drawing needs no memory of its own.
    pub(super) fn write_bar(
        &self,
        out: &mut String,
        tail: &mut String,
        columns: Option<usize>,
        color: bool,
    ) {
        tail.clear();
        let clock = self.write_times(tail);
        self.write_metrics(tail);

        let limit = columns.unwrap_or(usize::MAX);
        let around = self.head_width() + text_width(tail);
        let bar_width = self.fitting_bar_width(around, limit);
        let total = around + bar_width;
        // The cut itself takes a column.
        let room = if self.finished || total <= limit {
            total
        } else {
            limit.saturating_sub(1)
        };

        let mut pen = Pen {
            out,
            color,
            room,
            cut: false,
        };
        self.write_head(&mut pen, bar_width);
        pen.write(&tail[..clock.start], Style::Plain);
        pen.write(&tail[clock.clone()], self.emphasis());
        pen.write(&tail[clock.end..], Style::Plain);
    }

    /// Appends the line of `verbose = 2` to `out`; it has no bar and is never cut.
    pub(super) fn write_plain(&self, out: &mut String) {
        match self.target {
            Some(target) => push(
                out,
                format_args!("{:>1$}/{target}", self.step, digits(target)),
            ),
            None => push(out, format_args!("{}/Unknown", self.step)),
        }
        push(out, format_args!(" - {:.0}s", self.elapsed));
        match self.style {
            ProgressStyle::Keras3 => {
                out.push_str(" -");
                write_duration(out, self.seconds_per_step, "step");
                self.write_metrics(out);
            }
            ProgressStyle::Keras2 => {
                self.write_metrics(out);
                out.push_str(" -");
                write_duration(out, self.elapsed, "epoch");
                out.push_str(" -");
                // Keras 2 divides the whole time, first step included.
                write_duration(out, self.elapsed / self.step.max(1) as f64, "step");
            }
        }
    }

    /// The columns of everything before the times except the bar itself.
    fn head_width(&self) -> usize {
        match (self.target, self.style) {
            (None, _) => digits(self.step).max(7) + "/Unknown".len(),
            (Some(target), style) => {
                let count = digits(self.step).max(digits(target)) + 1 + digits(target);
                let around_bar = match style {
                    ProgressStyle::Keras3 => " ".len(),
                    ProgressStyle::Keras2 => " []".len(),
                };
                count + around_bar
            }
        }
    }

    fn fitting_bar_width(&self, around: usize, limit: usize) -> usize {
        if self.target.is_none() {
            return 0;
        }
        let whole = self.style.bar_width();
        let room = limit.saturating_sub(around);
        if self.finished && room < LEAST_BAR_WIDTH {
            return whole;
        }
        room.clamp(LEAST_BAR_WIDTH, whole)
    }

    fn write_head(&self, pen: &mut Pen<'_>, bar_width: usize) {
        let Some(target) = self.target else {
            pen.write_args(format_args!("{:>7}/Unknown", self.step), Style::Plain);
            return;
        };
        let count = format_args!("{:>1$}/{target}", self.step, digits(target));
        pen.write_args(count, self.emphasis());
        let done = (bar_width as f64 * (self.step as f64 / target as f64)) as usize;
        let done = done.min(bar_width);
        match self.style {
            ProgressStyle::Keras3 => {
                // Without colours the two parts must differ by their sign.
                let rest = if pen.color { '━' } else { '─' };
                pen.write(" ", Style::Plain);
                pen.repeat('━', done, Style::Green);
                pen.repeat(rest, bar_width - done, Style::Grey);
            }
            ProgressStyle::Keras2 => {
                let head = if self.step < target { '>' } else { '=' };
                pen.write(" [", Style::Plain);
                pen.repeat('=', done.saturating_sub(1), Style::Plain);
                pen.repeat(head, done.min(1), Style::Plain);
                pen.repeat('.', bar_width - done, Style::Plain);
                pen.write("]", Style::Plain);
            }
        }
    }

    /// Writes the time that is left (or that has passed) and the time of a step; returns where in
    /// `out` the former stands.
    fn write_times(&self, out: &mut String) -> Range<usize> {
        let remaining = match self.target {
            Some(target) if !self.finished => {
                Some(self.seconds_per_step * target.saturating_sub(self.step) as f64)
            }
            _ => None,
        };
        out.push_str(match (self.style, remaining) {
            (ProgressStyle::Keras3, _) => " ",
            (ProgressStyle::Keras2, Some(_)) => " - ETA: ",
            (ProgressStyle::Keras2, None) => " - ",
        });
        let start = out.len();
        match remaining {
            Some(seconds) => write_remaining(out, seconds),
            None => push(out, format_args!("{:.0}s", self.elapsed)),
        }
        let end = out.len();
        // Keras 2 shows the time of a step only where it shows no estimate.
        if self.style == ProgressStyle::Keras3 || remaining.is_none() {
            write_duration(out, self.seconds_per_step, "step");
        }
        start..end
    }

    fn write_metrics(&self, out: &mut String) {
        for (name, value) in self.metrics {
            out.push_str(" - ");
            out.extend(name.as_ref().chars().map(printable));
            out.push_str(": ");
            write_value(out, *value);
        }
    }

    fn emphasis(&self) -> Style {
        match self.style {
            ProgressStyle::Keras3 => Style::Bold,
            ProgressStyle::Keras2 => Style::Plain,
        }
    }
}

/// Writes styled text into a limited number of columns and ends with `…` where they run out.
struct Pen<'a> {
    out: &'a mut String,
    color: bool,
    room: usize,
    cut: bool,
}

impl Pen<'_> {
    fn write(&mut self, text: &str, style: Style) {
        if text.is_empty() || self.cut {
            return;
        }
        self.styled(style, |pen| {
            text.chars().for_each(|character| pen.put(character))
        });
    }

    fn write_args(&mut self, text: std::fmt::Arguments<'_>, style: Style) {
        if !self.cut {
            self.styled(style, |pen| push(pen, text));
        }
    }

    fn repeat(&mut self, character: char, times: usize, style: Style) {
        if times > 0 && !self.cut {
            self.styled(style, |pen| (0..times).for_each(|_| pen.put(character)));
        }
    }

    fn styled(&mut self, style: Style, write: impl FnOnce(&mut Self)) {
        let style = if self.color { style } else { Style::Plain };
        self.out.push_str(style.start());
        write(self);
        self.out.push_str(style.end());
    }

    fn put(&mut self, character: char) {
        if self.cut {
            return;
        }
        let width = char_width(character);
        if width > self.room {
            self.cut = true;
            self.out.push('…');
        } else {
            self.room -= width;
            self.out.push(printable(character));
        }
    }
}

impl Write for Pen<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        text.chars().for_each(|character| self.put(character));
        Ok(())
    }
}

/// Writing into text in memory cannot fail, so there is no error to hand on.
fn push(out: &mut impl Write, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

fn digits(number: usize) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

/// The time that is left: `42s`, `3:07` or `1:02:03`.
fn write_remaining(out: &mut String, seconds: f64) {
    let whole = seconds as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    if seconds > 3600.0 {
        push(out, format_args!("{hours}:{minutes:02}:{rest:02}"));
    } else if seconds > 60.0 {
        push(out, format_args!("{}:{rest:02}", whole / 60));
    } else {
        push(out, format_args!("{whole}s"));
    }
}

/// The time of one `unit` in the largest unit of time that keeps it at 1 or more.
fn write_duration(out: &mut String, seconds: f64, unit: &str) {
    if seconds >= 1.0 || seconds == 0.0 {
        push(out, format_args!(" {seconds:.0}s/{unit}"));
    } else if seconds >= 1e-3 {
        push(out, format_args!(" {:.0}ms/{unit}", seconds * 1e3));
    } else {
        push(out, format_args!(" {:.0}us/{unit}", seconds * 1e6));
    }
}

/// A metric's value as C's `%.4f`, or `%.4e` for magnitudes up to 0.001.
fn write_value(out: &mut String, value: f64) {
    if value.is_nan() {
        out.push_str("nan");
    } else if value.is_infinite() {
        push(out, format_args!("{value}"));
    } else if value.abs() > 1e-3 {
        push(out, format_args!("{value:.4}"));
    } else {
        write_scientific(out, value);
    }
}

/// C's `%.4e`: Rust writes the exponent without its sign and leading zero.
fn write_scientific(out: &mut String, value: f64) {
    let start = out.len();
    push(out, format_args!("{value:.4e}"));
    let Some(mark) = out[start..].find('e').map(|at| start + at) else {
        return;
    };
    let exponent: i32 = out[mark + 1..].parse().unwrap_or(0);
    out.truncate(mark);
    let sign = if exponent < 0 { '-' } else { '+' };
    push(out, format_args!("e{sign}{:02}", exponent.unsigned_abs()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(metrics: &'a [(&'a str, f64)]) -> ProgressLine<'a, &'a str> {
        ProgressLine {
            style: ProgressStyle::Keras3,
            step: 3,
            target: Some(10),
            finished: false,
            elapsed: 2.0,
            seconds_per_step: 0.577,
            metrics,
        }
    }

    fn bar<N: AsRef<str>>(line: &ProgressLine<'_, N>, columns: Option<usize>) -> String {
        let mut out = String::new();
        line.write_bar(&mut out, &mut String::new(), columns, false);
        out
    }

    fn value(value: f64) -> String {
        let mut out = String::new();
        write_value(&mut out, value);
        out
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        // Each right side is what Python's `f"{v:.4f}"` or `f"{v:.4e}"` prints.
        assert_eq!(value(0.078125), "0.0781");
        assert_eq!(value(-2.5), "-2.5000");
        assert_eq!(value(1e-3), "1.0000e-03");
        assert_eq!(value(-9.99999e-4), "-1.0000e-03");
        assert_eq!(value(0.0), "0.0000e+00");
        assert_eq!(value(-0.0), "-0.0000e+00");
        assert_eq!(value(1.234_56e-120), "1.2346e-120");
        assert_eq!(value(123_456_789.0), "123456789.0000");
        assert_eq!(value(f64::NAN), "nan");
        assert_eq!(value(f64::NEG_INFINITY), "-inf");
    }

    #[test]
    fn the_time_left_changes_its_form_above_a_minute_and_above_an_hour() {
        let remaining = |seconds| {
            let mut out = String::new();
            write_remaining(&mut out, seconds);
            out
        };
        assert_eq!(remaining(59.9), "59s");
        assert_eq!(remaining(60.0), "60s");
        assert_eq!(remaining(60.5), "1:00");
        assert_eq!(remaining(3599.0), "59:59");
        assert_eq!(remaining(3600.0), "60:00");
        assert_eq!(remaining(3723.4), "1:02:03");
        assert_eq!(remaining(360_000.0), "100:00:00");
    }

    #[test]
    fn the_time_of_a_step_uses_seconds_milliseconds_or_microseconds() {
        let duration = |seconds| {
            let mut out = String::new();
            write_duration(&mut out, seconds, "step");
            out
        };
        assert_eq!(duration(0.0), " 0s/step");
        assert_eq!(duration(12.4), " 12s/step");
        assert_eq!(duration(0.083), " 83ms/step");
        assert_eq!(duration(0.000_212), " 212us/step");
    }

    #[test]
    fn in_a_narrow_window_the_bar_shrinks_before_anything_is_cut() {
        let metrics = [("accuracy", 0.0781), ("loss", 2.6185)];
        let line = line(&metrics);
        let whole = " 3/10 ━━━━━━────────────── 4s 577ms/step - accuracy: 0.0781 - loss: 2.6185";
        assert_eq!(bar(&line, None), whole);
        assert_eq!(bar(&line, Some(text_width(whole))), whole);
        assert_eq!(
            bar(&line, Some(64)),
            " 3/10 ━━━─────── 4s 577ms/step - accuracy: 0.0781 - loss: 2.6185"
        );
        assert_eq!(
            bar(&line, Some(58)),
            " 3/10 ━──── 4s 577ms/step - accuracy: 0.0781 - loss: 2.61…"
        );
        assert_eq!(bar(&line, Some(30)), " 3/10 ━──── 4s 577ms/step - a…");
        assert_eq!(bar(&line, Some(3)), " 3…");
    }

    #[test]
    fn no_line_is_wider_than_its_window() {
        let metrics = [("准确率", 0.5), ("loss", 2.0)];
        for style in [ProgressStyle::Keras3, ProgressStyle::Keras2] {
            for target in [Some(10), Some(100_000), None] {
                for columns in 1..100 {
                    let line = ProgressLine {
                        style,
                        target,
                        ..line(&metrics)
                    };
                    let text = bar(&line, Some(columns));
                    assert!(text_width(&text) <= columns, "{columns} columns: {text}");
                }
            }
        }
    }

    #[test]
    fn a_finished_line_keeps_every_number_and_its_bar_shrinks_only_if_that_saves_a_row() {
        let metrics = [("accuracy", 0.0828), ("loss", 2.4984)];
        let line = ProgressLine {
            step: 10,
            finished: true,
            ..line(&metrics)
        };
        assert_eq!(
            bar(&line, Some(60)),
            "10/10 ━━━━━━ 2s 577ms/step - accuracy: 0.0828 - loss: 2.4984"
        );
        assert_eq!(
            bar(&line, Some(40)),
            "10/10 ━━━━━━━━━━━━━━━━━━━━ 2s 577ms/step - accuracy: 0.0828 - loss: 2.4984"
        );
    }

    #[test]
    fn a_step_past_the_target_fills_the_bar_and_has_no_time_left() {
        let line = ProgressLine {
            step: 12,
            ..line(&[])
        };
        assert_eq!(bar(&line, None), "12/10 ━━━━━━━━━━━━━━━━━━━━ 0s 577ms/step");
    }

    #[test]
    fn control_characters_in_a_metric_name_cannot_move_the_cursor() {
        let metrics = [("lo\r\nss", 1.0)];
        assert!(bar(&line(&metrics), None).ends_with(" - lo\u{fffd}\u{fffd}ss: 1.0000"));
    }
}
