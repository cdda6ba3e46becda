//! Datasets made of each element, one after the other or in turns.

use std::sync::Arc;

use hornblende_core::Result;

use super::recipe::{Elements, Item, Pass, Recipe};
use super::sources::above_zero;
use super::{Cardinality, Dataset, Element, FromElement};

/// The arguments of [`Dataset::interleave`].
#[derive(Debug, Clone, Copy)]
pub struct Interleave {
    cycle_length: usize,
    block_length: usize,
}

impl Interleave {
    /// Takes turns among this many datasets, an element each.
    #[must_use]
    pub fn new(cycle_length: usize) -> Self {
        Self {
            cycle_length,
            block_length: 1,
        }
    }

    /// How many elements of a dataset come in a row. 1 unless set.
    #[must_use]
    pub fn block_length(mut self, block_length: usize) -> Self {
        self.block_length = block_length;
        self
    }
}

impl From<usize> for Interleave {
    fn from(cycle_length: usize) -> Self {
        Self::new(cycle_length)
    }
}

impl Dataset {
    /// The elements of the datasets that `f` makes of each element, taken in turns from several of them:
    /// `interleave(4, f)` or [`Interleave`] with its options.
    ///
    /// ```
    /// use hornblende::data::Dataset;
    /// let files = Dataset::range(1..4);
    /// let lines = files.interleave(2, |k: i64| Ok(Dataset::from_tensors(k).repeat(2)));
    /// let order = lines.batch(9).iter().next().unwrap()?;
    /// assert_eq!(order.value()?.to_f64_vec(), [1.0, 2.0, 1.0, 2.0, 3.0, 3.0]);
    /// # Ok::<(), hornblende::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn interleave<A: FromElement>(
        &self,
        options: impl Into<Interleave>,
        f: impl Fn(A) -> Result<Self> + Send + Sync + 'static,
    ) -> Self {
        let options = options.into();
        if options.cycle_length == 0 || options.block_length == 0 {
            return Self::invalid(above_zero("Dataset::interleave", "lengths above 0"));
        }
        Self::new(Turns {
            input: self.clone(),
            f: Arc::new(move |element| f(A::from_element(element)?)),
            options,
        })
    }

    /// The elements of the datasets that `f` makes of each element, one dataset after the other.
    #[must_use]
    pub fn flat_map<A: FromElement>(
        &self,
        f: impl Fn(A) -> Result<Self> + Send + Sync + 'static,
    ) -> Self {
        self.interleave(1, f)
    }
}

type ToDataset = Arc<dyn Fn(Element) -> Result<Dataset> + Send + Sync>;

struct Turns {
    input: Dataset,
    f: ToDataset,
    options: Interleave,
}

impl Recipe for Turns {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(TurnsPass {
            input: self.input.start(pass)?,
            f: Arc::clone(&self.f),
            pass,
            block_length: self.options.block_length,
            open: (0..self.options.cycle_length).map(|_| None).collect(),
            place: 0,
            in_block: 0,
            ended: false,
        }))
    }

    fn cardinality(&self) -> Cardinality {
        match self.input.cardinality() {
            Cardinality::Known(0) => Cardinality::Known(0),
            _ => Cardinality::Unknown,
        }
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct TurnsPass {
    input: Box<dyn Elements>,
    f: ToDataset,
    pass: Pass,
    block_length: usize,
    /// The datasets whose turn it may be.
    open: Vec<Option<Box<dyn Elements>>>,
    place: usize,
    /// How many elements of the current block came.
    in_block: usize,
    /// Whether the input has ended.
    ended: bool,
}

impl TurnsPass {
    fn advance(&mut self) {
        self.place = (self.place + 1) % self.open.len();
        self.in_block = 0;
    }

    /// Opens the next dataset at the current place, or notes that there is none.
    fn open_next(&mut self) -> Result<()> {
        match self.input.next()? {
            Some(item) => {
                let dataset = (self.f)(item.into_element()?)?;
                self.open[self.place] = Some(dataset.start(self.pass)?);
            }
            None => self.ended = true,
        }
        Ok(())
    }
}

impl Elements for TurnsPass {
    fn next(&mut self) -> Result<Option<Item>> {
        while !self.ended || self.open.iter().any(Option::is_some) {
            if let Some(elements) = &mut self.open[self.place] {
                if let Some(item) = elements.next()? {
                    self.in_block += 1;
                    if self.in_block == self.block_length {
                        self.advance();
                    }
                    return Ok(Some(item));
                }
                self.open[self.place] = None;
                self.advance();
            } else if self.ended {
                self.advance();
            } else {
                self.open_next()?;
            }
        }
        Ok(None)
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        // In turns of one dataset, whole datasets can be passed over.
        let alone = self.open.len() == 1;
        let mut done = 0;
        while alone && done < count {
            match &mut self.open[0] {
                Some(elements) => {
                    done += elements.skip(count - done)?;
                    if done < count {
                        self.open[0] = None;
                        self.in_block = 0;
                    }
                }
                None if self.ended => return Ok(done),
                None => self.open_next()?,
            }
        }
        while done < count {
            if self.next()?.is_none() {
                return Ok(done);
            }
            done += 1;
        }
        Ok(done)
    }
}
