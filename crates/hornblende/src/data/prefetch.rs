//! Elements that are made on another thread while the step runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, sync_channel};

use hornblende_core::Result;

use super::map::panicked;
use super::recipe::{Elements, Item, Pass, Recipe};
use super::worker::Worker;
use super::{Cardinality, Dataset};

impl Dataset {
    /// The same elements, of which up to `count` are made in advance on a thread of their own.
    ///
    /// The thread ends with the iterator, however that ends; a panic in a function of yours is an error of the
    /// dataset.
    #[must_use]
    pub fn prefetch(&self, count: usize) -> Self {
        match count {
            0 => self.clone(),
            count => Self::new(Prefetch {
                input: self.clone(),
                count,
            }),
        }
    }
}

struct Prefetch {
    input: Dataset,
    count: usize,
}

impl Recipe for Prefetch {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(PrefetchPass {
            count: self.count.min(1 << 16),
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

struct PrefetchPass {
    count: usize,
    progress: Progress,
}

enum Progress {
    Before(Box<dyn Elements>),
    /// The order matters: the queue is closed before the thread is waited for.
    Within(
        Receiver<Result<Item>>,
        #[expect(dead_code, reason = "ends when dropped")] Worker,
    ),
    After,
}

impl PrefetchPass {
    /// The queue, with the thread started; `None` at the end.
    fn queue(&mut self) -> Result<Option<&Receiver<Result<Item>>>> {
        if let Progress::Before(_) = self.progress {
            let Progress::Before(mut input) =
                std::mem::replace(&mut self.progress, Progress::After)
            else {
                return Ok(None);
            };
            let (sender, receiver) = sync_channel(self.count - 1);
            let worker = Worker::start(move || {
                loop {
                    let next = catch_unwind(AssertUnwindSafe(|| input.next()))
                        .unwrap_or_else(|payload| Err(panicked("a dataset", &*payload)));
                    let Some(next) = next.transpose() else {
                        return;
                    };
                    let failed = next.is_err();
                    if sender.send(next).is_err() || failed {
                        return;
                    }
                }
            })?;
            self.progress = Progress::Within(receiver, worker);
        }
        match &self.progress {
            Progress::Within(queue, _) => Ok(Some(queue)),
            _ => Ok(None),
        }
    }
}

impl Elements for PrefetchPass {
    fn next(&mut self) -> Result<Option<Item>> {
        let next = self.queue()?.and_then(|queue| queue.recv().ok());
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
