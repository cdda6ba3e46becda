//! The progress line of `fit`, `evaluate` and `predict`.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::progress_line::ProgressLine;
use super::{ProgressStyle, Verbose};
use crate::terminal::Terminal;

/// The least time between two drawings: more often, a person sees flicker, not progress.
const REDRAW_INTERVAL: Duration = Duration::from_millis(50);

/// Back to the first column.
const RETURN: &str = "\r";

/// Clears from the cursor to the end of the line.
const CLEAR_REST: &str = "\x1b[K";

/// The progress line, in the words of Keras.
///
/// With [`Verbose::Bar`] a terminal shows one line that is redrawn in place, at most every 50 ms,
/// and never wider than the window; a pipe or a file gets the finished line once, without a
/// control character. With [`Verbose::Line`] both get one line at the end.
///
/// Metrics are shown in the order in which they are given. The clock is the caller's: `now` is
/// `Instant::now()` except in tests. Between two drawings [`update`](Self::update) costs a
/// comparison and allocates nothing; drawing reuses its buffers. Where the writer fails (a closed
/// pipe, say) the bar falls silent and the training goes on.
///
/// # Example
/// ```
/// use std::time::Instant;
/// use hornblende::terminal::Terminal;
/// use hornblende::training::{ProgressBar, Verbose};
///
/// let mut bar = ProgressBar::new(Some(10), Verbose::Bar, Terminal::plain());
/// bar.begin_epoch(1, 2, Instant::now());
/// for step in 1..=10 {
///     bar.update(step, &[("loss", 2.5 / step as f64)], Instant::now());
/// }
/// bar.finish(10, &[("loss", 0.25), ("val_loss", 0.31)], Instant::now());
/// ```
pub struct ProgressBar {
    target: Option<usize>,
    verbose: Verbose,
    style: ProgressStyle,
    terminal: Terminal,
    writer: Box<dyn Write + Send>,
    started: Instant,
    /// When the first step was done: it pays for compiling and is left out of the estimate.
    after_first_step: Option<Instant>,
    last_drawn: Option<Instant>,
    /// The line as last drawn, with its control characters.
    line: String,
    /// A buffer for composing the line.
    tail: String,
    /// Whether the cursor stands behind a drawn line that has not been ended.
    line_is_open: bool,
    writer_failed: bool,
}

impl ProgressBar {
    /// A bar on standard output for `target` steps (`None` where the number is not known yet),
    /// started now.
    #[must_use]
    pub fn new(target: Option<usize>, verbose: Verbose, terminal: Terminal) -> Self {
        Self {
            target: known(target),
            verbose,
            style: ProgressStyle::default(),
            terminal,
            writer: Box::new(io::stdout()),
            started: Instant::now(),
            after_first_step: None,
            last_drawn: None,
            line: String::new(),
            tail: String::new(),
            line_is_open: false,
            writer_failed: false,
        }
    }

    /// Draws the line of Keras 3 (the default) or of Keras 2.
    #[must_use]
    pub fn style(mut self, style: ProgressStyle) -> Self {
        self.style = style;
        self
    }

    /// Writes to `writer` instead of standard output.
    #[must_use]
    pub fn writer(mut self, writer: impl Write + Send + 'static) -> Self {
        self.writer = Box::new(writer);
        self
    }

    /// The number of steps, if known; after a run of unknown length it is the length of that run.
    #[must_use]
    pub fn target(&self) -> Option<usize> {
        self.target
    }

    /// Starts a run: the clock and the estimate begin anew, the number of steps stays.
    pub fn start(&mut self, now: Instant) {
        self.close_line();
        self.started = now;
        self.after_first_step = None;
        self.last_drawn = None;
    }

    /// Prints `Epoch 1/2` (counted from 1; nothing where there is only one epoch) and starts the
    /// run of that epoch.
    pub fn begin_epoch(&mut self, epoch: usize, epochs: usize, now: Instant) {
        self.start(now);
        if epochs > 1 && self.verbose != Verbose::Silent {
            self.write(&format!("Epoch {epoch}/{epochs}\n"));
        }
    }

    /// Tells that `step` steps are done, with the metrics so far.
    pub fn update<N: AsRef<str>>(&mut self, step: usize, metrics: &[(N, f64)], now: Instant) {
        let seconds_per_step = self.seconds_per_step(step, now);
        if self.verbose != Verbose::Bar || !self.terminal.is_terminal() {
            return;
        }
        let too_early = |last| now.saturating_duration_since(last) < REDRAW_INTERVAL;
        if self.last_drawn.is_some_and(too_early) {
            return;
        }
        self.last_drawn = Some(now);
        self.draw(&self.progress(step, false, seconds_per_step, metrics, now));
        self.line_is_open = true;
    }

    /// Ends the run after `step` steps with its final metrics; a number of steps that was unknown
    /// is `step` from now on.
    pub fn finish<N: AsRef<str>>(&mut self, step: usize, metrics: &[(N, f64)], now: Instant) {
        let seconds_per_step = self.seconds_per_step(step, now);
        self.target = self.target.or(known(Some(step)));
        let progress = self.progress(step, true, seconds_per_step, metrics, now);
        match self.verbose {
            Verbose::Silent => {}
            Verbose::Bar => self.draw(&progress),
            Verbose::Line => {
                self.line.clear();
                progress.write_plain(&mut self.line);
                self.line.push('\n');
                self.write_line();
            }
        }
        self.line_is_open = false;
    }

    /// Prints `text` on lines of its own and then goes on with the progress line.
    ///
    /// Callbacks speak through this, so that their messages neither break into the bar nor are
    /// overwritten by it. Line breaks around `text` are not needed and are left out.
    pub fn interrupt(&mut self, text: &str) {
        let text = text.trim_matches('\n');
        if self.line_is_open {
            let message = format!("{RETURN}{CLEAR_REST}{text}\n{}", self.line);
            self.write(&message);
        } else {
            self.write(&format!("{text}\n"));
        }
    }

    /// What the line shows at `now`.
    fn progress<'a, N>(
        &self,
        step: usize,
        finished: bool,
        seconds_per_step: f64,
        metrics: &'a [(N, f64)],
        now: Instant,
    ) -> ProgressLine<'a, N> {
        ProgressLine {
            style: self.style,
            step,
            target: self.target,
            finished,
            elapsed: now.saturating_duration_since(self.started).as_secs_f64(),
            seconds_per_step,
            metrics,
        }
    }

    /// Draws the bar over what stands on the line; a finished bar ends the line.
    fn draw<N: AsRef<str>>(&mut self, progress: &ProgressLine<'_, N>) {
        self.line.clear();
        let on_terminal = self.terminal.is_terminal();
        if on_terminal {
            self.line.push_str(RETURN);
        }
        if on_terminal && progress.finished {
            // A finished line may end in the last column, where clearing would take its last sign.
            self.line.push_str(CLEAR_REST);
        }
        // The last column stays free: a character there makes some terminals wrap.
        let columns = self
            .terminal
            .columns()
            .map(|columns| columns.saturating_sub(1).max(1));
        progress.write_bar(
            &mut self.line,
            &mut self.tail,
            columns,
            self.terminal.color(),
        );
        if progress.finished {
            self.line.push('\n');
        } else if on_terminal {
            // Clearing behind the new text, rather than before it, does not flicker.
            self.line.push_str(CLEAR_REST);
        }
        self.write_line();
    }

    /// Keras's estimate: without the first step, once there are others.
    fn seconds_per_step(&mut self, step: usize, now: Instant) -> f64 {
        if step == 0 {
            return 0.0;
        }
        let (since, steps) = match self.after_first_step {
            Some(first) if step > 1 => (first, step - 1),
            _ => (self.started, step),
        };
        if step == 1 {
            self.after_first_step = Some(now);
        }
        now.saturating_duration_since(since).as_secs_f64() / steps as f64
    }

    fn close_line(&mut self) {
        if self.line_is_open {
            self.write("\n");
            self.line_is_open = false;
        }
    }

    fn write_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.write(&line);
        self.line = line;
    }

    fn write(&mut self, text: &str) {
        if self.writer_failed {
            return;
        }
        let written = self
            .writer
            .write_all(text.as_bytes())
            .and_then(|()| self.writer.flush());
        self.writer_failed = written.is_err();
    }
}

impl Drop for ProgressBar {
    /// A run that ends early, by an error or a panic, leaves the next message a clean line.
    fn drop(&mut self) {
        self.close_line();
    }
}

/// A run of no steps has no share that could be drawn, so its length counts as unknown.
fn known(target: Option<usize>) -> Option<usize> {
    target.filter(|&target| target > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What was written, readable while the bar still holds the writer.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        /// The text since the last call.
        fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const WIDE: Terminal = Terminal::fixed(1000, true);
    const NO_METRICS: &[(&str, f64)] = &[];

    fn bar(target: Option<usize>, verbose: Verbose, terminal: Terminal) -> (ProgressBar, Written) {
        let written = Written::default();
        (
            ProgressBar::new(target, verbose, terminal).writer(written.clone()),
            written,
        )
    }

    fn after(bar: &ProgressBar, seconds: f64) -> Instant {
        bar.started + Duration::from_secs_f64(seconds)
    }

    /// Replays a golden file (see `make.py` beside it) and compares each drawn line.
    fn replay(golden: &str, style: ProgressStyle) {
        let (mut bar, mut written) = bar(None, Verbose::Silent, WIDE);
        let mut verbose = Verbose::Silent;
        let mut compared = 0;
        let mut lines = golden.lines().skip(1).peekable();
        while let Some(line) = lines.next() {
            let mut words = line.split(' ');
            let command = words.next().unwrap();
            let first = words.next().unwrap();
            let second = words.next().unwrap();
            if command == "run" {
                verbose = Verbose::try_from(second.parse::<u8>().unwrap()).unwrap();
                written = Written::default();
                bar = ProgressBar::new(first.parse().ok(), verbose, WIDE)
                    .style(style)
                    .writer(written.clone());
                continue;
            }
            let metrics: Vec<(&str, f64)> = words
                .map(|word| word.split_once('=').unwrap())
                .map(|(name, value)| (name, value.parse().unwrap()))
                .collect();
            let now = after(&bar, second.parse().unwrap());
            let finish = command == "finish";
            if finish {
                bar.finish(first.parse().unwrap(), &metrics, now);
            } else {
                bar.update(first.parse().unwrap(), &metrics, now);
            }
            let expected = match lines.next_if(|line| line.starts_with('=')) {
                None => String::new(),
                Some(text) => {
                    compared += 1;
                    let text = text[1..].replace("<ESC>", "\x1b");
                    match (verbose, finish) {
                        (Verbose::Bar, false) => format!("\r{text}\x1b[K"),
                        (Verbose::Bar, true) => format!("\r\x1b[K{text}\n"),
                        _ => format!("{text}\n"),
                    }
                }
            };
            assert_eq!(written.take(), expected, "{line}");
        }
        assert!(compared > 100, "only {compared} lines were compared");
    }

    #[test]
    fn it_draws_what_keras_3_draws() {
        replay(
            include_str!("../../tests/golden/terminal/progress_keras3.txt"),
            ProgressStyle::Keras3,
        );
    }

    #[test]
    fn it_draws_what_keras_2_draws() {
        replay(
            include_str!("../../tests/golden/terminal/progress_keras2.txt"),
            ProgressStyle::Keras2,
        );
    }

    #[test]
    fn a_pipe_gets_one_plain_line_an_epoch() {
        let (mut bar, written) = bar(None, Verbose::Bar, Terminal::plain());
        for epoch in 1..=2 {
            let start = after(&bar, 10.0 * epoch as f64);
            bar.begin_epoch(epoch, 2, start);
            for step in 1..=3 {
                bar.update(
                    step,
                    &[("loss", 9.0)],
                    start + Duration::from_secs(step as u64),
                );
            }
            bar.finish(3, &[("loss", 2.5)], start + Duration::from_secs(3));
        }
        assert_eq!(
            written.take(),
            "Epoch 1/2\n3/3 ━━━━━━━━━━━━━━━━━━━━ 3s 1s/step - loss: 2.5000\n\
             Epoch 2/2\n3/3 ━━━━━━━━━━━━━━━━━━━━ 3s 1s/step - loss: 2.5000\n"
        );
    }

    #[test]
    fn silence_prints_neither_header_nor_line() {
        let (mut bar, written) = bar(Some(2), Verbose::Silent, WIDE);
        let now = bar.started;
        bar.begin_epoch(1, 2, now);
        bar.update(1, NO_METRICS, after(&bar, 1.0));
        bar.finish(2, NO_METRICS, after(&bar, 2.0));
        assert_eq!(written.take(), "");
    }

    #[test]
    fn a_single_epoch_has_no_header() {
        let (mut bar, written) = bar(Some(2), Verbose::Bar, Terminal::plain());
        let now = bar.started;
        bar.begin_epoch(1, 1, now);
        assert_eq!(written.take(), "");
    }

    #[test]
    fn it_redraws_at_most_every_fifty_milliseconds() {
        let (mut bar, written) = bar(Some(100), Verbose::Bar, WIDE);
        let mut drawings = 0;
        for step in 1..=100 {
            bar.update(
                step,
                NO_METRICS,
                bar.started + Duration::from_millis(step as u64),
            );
            drawings += usize::from(!written.take().is_empty());
        }
        // At 1 ms and at 51 ms.
        assert_eq!(drawings, 2);
    }

    #[test]
    fn a_message_gets_a_clean_line_and_the_bar_comes_back_below_it() {
        let (mut bar, written) = bar(Some(4), Verbose::Bar, Terminal::fixed(80, false));
        bar.interrupt("before");
        assert_eq!(written.take(), "before\n");
        bar.update(1, NO_METRICS, after(&bar, 1.0));
        let drawn = written.take();
        assert_eq!(drawn, "\r1/4 ━━━━━─────────────── 3s 1s/step\x1b[K");
        bar.interrupt("\nEpoch 1: early stopping\n");
        assert_eq!(
            written.take(),
            format!("\r\x1b[KEpoch 1: early stopping\n{drawn}")
        );
        bar.finish(4, NO_METRICS, after(&bar, 4.0));
        written.take();
        bar.interrupt("after");
        assert_eq!(written.take(), "after\n");
    }

    #[test]
    fn a_run_that_breaks_off_leaves_a_clean_line() {
        let (mut first, written) = bar(Some(4), Verbose::Bar, WIDE);
        first.update(1, NO_METRICS, after(&first, 1.0));
        written.take();
        drop(first);
        assert_eq!(written.take(), "\n");

        let (mut second, written) = bar(Some(4), Verbose::Bar, WIDE);
        second.finish(4, NO_METRICS, after(&second, 1.0));
        written.take();
        drop(second);
        assert_eq!(written.take(), "");
    }

    #[test]
    fn the_length_of_a_finished_run_is_known_to_the_next() {
        let (mut bar, _) = bar(None, Verbose::Bar, WIDE);
        bar.update(1, NO_METRICS, after(&bar, 1.0));
        assert_eq!(bar.target(), None);
        bar.finish(7, NO_METRICS, after(&bar, 2.0));
        bar.start(after(&bar, 3.0));
        assert_eq!(bar.target(), Some(7));
    }

    #[test]
    fn a_run_of_no_steps_is_drawn_without_a_share() {
        let (mut bar, written) = bar(Some(0), Verbose::Bar, Terminal::plain());
        bar.finish(0, NO_METRICS, bar.started);
        assert_eq!(written.take(), "      0/Unknown 0s 0s/step\n");
    }

    #[test]
    fn a_closed_pipe_silences_the_bar() {
        struct Closed(Arc<Mutex<usize>>);
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                *self.0.lock().unwrap() += 1;
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let attempts = Arc::default();
        let mut bar =
            ProgressBar::new(Some(2), Verbose::Bar, WIDE).writer(Closed(Arc::clone(&attempts)));
        bar.update(1, NO_METRICS, after(&bar, 1.0));
        bar.finish(2, NO_METRICS, after(&bar, 2.0));
        drop(bar);
        assert_eq!(*attempts.lock().unwrap(), 1);
    }
}
