//! Several datasets side by side, and elements with their numbers.

use hornblende_core::Result;

use super::recipe::{Elements, Item, Pass, Recipe};
use super::{Cardinality, Dataset, Element};

impl Dataset {
    /// Tuples of an element of each dataset, as long as all have some.
    ///
    /// ```
    /// use hornblende::data::Dataset;
    /// let (x, y) = (Dataset::range(0..3), Dataset::range(10..20));
    /// let pairs = Dataset::zip([&x, &y]);
    /// assert_eq!(pairs.cardinality().known(), Some(3));
    /// let (x, y): (i64, i64) = hornblende::data::FromElement::from_element(pairs.iter().nth(2).unwrap()?)?;
    /// assert_eq!((x, y), (2, 12));
    /// # Ok::<(), hornblende::Error>(())
    /// ```
    #[must_use]
    pub fn zip<'a>(datasets: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::new(Zip(datasets.into_iter().cloned().collect()))
    }

    /// Tuples of the number of an element, counted from 0, and the element.
    #[must_use]
    pub fn enumerate(&self) -> Self {
        Self::zip([&Self::range(0..i64::MAX), self])
    }
}

struct Zip(Vec<Dataset>);

impl Recipe for Zip {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        let inputs = self.0.iter().map(|input| input.start(pass));
        Ok(Box::new(ZipPass(inputs.collect::<Result<_>>()?)))
    }

    fn cardinality(&self) -> Cardinality {
        let all = self.0.iter().map(Dataset::cardinality);
        all.reduce(Cardinality::least)
            .unwrap_or(Cardinality::Known(0))
    }

    fn inputs(&self) -> Vec<&Dataset> {
        self.0.iter().collect()
    }
}

struct ZipPass(Vec<Box<dyn Elements>>);

impl Elements for ZipPass {
    fn next(&mut self) -> Result<Option<Item>> {
        let mut parts = Vec::with_capacity(self.0.len());
        for input in &mut self.0 {
            match input.next()? {
                Some(item) => parts.push(item.into_element()?),
                None => {
                    self.0.clear();
                    return Ok(None);
                }
            }
        }
        Ok((!parts.is_empty()).then(|| Element::Tuple(parts).into()))
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        let mut least = if self.0.is_empty() { 0 } else { count };
        for input in &mut self.0 {
            least = least.min(input.skip(count)?);
        }
        if least < count {
            self.0.clear();
        }
        Ok(least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_ends_it_and_numbers_count_from_zero() {
        let ten = Dataset::range(10..13).enumerate();
        let pairs = ten.map(|(k, x): (i64, i64)| Ok(100 * k + x));
        assert_eq!(super::super::numbers(&pairs), [10, 111, 212]);
        assert_eq!(ten.cardinality(), Cardinality::Known(3));
        assert_eq!(Dataset::zip([]).iter().count(), 0);
    }
}
