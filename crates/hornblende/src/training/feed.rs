//! The batches of a run, whatever they come from.

use hornblende_core::{Result, Value};

use super::order::{Order, Rows};
use super::samples::Samples;
use super::session::{Course, Session};
use super::step::Purpose;

/// A source of batches that runs the step of each.
pub(super) trait Feed {
    /// The number of steps of a pass through the data; `None` while it is not known.
    fn steps(&self) -> Option<usize>;

    /// Begins another pass.
    fn restart(&mut self) -> Result<()>;

    /// Whether the pass is known to be used up.
    fn is_used_up(&self) -> bool;

    /// Runs the step on the next batch and gives its results; `None` if the pass is used up.
    fn next<'s>(&mut self, session: &'s mut Session<'_>) -> Result<Option<&'s [Value]>>;
}

/// Batches cut out of arrays.
pub(super) struct ArrayFeed {
    samples: Samples,
    course: Course,
    purpose: Purpose,
    order: Order,
}

impl ArrayFeed {
    /// The batches of samples, whose steps have been made.
    pub(super) fn new(samples: Samples, course: Course, purpose: Purpose, shuffle: bool) -> Self {
        Self {
            samples,
            order: Order::new(course.rows, shuffle),
            course,
            purpose,
        }
    }
}

impl Feed for ArrayFeed {
    fn steps(&self) -> Option<usize> {
        Some(self.course.steps())
    }

    fn restart(&mut self) -> Result<()> {
        self.order.restart();
        Ok(())
    }

    fn is_used_up(&self) -> bool {
        self.order.left() == 0
    }

    fn next<'s>(&mut self, session: &'s mut Session<'_>) -> Result<Option<&'s [Value]>> {
        if self.is_used_up() {
            return Ok(None);
        }
        let (step, count) = self.course.next(self.order.left());
        let step = session.step_at(self.purpose, step)?;
        match self.order.take(count) {
            Rows::From(first) => step.run_range(&self.samples, first),
            Rows::These(rows) => step.run_rows(&self.samples, rows),
        }
        .map(Some)
    }
}
