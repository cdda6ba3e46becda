//! Datasets that are not made of arrays: counts, and iterators of one's own.

use std::ops::Range;
use std::sync::Arc;

use hornblende_core::{Error, Result, Value};

use super::recipe::{Elements, Item, Pass, Recipe};
use super::{Cardinality, Dataset, Element, IntoElement};

impl Dataset {
    /// The whole numbers of a range, as scalars of type `I64`.
    #[must_use]
    pub fn range(numbers: Range<i64>) -> Self {
        Self::range_by(numbers, 1)
    }

    /// The numbers of a range that are `step` apart; a negative step counts down.
    ///
    /// ```
    /// use hornblende::data::Dataset;
    /// let numbers = Dataset::range_by(5..0, -2).batch(9).iter().next().unwrap()?;
    /// assert_eq!(numbers.value()?.to_f64_vec(), [5.0, 3.0, 1.0]);
    /// # Ok::<(), hornblende::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn range_by(numbers: Range<i64>, step: i64) -> Self {
        if step == 0 {
            return Self::invalid(above_zero(
                "Dataset::range_by: step",
                "a number that is not 0",
            ));
        }
        let span = i128::from(numbers.end) - i128::from(numbers.start);
        let (span, distance) = match step > 0 {
            true => (span, i128::from(step)),
            false => (-span, -i128::from(step)),
        };
        // Rounded up, for the first number is one too; a range that runs the other way is empty.
        let count = (span.max(0) + distance - 1) / distance;
        Self::new(Numbers {
            start: numbers.start,
            step,
            count: usize::try_from(count).unwrap_or(usize::MAX),
        })
    }

    /// The items of iterators: `make` is called for each pass.
    ///
    /// Items are whatever [`IntoElement`] takes, or `Result`s of it.
    ///
    /// ```
    /// use hornblende::data::Dataset;
    /// let squares = Dataset::from_generator(|| (0..4).map(|k| (k, vec![(k * k) as f32])));
    /// assert_eq!(squares.iter().count(), 4);
    /// ```
    #[must_use]
    pub fn from_generator<I, F>(make: F) -> Self
    where
        I: IntoIterator,
        I::Item: IntoElement + 'static,
        I::IntoIter: Send + 'static,
        F: Fn() -> I + Send + Sync + 'static,
    {
        Self::from_boxed(move || {
            // After its end an iterator may do anything; a dataset asks again.
            let elements = make().into_iter().fuse().map(IntoElement::into_element);
            Ok(Box::new(elements))
        })
    }

    /// As [`Dataset::from_generator`]; readers begin by what may fail, such as opening a file.
    pub(super) fn from_boxed(make: impl Fn() -> Result<Generated> + Send + Sync + 'static) -> Self {
        Self::new(Generator(Arc::new(make)))
    }
}

/// An error about a count.
pub(super) fn above_zero(what: &str, expected: &str) -> Error {
    Error::invalid_argument(what, expected, "0", "")
}

struct Numbers {
    start: i64,
    step: i64,
    count: usize,
}

impl Recipe for Numbers {
    fn start(&self, _pass: Pass) -> Result<Box<dyn Elements>> {
        let Self { start, step, count } = *self;
        let next = 0;
        Ok(Box::new(NumbersPass {
            start,
            step,
            count,
            next,
        }))
    }

    fn cardinality(&self) -> Cardinality {
        Cardinality::Known(self.count)
    }
}

struct NumbersPass {
    start: i64,
    step: i64,
    count: usize,
    next: usize,
}

impl Elements for NumbersPass {
    fn next(&mut self) -> Result<Option<Item>> {
        if self.next == self.count {
            return Ok(None);
        }
        let number = self
            .start
            .wrapping_add(self.step.wrapping_mul(self.next as i64));
        self.next += 1;
        Ok(Some(Element::Tensor(Value::scalar(number)).into()))
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        let passed = count.min(self.count - self.next);
        self.next += passed;
        Ok(passed)
    }
}

/// The elements of a pass through an iterator of one's own.
pub(super) type Generated = Box<dyn Iterator<Item = Result<Element>> + Send>;

struct Generator(Arc<dyn Fn() -> Result<Generated> + Send + Sync>);

impl Recipe for Generator {
    fn start(&self, _pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(GeneratorPass((self.0)()?)))
    }

    fn cardinality(&self) -> Cardinality {
        Cardinality::Unknown
    }
}

struct GeneratorPass(Generated);

impl Elements for GeneratorPass {
    fn next(&mut self) -> Result<Option<Item>> {
        Ok(self.0.next().transpose()?.map(Item::Whole))
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers;
    use super::*;

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "a negative step counts down")]
    fn ranges_count_up_and_down() {
        let by = |range, step| numbers(&Dataset::range_by(range, step));
        assert_eq!(by(0..7, 3), [0, 3, 6]);
        assert_eq!(by(0..6, 3), [0, 3]);
        assert_eq!(by(7..0, -3), [7, 4, 1]);
        assert_eq!(by(6..0, -3), [6, 3]);
        assert_eq!(by(0..7, -1), [0i64; 0]);
        assert_eq!(by(7..0, 1), [0i64; 0]);
        assert!(Dataset::range_by(0..1, 0).iter().next().unwrap().is_err());
    }

    #[test]
    fn a_generator_may_fail_and_then_ends() {
        let dataset = Dataset::from_generator(|| {
            (0..5i64).map(|k| match k {
                2 => Err(Error::data("reader", "a number", "nothing", "")),
                k => Ok(k),
            })
        });
        let mut iterator = dataset.iter();
        assert!(iterator.next().unwrap().is_ok() && iterator.next().unwrap().is_ok());
        let error = iterator.next().unwrap().unwrap_err().to_string();
        assert!(error.contains("(element 2 of the dataset"), "{error}");
        assert!(iterator.next().is_none());
    }
}
