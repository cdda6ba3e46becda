//! The progress bar stands inside the training loop, which must not allocate.

use std::time::{Duration, Instant};

use hornblende::terminal::Terminal;
use hornblende::training::{ProgressBar, Verbose};

#[test]
fn updates_allocate_nothing_once_the_buffers_have_grown() {
    let start = Instant::now();
    let terminal = Terminal::fixed(120, true);
    let mut bar = ProgressBar::new(Some(1000), Verbose::Bar, terminal).writer(std::io::sink());
    bar.start(start);
    let metrics = [("accuracy", 0.5), ("loss", 1e-4)];
    let mut run = |steps: std::ops::Range<usize>| {
        for step in steps {
            // Steps of 10 ms: most updates draw nothing, each fifth one redraws.
            bar.update(
                step,
                &metrics,
                start + Duration::from_millis(10 * step as u64),
            );
        }
    };
    let growing = allocation_counter::measure(|| run(1..100));
    assert_ne!(growing.count_total, 0, "the counter does not count");
    let counted = allocation_counter::measure(|| run(100..1000));
    assert_eq!(counted.count_total, 0);
}
