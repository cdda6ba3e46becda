//! Functions on elements.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor, Value, function};

use super::recipe::{Elements, Item, Pass, Recipe};
use super::{Cardinality, Dataset, Element, FromElement, IntoElement};

/// A function on elements, boxed so that what runs it is compiled once.
pub(super) type MapFunction = Arc<dyn Fn(Element) -> Result<Element> + Send + Sync>;

impl Dataset {
    /// The results of a function of each element.
    ///
    /// The type of the argument says how the function takes an element apart: `|(x, y): (Value, i64)|`,
    /// `|x: Tensor|`, `|element: Element|`. The function must depend on its argument alone. Code on tensors is
    /// faster with [`Dataset::map_tensors`].
    #[must_use]
    pub fn map<A, R>(&self, f: impl Fn(A) -> Result<R> + Send + Sync + 'static) -> Self
    where
        A: FromElement,
        R: IntoElement,
    {
        self.map_with(map_function(f))
    }

    /// As [`Dataset::map`], for functions on tensors: `f` is called once for each combination of shapes and
    /// compiled, as with [`hornblende_core::function()`].
    ///
    /// `f` gets the tensors of an element from the first to the last. As many results keep the structure
    /// of the element; otherwise one result is an element, and several are a tuple.
    ///
    /// ```
    /// use hornblende::Tensor;
    /// use hornblende::data::Dataset;
    /// let images = Tensor::from([[0u8, 255], [51, 102]]);
    /// let scaled = Dataset::from_tensor_slices(&images)
    ///     .batch(2)
    ///     .map_tensors(|x| Ok(vec![x[0].cast(hornblende::DType::F32) / 255.0]));
    /// let batch = scaled.iter().next().unwrap()?;
    /// assert_eq!(batch.value()?.as_slice::<f32>().unwrap(), [0.0, 1.0, 0.2, 0.4]);
    /// # Ok::<(), hornblende::Error>(())
    /// ```
    #[must_use]
    pub fn map_tensors(
        &self,
        f: impl Fn(&[Tensor]) -> Result<Vec<Tensor>> + Send + Sync + 'static,
    ) -> Self {
        self.map_with(tensor_function(f))
    }

    /// The elements for which `f` is true.
    #[must_use]
    pub fn filter<A>(&self, f: impl Fn(A) -> Result<bool> + Send + Sync + 'static) -> Self
    where
        A: FromElement,
    {
        Self::new(Filter {
            input: self.clone(),
            keeps: Arc::new(move |element| f(A::from_element(element)?)),
        })
    }

    /// The elements before the first one for which `f` is false.
    #[must_use]
    pub fn take_while<A>(&self, f: impl Fn(A) -> Result<bool> + Send + Sync + 'static) -> Self
    where
        A: FromElement,
    {
        Self::new(TakeWhile {
            input: self.clone(),
            goes_on: Arc::new(move |element| f(A::from_element(element)?)),
        })
    }

    fn map_with(&self, f: MapFunction) -> Self {
        Self::new(Map {
            input: self.clone(),
            f,
        })
    }
}

/// A function of the user's as one on elements.
pub(super) fn map_function<A: FromElement, R: IntoElement>(
    f: impl Fn(A) -> Result<R> + Send + Sync + 'static,
) -> MapFunction {
    Arc::new(move |element| f(A::from_element(element)?)?.into_element())
}

/// A function on tensors, compiled for each combination of shapes, as one on elements.
pub(super) fn tensor_function(
    f: impl Fn(&[Tensor]) -> Result<Vec<Tensor>> + Send + Sync + 'static,
) -> MapFunction {
    let compiled = function(f);
    Arc::new(move |element| {
        let tensors: Vec<Value> = element.tensors().into_iter().cloned().collect();
        let mut results = compiled.call_values(&tensors)?;
        if results.len() == tensors.len() {
            let mut results = results.into_iter();
            return element.map_tensors(&mut |_| Ok(results.next().expect("they are as many")));
        }
        match results.len() {
            1 => Ok(Element::Tensor(results.remove(0))),
            _ => Ok(Element::Tuple(
                results.into_iter().map(Element::Tensor).collect(),
            )),
        }
    })
}

struct Map {
    input: Dataset,
    f: MapFunction,
}

impl Recipe for Map {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(MapPass {
            input: self.input.start(pass)?,
            f: Arc::clone(&self.f),
        }))
    }

    fn cardinality(&self) -> Cardinality {
        self.input.cardinality()
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct MapPass {
    input: Box<dyn Elements>,
    f: MapFunction,
}

impl Elements for MapPass {
    fn next(&mut self) -> Result<Option<Item>> {
        match self.input.next()? {
            Some(item) => Ok(Some((self.f)(item.into_element()?)?.into())),
            None => Ok(None),
        }
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        self.input.skip(count)
    }
}

type Condition = Arc<dyn Fn(Element) -> Result<bool> + Send + Sync>;

struct Filter {
    input: Dataset,
    keeps: Condition,
}

impl Recipe for Filter {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(FilterPass {
            input: self.input.start(pass)?,
            keeps: Arc::clone(&self.keeps),
        }))
    }

    fn cardinality(&self) -> Cardinality {
        match self.input.cardinality() {
            Cardinality::Known(0) => Cardinality::Known(0),
            Cardinality::Infinite => Cardinality::Infinite,
            _ => Cardinality::Unknown,
        }
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct FilterPass {
    input: Box<dyn Elements>,
    keeps: Condition,
}

impl Elements for FilterPass {
    fn next(&mut self) -> Result<Option<Item>> {
        while let Some(item) = self.input.next()? {
            if (self.keeps)(item.clone().into_element()?)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

struct TakeWhile {
    input: Dataset,
    goes_on: Condition,
}

impl Recipe for TakeWhile {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(TakeWhilePass {
            input: Some(self.input.start(pass)?),
            goes_on: Arc::clone(&self.goes_on),
        }))
    }

    fn cardinality(&self) -> Cardinality {
        Cardinality::Unknown
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct TakeWhilePass {
    input: Option<Box<dyn Elements>>,
    goes_on: Condition,
}

impl Elements for TakeWhilePass {
    fn next(&mut self) -> Result<Option<Item>> {
        let Some(input) = &mut self.input else {
            return Ok(None);
        };
        match input.next()? {
            Some(item) if (self.goes_on)(item.clone().into_element()?)? => Ok(Some(item)),
            _ => {
                self.input = None;
                Ok(None)
            }
        }
    }
}

/// What a panic said, as an error.
pub(super) fn panicked(what: &str, payload: &(dyn std::any::Any + Send)) -> Error {
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let got = format!("a panic: {}", said.unwrap_or("of unknown reason"));
    Error::data(what, "code that returns", got, "Return an error instead")
}

#[cfg(test)]
mod tests {
    use super::super::numbers;
    use super::*;

    #[test]
    fn functions_take_elements_apart_by_the_type_of_their_argument() {
        let pairs = Dataset::range(0..3).map(|k: i64| Ok((k, k * 10)));
        let sums = pairs.map(|(a, b): (i64, i64)| Ok(a + b));
        assert_eq!(numbers(&sums), [0, 11, 22]);
        let wrong = pairs.map(|a: i64| Ok(a));
        assert!(wrong.iter().next().unwrap().is_err());
    }

    #[test]
    fn an_error_of_the_function_names_the_element() {
        let dataset = Dataset::range(0..9).map(|k: i64| match k {
            4 => Err(Error::data("image", "a picture", "noise", "")),
            k => Ok(k),
        });
        let error = dataset.iter().find_map(Result::err).unwrap().to_string();
        assert!(
            error.starts_with("image: ") && error.contains("element 4 "),
            "{error}"
        );
    }

    #[test]
    fn filters_keep_what_they_are_told() {
        let even = Dataset::range(0..9).filter(|k: i64| Ok(k % 2 == 0));
        assert_eq!(numbers(&even), [0, 2, 4, 6, 8]);
        assert_eq!(even.cardinality(), Cardinality::Unknown);
        let first = Dataset::range(0..9).take_while(|k: i64| Ok(!(3..=5).contains(&k)));
        assert_eq!(numbers(&first), [0, 1, 2]);
    }

    #[test]
    fn code_on_tensors_keeps_the_structure_unless_it_gives_fewer_results() {
        let pairs = Dataset::range(0..3).map(|k: i64| Ok([("a", k), ("b", 2 * k)]));
        let negated = pairs.map_tensors(|x| Ok(vec![-&x[0], x[1].clone()]));
        assert_eq!(
            negated.iter().next().unwrap().unwrap().to_string(),
            "{a: int64 (), b: int64 ()}"
        );
        let sums = pairs.map_tensors(|x| Ok(vec![&x[0] + &x[1]]));
        assert_eq!(numbers(&sums), [0, 3, 6]);
    }
}
