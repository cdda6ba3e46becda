//! Functions on elements, called on several threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use hornblende_core::{Result, Tensor};

use super::map::{MapFunction, map_function, panicked, tensor_function};
use super::recipe::{Elements, Item, Pass, Recipe};
use super::sources::above_zero;
use super::worker::Worker;
use super::{Cardinality, Dataset, FromElement, IntoElement};

impl Dataset {
    /// As [`Dataset::map`], with `calls` threads that call the function; the order stays.
    ///
    /// Two results per thread are made in advance. The threads end with the iterator, however that ends; a panic
    /// in the function is an error of the dataset.
    #[track_caller]
    #[must_use]
    pub fn map_parallel<A, R>(
        &self,
        calls: usize,
        f: impl Fn(A) -> Result<R> + Send + Sync + 'static,
    ) -> Self
    where
        A: FromElement,
        R: IntoElement,
    {
        self.parallel(calls, map_function(f))
    }

    /// As [`Dataset::map_tensors`], with `calls` threads.
    #[track_caller]
    #[must_use]
    pub fn map_tensors_parallel(
        &self,
        calls: usize,
        f: impl Fn(&[Tensor]) -> Result<Vec<Tensor>> + Send + Sync + 'static,
    ) -> Self {
        self.parallel(calls, tensor_function(f))
    }

    #[track_caller]
    fn parallel(&self, calls: usize, f: MapFunction) -> Self {
        if calls == 0 {
            return Self::invalid(above_zero(
                "Dataset::map_parallel",
                "a number of calls above 0",
            ));
        }
        Self::new(ParallelMap {
            input: self.clone(),
            calls,
            f,
        })
    }
}

struct ParallelMap {
    input: Dataset,
    calls: usize,
    f: MapFunction,
}

impl Recipe for ParallelMap {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(ParallelMapPass {
            calls: self.calls,
            f: Arc::clone(&self.f),
            progress: Progress::Before(self.input.start(pass)?),
        }))
    }

    fn cardinality(&self) -> Cardinality {
        self.input.cardinality()
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct ParallelMapPass {
    calls: usize,
    f: MapFunction,
    progress: Progress,
}

enum Progress {
    Before(Box<dyn Elements>),
    Within(Crew),
    After,
}

/// The threads of a pass and what they share.
struct Crew {
    shared: Arc<Shared>,
    /// The number of the element that is delivered next.
    next: usize,
    workers: Vec<Worker>,
}

struct Shared {
    /// The input, and the number of its next element; `None` at its end.
    input: Mutex<Option<(Box<dyn Elements>, usize)>>,
    results: Mutex<Results>,
    /// Told when there is a result.
    made: Condvar,
    /// Told when there is room for another result, or when all is over.
    room: Condvar,
}

struct Results {
    /// By the number of the element.
    waiting: BTreeMap<usize, Result<Item>>,
    /// Elements from this number on must wait.
    limit: usize,
    /// The number of elements, once it is known.
    end: Option<usize>,
    is_over: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Takes an element, maps it, puts the result down, until there is no more.
    fn work(&self, f: &MapFunction) {
        while let Some((number, item)) = self.take() {
            let mapped = item.and_then(|item| {
                let call = AssertUnwindSafe(|| f(item.into_element()?));
                catch_unwind(call)
                    .unwrap_or_else(|payload| Err(panicked("Dataset::map", &*payload)))
            });
            let failed = mapped.is_err();
            let mut results = lock(&self.results);
            results.waiting.insert(number, mapped.map(Item::Whole));
            if failed {
                // What comes after an error is not asked for.
                let end = results.end.map_or(number + 1, |end| end.min(number + 1));
                results.end = Some(end);
            }
            drop(results);
            self.made.notify_one();
        }
    }

    /// The next element of the input and its number; `None` if there is none or nobody wants one.
    fn take(&self) -> Option<(usize, Result<Item>)> {
        let mut input = lock(&self.input);
        let (elements, next) = input.as_mut()?;
        let number = *next;
        let mut results = lock(&self.results);
        while number >= results.limit && !results.is_over {
            results = self
                .room
                .wait(results)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let stop = results.is_over || results.end.is_some_and(|end| number >= end);
        drop(results);
        if stop {
            *input = None;
            return None;
        }
        *next += 1;
        let item = catch_unwind(AssertUnwindSafe(|| elements.next()))
            .unwrap_or_else(|payload| Err(panicked("a dataset", &*payload)));
        match item.transpose() {
            Some(Ok(item)) => Some((number, Ok(item))),
            Some(Err(error)) => {
                *input = None;
                Some((number, Err(error)))
            }
            None => {
                *input = None;
                let mut results = lock(&self.results);
                results.end = Some(results.end.map_or(number, |end| end.min(number)));
                drop(results);
                self.made.notify_one();
                None
            }
        }
    }
}

impl Crew {
    fn start(input: Box<dyn Elements>, calls: usize, f: &MapFunction) -> Result<Self> {
        let results = Results {
            waiting: BTreeMap::new(),
            limit: calls.saturating_mul(2),
            end: None,
            is_over: false,
        };
        let mut crew = Self {
            shared: Arc::new(Shared {
                input: Mutex::new(Some((input, 0))),
                results: Mutex::new(results),
                made: Condvar::new(),
                room: Condvar::new(),
            }),
            next: 0,
            workers: Vec::new(),
        };
        for _ in 0..calls {
            let (shared, f) = (Arc::clone(&crew.shared), Arc::clone(f));
            crew.workers.push(Worker::start(move || shared.work(&f))?);
        }
        Ok(crew)
    }

    fn next(&mut self) -> Option<Result<Item>> {
        let mut results = lock(&self.shared.results);
        loop {
            if let Some(result) = results.waiting.remove(&self.next) {
                self.next += 1;
                results.limit += 1;
                drop(results);
                self.shared.room.notify_one();
                return Some(result);
            }
            if results.end.is_some_and(|end| self.next >= end) {
                return None;
            }
            results = self
                .shared
                .made
                .wait(results)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        lock(&self.shared.results).is_over = true;
        self.shared.room.notify_all();
    }
}

impl ParallelMapPass {
    fn crew(&mut self) -> Result<Option<&mut Crew>> {
        if let Progress::Before(_) = self.progress
            && let Progress::Before(input) = std::mem::replace(&mut self.progress, Progress::After)
        {
            self.progress = Progress::Within(Crew::start(input, self.calls, &self.f)?);
        }
        match &mut self.progress {
            Progress::Within(crew) => Ok(Some(crew)),
            _ => Ok(None),
        }
    }
}

impl Elements for ParallelMapPass {
    fn next(&mut self) -> Result<Option<Item>> {
        let next = self.crew()?.and_then(Crew::next);
        if !matches!(next, Some(Ok(_))) {
            self.progress = Progress::After;
        }
        next.transpose()
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        if let Progress::Before(input) = &mut self.progress {
            return input.skip(count);
        }
        for done in 0..count {
            if self.next()?.is_none() {
                return Ok(done);
            }
        }
        Ok(count)
    }
}
