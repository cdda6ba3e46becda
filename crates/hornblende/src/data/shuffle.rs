//! Elements in random order.

use hornblende_core::{Error, Result};

use super::recipe::{Elements, Item, Pass, Recipe, Seed};
use super::sources::above_zero;
use super::{Cardinality, Dataset};
use crate::random::Stream;

/// The arguments of [`Dataset::shuffle`]; a number alone is the size of the buffer.
///
/// # Example
/// ```
/// use hornblende::data::{Dataset, Shuffle};
/// let dataset = Dataset::range(0..100).shuffle(Shuffle::new(100).seed(1).reshuffle_each_iteration(false));
/// let pass = || dataset.iter().map(|e| Ok(e?.value()?.get_f64(0)));
/// let first: Result<Vec<f64>, hornblende::Error> = pass().collect();
/// assert_eq!(first, pass().collect());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Shuffle {
    buffer_size: usize,
    seed: Option<u64>,
    reshuffle_each_iteration: bool,
}

impl Shuffle {
    /// A shuffle with a buffer of this many elements.
    #[must_use]
    pub fn new(buffer_size: usize) -> Self {
        Self {
            buffer_size,
            seed: None,
            reshuffle_each_iteration: true,
        }
    }

    /// The seed; without one, a stream of the global seed (see [`crate::random::set_seed`]).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Whether each pass has another order. True unless set.
    #[must_use]
    pub fn reshuffle_each_iteration(mut self, reshuffle: bool) -> Self {
        self.reshuffle_each_iteration = reshuffle;
        self
    }
}

impl From<usize> for Shuffle {
    fn from(buffer_size: usize) -> Self {
        Self::new(buffer_size)
    }
}

impl Dataset {
    /// The elements in random order: each is drawn from a buffer of the next ones. For a uniform order the
    /// buffer must be as large as the dataset: `shuffle(10_000)`, or [`Shuffle`] with its options.
    #[track_caller]
    #[must_use]
    pub fn shuffle(&self, options: impl Into<Shuffle>) -> Self {
        let options = options.into();
        if options.buffer_size == 0 {
            return Self::invalid(above_zero("Dataset::shuffle", "a buffer_size above 0"));
        }
        Self::new(Shuffled {
            input: self.clone(),
            options,
            seed: Seed::new(options.seed),
        })
    }
}

struct Shuffled {
    input: Dataset,
    options: Shuffle,
    seed: Seed,
}

impl Recipe for Shuffled {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        let own = match self.options.reshuffle_each_iteration {
            true => pass,
            false => Pass(0),
        };
        Ok(Box::new(ShuffledPass {
            input: self.input.start(pass)?,
            size: self.options.buffer_size,
            stream: self.seed.stream(own),
            buffer: Vec::new(),
            filled: false,
            total: self.input.cardinality().known(),
        }))
    }

    fn cardinality(&self) -> Cardinality {
        self.input.cardinality()
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }

    fn seed(&self) -> Option<&Seed> {
        Some(&self.seed)
    }
}

struct ShuffledPass {
    input: Box<dyn Elements>,
    size: usize,
    stream: Stream,
    buffer: Vec<Item>,
    filled: bool,
    /// The number of elements of the input, if it is known.
    total: Option<usize>,
}

impl ShuffledPass {
    fn fill(&mut self) -> Result<()> {
        while !self.filled && self.buffer.len() < self.size {
            match self.input.next()? {
                Some(item) => self.buffer.push(item),
                None => self.size = self.buffer.len(),
            }
        }
        self.filled = true;
        Ok(())
    }
}

impl Elements for ShuffledPass {
    fn next(&mut self) -> Result<Option<Item>> {
        self.fill()?;
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let place = self.stream.below(self.buffer.len());
        // A buffer that is not full any more tells that the input has ended.
        let next = if self.buffer.len() == self.size {
            self.input.next()?
        } else {
            None
        };
        Ok(Some(match next {
            Some(next) => std::mem::replace(&mut self.buffer[place], next),
            None => self.buffer.swap_remove(place),
        }))
    }

    /// Plays the draws with the numbers of the elements alone, then asks the input only for those that are left
    /// in the buffer.
    fn skip(&mut self, count: usize) -> Result<usize> {
        let Some(total) = self.total.filter(|_| !self.filled && count > 0) else {
            for done in 0..count {
                if self.next()?.is_none() {
                    return Ok(done);
                }
            }
            return Ok(count);
        };
        self.size = self.size.min(total);
        let mut left: Vec<usize> = (0..self.size).collect();
        let (mut next, mut done) = (self.size, 0);
        while done < count && !left.is_empty() {
            let place = self.stream.below(left.len());
            if next < total {
                left[place] = next;
                next += 1;
            } else {
                left.swap_remove(place);
            }
            done += 1;
        }
        self.buffer = self.take(&left, next)?;
        self.filled = true;
        Ok(done)
    }
}

impl ShuffledPass {
    /// The elements of the input with these numbers, in this order; passes over all others before `end`.
    fn take(&mut self, numbers: &[usize], end: usize) -> Result<Vec<Item>> {
        let mut places: Vec<usize> = (0..numbers.len()).collect();
        places.sort_unstable_by_key(|place| numbers[*place]);
        let mut items = vec![None; numbers.len()];
        let mut at = 0;
        for place in places {
            self.input.skip(numbers[place] - at)?;
            items[place] = self.input.next()?;
            at = numbers[place] + 1;
        }
        self.input.skip(end - at)?;
        let fewer = || {
            let expected = format!("a dataset of at least {end} elements, as its cardinality says");
            Error::data("Dataset::shuffle", expected, "fewer", "")
        };
        items
            .into_iter()
            .map(|item| item.ok_or_else(fewer))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers;
    use super::*;

    #[test]
    fn each_element_comes_once_in_another_order_each_pass() {
        for buffer in [1, 7, 50, 80] {
            let dataset = Dataset::range(0..50).shuffle(Shuffle::new(buffer).seed(3));
            let (first, second) = (numbers(&dataset), numbers(&dataset));
            assert_eq!(first == second, buffer == 1);
            for mut pass in [first, second] {
                pass.sort_unstable();
                assert_eq!(pass, (0..50).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn an_element_moves_forward_by_less_than_the_buffer() {
        let order = numbers(&Dataset::range(0..500).shuffle(Shuffle::new(10).seed(1)));
        let moved = |(place, number): (usize, &i64)| *number < place as i64 + 10;
        assert!(order.iter().enumerate().all(moved));
        assert_ne!(order, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn the_same_seed_gives_the_same_order_and_repeat_shuffles_anew() {
        let make = || {
            Dataset::range(0..20)
                .shuffle(Shuffle::new(20).seed(9))
                .repeat(2)
        };
        let both = numbers(&make());
        assert_eq!(both, numbers(&make()));
        assert_ne!(both[..20], both[20..]);
        let fixed = Shuffle::new(20).seed(9).reshuffle_each_iteration(false);
        let both = numbers(&Dataset::range(0..20).shuffle(fixed).repeat(2));
        assert_eq!(both[..20], both[20..]);
    }

    #[test]
    fn every_order_is_equally_likely() {
        let mut counts = std::collections::HashMap::new();
        for seed in 0..6000 {
            let order = numbers(&Dataset::range(0..3).shuffle(Shuffle::new(3).seed(seed)));
            *counts.entry(order).or_insert(0) += 1;
        }
        // A count of 1000 has a standard deviation of 29; the bounds are 5 of them.
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|n| (855..1145).contains(n)),
            "{counts:?}"
        );
    }
}
