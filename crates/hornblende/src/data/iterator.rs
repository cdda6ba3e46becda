//! A pass through a dataset.

use hornblende_core::{Error, Result};
use serde_json::{Value as Json, json};

use super::recipe::{Elements, Pass};
use super::{Dataset, Element};

/// A pass through a dataset: an iterator of its elements.
///
/// An error ends it. Dropping it ends the threads that work for it.
pub struct DatasetIterator {
    dataset: Dataset,
    pass: Pass,
    /// How many elements came so far.
    count: usize,
    progress: Progress,
}

enum Progress {
    /// Nothing is started.
    Before,
    Within(Box<dyn Elements>),
    After,
}

impl DatasetIterator {
    pub(super) fn new(dataset: Dataset, pass: Pass) -> Self {
        Self {
            dataset,
            pass,
            count: 0,
            progress: Progress::Before,
        }
    }

    /// How many elements came so far.
    #[must_use]
    pub fn count_so_far(&self) -> usize {
        self.count
    }

    /// Where the pass stands, in numbers that a checkpoint can hold.
    #[must_use]
    pub fn state(&self) -> Json {
        json!({
            "pass": self.pass.0,
            "next_pass": self.dataset.next_pass(),
            "elements": self.count,
            "seeds": self.dataset.keys(),
        })
    }

    /// Goes to a place that an iterator of the same dataset told: what follows is what would have followed
    /// there, and the next pass is the one that would have been next, in a new process too.
    ///
    /// Nothing is stored but numbers. The pass is begun anew and elements are passed over; functions of `map`
    /// are not called for those, so they must depend on their argument alone.
    ///
    /// # Errors
    /// [`Error::Data`] if this is no such state, or if the dataset is another one or shorter.
    pub fn restore(&mut self, state: &Json) -> Result<()> {
        let refused = |expected: &str, got: String| {
            let fix = "Restore a state of the same dataset";
            Err(Error::data("DatasetIterator::restore", expected, got, fix))
        };
        let number = |key: &str| state[key].as_u64();
        let seeds: Option<Vec<(u64, u32)>> = state["seeds"].as_array().and_then(|seeds| {
            let pair =
                |seed: &Json| Some((seed[0].as_u64()?, u32::try_from(seed[1].as_u64()?).ok()?));
            seeds.iter().map(pair).collect()
        });
        let numbers = number("pass").zip(number("next_pass"));
        let (Some((pass, next_pass)), Some(count), Some(seeds)) =
            (numbers, number("elements"), seeds)
        else {
            return refused("the state of a pass", state.to_string());
        };
        let own = self.dataset.keys();
        if own.len() != seeds.len() {
            let expected = format!("a dataset with {} shuffles", seeds.len());
            return refused(&expected, own.len().to_string());
        }
        self.dataset.set_keys(&seeds);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let started = self.started_at(Pass(pass), count);
        match started {
            Ok((elements, passed)) if passed == count => {
                self.dataset.set_next_pass(next_pass);
                (self.pass, self.count) = (Pass(pass), count);
                self.progress = Progress::Within(elements);
                Ok(())
            }
            other => {
                self.dataset.set_keys(&own);
                let (_, passed) = other?;
                refused(&format!("at least {count} elements"), passed.to_string())
            }
        }
    }

    fn started_at(&self, pass: Pass, count: usize) -> Result<(Box<dyn Elements>, usize)> {
        let mut elements = self.dataset.start(pass)?;
        let passed = elements.skip(count)?;
        Ok((elements, passed))
    }

    fn step(&mut self) -> Result<Option<Element>> {
        if let Progress::Before = self.progress {
            self.progress = Progress::Within(self.dataset.start(self.pass)?);
        }
        let Progress::Within(elements) = &mut self.progress else {
            return Ok(None);
        };
        match elements.next()? {
            Some(item) => Ok(Some(item.into_element()?)),
            None => Ok(None),
        }
    }
}

impl Iterator for DatasetIterator {
    type Item = Result<Element>;

    fn next(&mut self) -> Option<Result<Element>> {
        match self.step() {
            Ok(Some(element)) => {
                self.count += 1;
                Some(Ok(element))
            }
            Ok(None) => {
                self.progress = Progress::After;
                None
            }
            Err(error) => {
                self.progress = Progress::After;
                let place = format!("(element {} of the dataset, counted from 0)", self.count);
                Some(Err(error.hint(&place)))
            }
        }
    }
}
