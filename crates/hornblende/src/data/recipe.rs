//! How a dataset makes its elements.

use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use hornblende_core::philox::philox4x32_10;
use hornblende_core::{Result, Value};

use super::{Cardinality, Dataset, Element};
use crate::random::Stream;

/// What a dataset is made of: nothing is computed until it is started.
pub(super) trait Recipe: Send + Sync {
    /// Begins a pass.
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>>;

    /// How many elements a pass has.
    fn cardinality(&self) -> Cardinality;

    /// The datasets that this one is made of.
    fn inputs(&self) -> Vec<&Dataset> {
        Vec::new()
    }

    /// The source of randomness, of one that has its own.
    fn seed(&self) -> Option<&Seed> {
        None
    }
}

/// A pass through a dataset.
pub(super) trait Elements: Send {
    /// The next element; `None` at the end.
    fn next(&mut self) -> Result<Option<Item>>;

    /// Passes over this many elements and tells how many there were. Functions on elements need not be called
    /// for them.
    fn skip(&mut self, count: usize) -> Result<usize> {
        for done in 0..count {
            if self.next()?.is_none() {
                return Ok(done);
            }
        }
        Ok(count)
    }
}

/// The number of a pass: what is shuffled has another order in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pass(pub(super) u64);

impl Pass {
    /// Pass `number` through something that this pass goes through several times.
    pub(super) fn inner(self, number: u64) -> Self {
        match number {
            0 => self,
            _ => Self(mixed(self.0, number, 0)),
        }
    }
}

/// The seed of something random in a dataset. It can be replaced, so that a run continues with the numbers of
/// the interrupted one even if nobody chose a seed.
#[derive(Debug)]
pub(super) struct Seed(Mutex<(u64, u32)>);

impl Seed {
    /// This seed, or else the next stream of the global one.
    pub(super) fn new(seed: Option<u64>) -> Self {
        let key = match seed {
            Some(seed) => (seed, 0),
            None => {
                let mut stream = Stream::next_global();
                let (high, low) = (stream.bits(), stream.bits());
                (u64::from(high) << 32 | u64::from(low), 1)
            }
        };
        Self(Mutex::new(key))
    }

    /// The numbers that tell it.
    pub(super) fn key(&self) -> (u64, u32) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Becomes the seed that these numbers tell.
    pub(super) fn set_key(&self, key: (u64, u32)) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// The random numbers of a pass.
    pub(super) fn stream(&self, pass: Pass) -> Stream {
        let (seed, stream) = self.key();
        Stream::new(mixed(seed, pass.0, stream), stream)
    }
}

/// Bits that look random, as a function of three numbers.
fn mixed(a: u64, b: u64, c: u32) -> u64 {
    let key = [a as u32, (a >> 32) as u32];
    let [low, high, ..] = philox4x32_10([b as u32, (b >> 32) as u32, c, 0x64_61_74_61], key);
    u64::from(high) << 32 | u64::from(low)
}

/// An element on its way: rows of arrays are copied only when somebody looks at them.
#[derive(Clone)]
pub(super) enum Item {
    /// The element itself.
    Whole(Element),
    /// A row of arrays.
    Row(Arc<Rows>, usize),
}

impl Item {
    pub(super) fn into_element(self) -> Result<Element> {
        match self {
            Self::Whole(element) => Ok(element),
            Self::Row(rows, row) => rows.row(row),
        }
    }
}

impl From<Element> for Item {
    fn from(element: Element) -> Self {
        Self::Whole(element)
    }
}

/// Arrays of equally many rows.
pub(super) struct Rows {
    pub(super) arrays: Element,
    pub(super) count: usize,
}

impl Rows {
    fn row(&self, row: usize) -> Result<Element> {
        self.arrays.map_tensors(&mut |array| {
            let one = array.rows(row, row + 1)?;
            one.reshape(&array.shape().dims()[1..])
        })
    }

    /// These rows, stacked.
    pub(super) fn gather(&self, rows: &[usize]) -> Result<Element> {
        self.arrays.map_tensors(&mut |array| {
            let width = array.len() / self.count.max(1);
            let mut batch = Value::zeros(array.shape().with(0, rows.len()), array.dtype());
            let storage = batch.make_mut();
            for (place, row) in rows.iter().enumerate() {
                storage.copy_from(place * width, array.elements(), row * width, width);
            }
            Ok(batch)
        })
    }
}
