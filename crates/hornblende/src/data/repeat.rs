//! Parts of datasets, and several datasets one after the other.

use hornblende_core::{Error, Result};

use super::recipe::{Elements, Item, Pass, Recipe};
use super::{Cardinality, Dataset};

impl Dataset {
    /// The elements this many times, or without end: `repeat(2)`, `repeat(None)`. What is shuffled comes in
    /// another order each time.
    #[must_use]
    pub fn repeat(&self, times: impl Into<Option<usize>>) -> Self {
        Self::new(Repeat {
            input: self.clone(),
            times: times.into(),
        })
    }

    /// The first `count` elements.
    #[must_use]
    pub fn take(&self, count: usize) -> Self {
        self.cut(0, Some(count), 1)
    }

    /// All but the first `count` elements.
    #[must_use]
    pub fn skip(&self, count: usize) -> Self {
        self.cut(count, None, 1)
    }

    /// Every `shards`-th element from number `index` on: the share of one of `shards` workers.
    #[track_caller]
    #[must_use]
    pub fn shard(&self, shards: usize, index: usize) -> Self {
        if index >= shards {
            let expected = format!("an index below the number of shards, {shards}");
            let got = index.to_string();
            return Self::invalid(Error::invalid_argument("Dataset::shard", expected, got, ""));
        }
        self.cut(index, None, shards)
    }

    /// The elements of this dataset, then those of the other one.
    #[must_use]
    pub fn concatenate(&self, other: &Self) -> Self {
        Self::new(Concatenate([self.clone(), other.clone()]))
    }

    fn cut(&self, first: usize, count: Option<usize>, step: usize) -> Self {
        Self::new(Cut {
            input: self.clone(),
            first,
            count,
            step,
        })
    }
}

struct Repeat {
    input: Dataset,
    times: Option<usize>,
}

impl Recipe for Repeat {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(RepeatPass {
            input: self.input.clone(),
            times: self.times.map_or(u64::MAX, |times| times as u64),
            pass,
            begun: 0,
            now: None,
            was_empty: false,
        }))
    }

    fn cardinality(&self) -> Cardinality {
        match (self.input.cardinality(), self.times) {
            (Cardinality::Known(0), _) | (_, Some(0)) => Cardinality::Known(0),
            (Cardinality::Known(_), None) => Cardinality::Infinite,
            (count, Some(times)) => count.map(|count| count.saturating_mul(times)),
            (count, None) => count,
        }
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct RepeatPass {
    input: Dataset,
    times: u64,
    pass: Pass,
    /// How many passes through the input were begun.
    begun: u64,
    now: Option<Box<dyn Elements>>,
    /// Whether the current pass has had no element: to repeat nothing forever would never end.
    was_empty: bool,
}

impl RepeatPass {
    /// The current pass through the input, begun if there is none; `None` if there is no more.
    fn now(&mut self) -> Result<Option<&mut Box<dyn Elements>>> {
        if self.now.is_none() {
            if self.begun == self.times || self.was_empty {
                return Ok(None);
            }
            self.now = Some(self.input.start(self.pass.inner(self.begun))?);
            self.begun += 1;
            self.was_empty = true;
        }
        Ok(self.now.as_mut())
    }
}

impl Elements for RepeatPass {
    fn next(&mut self) -> Result<Option<Item>> {
        while let Some(elements) = self.now()? {
            if let Some(item) = elements.next()? {
                self.was_empty = false;
                return Ok(Some(item));
            }
            self.now = None;
        }
        Ok(None)
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        let mut done = 0;
        while done < count {
            let Some(elements) = self.now()? else {
                break;
            };
            let passed = elements.skip(count - done)?;
            done += passed;
            self.was_empty &= passed == 0;
            if done < count {
                self.now = None;
            }
        }
        Ok(done)
    }
}

/// Every `step`-th element from `first` on, at most `count`.
struct Cut {
    input: Dataset,
    first: usize,
    count: Option<usize>,
    step: usize,
}

impl Recipe for Cut {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(CutPass {
            input: self.input.start(pass)?,
            before_next: self.first,
            left: self.count.unwrap_or(usize::MAX),
            step: self.step,
        }))
    }

    fn cardinality(&self) -> Cardinality {
        let input = self.input.cardinality();
        let own = input.map(|count| count.saturating_sub(self.first).div_ceil(self.step));
        match self.count {
            Some(count) => own.least(Cardinality::Known(count)),
            None => own,
        }
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct CutPass {
    input: Box<dyn Elements>,
    /// How many elements of the input come before the next one that is wanted.
    before_next: usize,
    left: usize,
    step: usize,
}

impl Elements for CutPass {
    fn next(&mut self) -> Result<Option<Item>> {
        if self.left == 0 || self.input.skip(self.before_next)? < self.before_next {
            return Ok(None);
        }
        self.before_next = self.step - 1;
        let item = self.input.next()?;
        self.left -= usize::from(item.is_some());
        Ok(item)
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        let count = count.min(self.left);
        if count == 0 {
            return Ok(0);
        }
        let wanted = self
            .before_next
            .saturating_add((count - 1).saturating_mul(self.step) + 1);
        let passed = self.input.skip(wanted)?;
        let done = (passed + self.step).saturating_sub(self.before_next + 1) / self.step;
        let done = if passed > self.before_next {
            done.min(count)
        } else {
            0
        };
        self.before_next = self.step - 1;
        self.left -= done;
        Ok(done)
    }
}

struct Concatenate([Dataset; 2]);

impl Recipe for Concatenate {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(ConcatenatePass {
            now: self.0[0].start(pass)?,
            rest: Some((self.0[1].clone(), pass)),
        }))
    }

    fn cardinality(&self) -> Cardinality {
        self.0[0].cardinality().plus(self.0[1].cardinality())
    }

    fn inputs(&self) -> Vec<&Dataset> {
        self.0.iter().collect()
    }
}

struct ConcatenatePass {
    now: Box<dyn Elements>,
    rest: Option<(Dataset, Pass)>,
}

impl Elements for ConcatenatePass {
    fn next(&mut self) -> Result<Option<Item>> {
        if let Some(item) = self.now.next()? {
            return Ok(Some(item));
        }
        let Some((rest, pass)) = self.rest.take() else {
            return Ok(None);
        };
        self.now = rest.start(pass)?;
        self.now.next()
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        let mut done = self.now.skip(count)?;
        if done < count
            && let Some((rest, pass)) = self.rest.take()
        {
            self.now = rest.start(pass)?;
            done += self.now.skip(count - done)?;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers;
    use super::*;

    #[test]
    fn parts_and_repetitions_have_the_elements_and_the_number_that_they_say() {
        let five = Dataset::range(0..5);
        let cases: [(Dataset, &[i64]); 9] = [
            (five.take(2), &[0, 1]),
            (five.take(9), &[0, 1, 2, 3, 4]),
            (five.skip(3), &[3, 4]),
            (five.skip(9), &[]),
            (five.shard(2, 1), &[1, 3]),
            (five.shard(3, 0), &[0, 3]),
            (five.take(2).repeat(2), &[0, 1, 0, 1]),
            (five.repeat(0), &[]),
            (five.take(1).concatenate(&five.skip(4)), &[0, 4]),
        ];
        for (dataset, expected) in cases {
            assert_eq!(numbers(&dataset), expected);
            assert_eq!(dataset.cardinality(), Cardinality::Known(expected.len()));
        }
    }

    #[test]
    fn to_repeat_nothing_forever_ends() {
        let nothing = Dataset::range(0..5).filter(|_: i64| Ok(false)).repeat(None);
        assert!(nothing.iter().next().is_none());
        let endless = Dataset::range(0..3).repeat(None).skip(4);
        assert_eq!(numbers(&endless.take(3)), [1, 2, 0]);
    }

    #[test]
    fn a_shard_beyond_the_last_is_refused() {
        assert!(
            Dataset::range(0..5)
                .shard(2, 2)
                .iter()
                .next()
                .unwrap()
                .is_err()
        );
    }
}
