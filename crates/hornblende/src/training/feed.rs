//! The batches of a run, whatever they come from.

use hornblende_core::{Error, Result, Value};
use serde_json::json;

use super::order::{Order, Place, Rows};
use super::run::warn;
use super::samples::Samples;
use super::session::{Course, Session};
use super::step::Purpose;
use crate::config::Json;

/// A source of batches that runs the step of each.
pub(super) trait Feed {
    /// The number of steps of a pass through the data; `None` while it is not known.
    fn steps(&self) -> Option<usize>;

    /// Begins another pass.
    fn restart(&mut self) -> Result<()>;

    /// Whether the pass is known to be used up.
    fn is_used_up(&self) -> bool;

    /// Makes the next batch ready and tells whether there is one.
    fn has_next(&mut self) -> Result<bool> {
        Ok(!self.is_used_up())
    }

    /// The number of rows of the batch that was run last.
    fn rows(&self) -> usize;

    /// Runs the step on the next batch and gives its results; `None` if the pass is used up.
    fn next<'s>(&mut self, session: &'s mut Session<'_>) -> Result<Option<&'s [Value]>>;

    /// Where the feed stands, for a checkpoint. Whole numbers, truth values and texts only: others might not
    /// come back bit for bit.
    fn position(&self) -> Json;

    /// Goes to a position that a feed of the same data gave: what follows is what would have followed there.
    ///
    /// # Errors
    /// If the data or the options are not those of that feed; it stands where it stood then.
    fn seek(&mut self, position: &Json) -> Result<()>;
}

/// Batches cut out of arrays.
pub(super) struct ArrayFeed {
    samples: Samples,
    course: Course,
    purpose: Purpose,
    order: Order,
    /// The number of rows of the last batch.
    rows: usize,
}

impl ArrayFeed {
    /// The batches of samples, whose steps have been made.
    pub(super) fn new(samples: Samples, course: Course, purpose: Purpose, shuffle: bool) -> Self {
        Self {
            samples,
            order: Order::new(course.rows, shuffle),
            course,
            purpose,
            rows: 0,
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

    fn rows(&self) -> usize {
        self.rows
    }

    fn next<'s>(&mut self, session: &'s mut Session<'_>) -> Result<Option<&'s [Value]>> {
        if self.is_used_up() {
            return Ok(None);
        }
        let (step, count) = self.course.next(self.order.left());
        let step = session.step_at(self.purpose, step)?;
        self.rows = count;
        match self.order.take(count) {
            Rows::From(first) => step.run_range(&self.samples, first),
            Rows::These(rows) => step.run_rows(&self.samples, rows),
        }
        .map(Some)
    }

    fn position(&self) -> Json {
        let place = self.order.place();
        json!({
            "kind": "arrays",
            "rows": self.course.rows,
            "batch_size": self.course.batch,
            "shuffle": place.stream.is_some(),
            "stream": place.stream,
            "passes": place.passes,
            "next": place.next,
        })
    }

    fn seek(&mut self, position: &Json) -> Result<()> {
        let own = self.position();
        for key in ["kind", "rows", "batch_size", "shuffle"] {
            if position[key] != own[key] {
                let got = format!("{key} {}", own[key]);
                return Err(other_data(format!("{key} {}", position[key]), got));
            }
        }
        let damaged = || other_data("a place in arrays".to_owned(), position.to_string());
        let place = Place::of_json(position).filter(|place| place.next <= self.course.rows);
        self.order.go_to(place.ok_or_else(damaged)?);
        Ok(())
    }
}

/// Warns, as Keras does, of a pass that had fewer batches than were asked for; tells whether it did.
pub(super) fn warn_if_short(
    caller: &str,
    asked: Option<usize>,
    done: usize,
    feed: &dyn Feed,
) -> bool {
    let Some(asked) = asked.filter(|asked| done < *asked && feed.is_used_up()) else {
        return false;
    };
    warn(&format!(
        "{caller}: your input ran out of data after {done} of {asked} steps, which ends them here. Ask for fewer \
         steps, or for more data with Dataset::repeat"
    ));
    true
}

/// What is told where a checkpoint was written with other data or options.
pub(super) fn other_data(expected: String, got: String) -> Error {
    let fix =
        "Continue with the data and options of the run that wrote the checkpoint, or remove it";
    Error::data("fit: position in the data", expected, got, fix)
}
