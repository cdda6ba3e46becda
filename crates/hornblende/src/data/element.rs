//! What a dataset consists of.

use std::fmt;

use hornblende_core::{Error, Result, Tensor, Value};

/// An element of a dataset: a tensor, or several by position or by name, nested as needed.
///
/// Training reads `(x,)`, `(x, y)` and `(x, y, sample_weight)`; each part is a tensor, or a tuple or named
/// parts where a model has several inputs or outputs.
///
/// # Example
/// ```
/// use hornblende::Tensor;
/// use hornblende::data::{Element, IntoElement};
/// let element = (Tensor::from([1.0f32, 2.0]), 3i64).into_element()?;
/// assert_eq!(element.to_string(), "(float32 (2,), int64 ())");
/// assert_eq!(element[1].value()?.get_f64(0), 3.0);
/// # Ok::<(), hornblende::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// One tensor.
    Tensor(Value),
    /// Parts by position.
    Tuple(Vec<Self>),
    /// Parts by name.
    Named(Vec<(String, Self)>),
}

impl Element {
    /// The tensor of an element that is one.
    ///
    /// # Errors
    /// [`Error::Data`] if it has parts.
    pub fn value(&self) -> Result<&Value> {
        match self {
            Self::Tensor(value) => Ok(value),
            other => Err(unlike("a tensor", other)),
        }
    }

    /// The parts of a tuple; an element that is none is its own only part.
    #[must_use]
    pub fn into_parts(self) -> Vec<Self> {
        match self {
            Self::Tuple(parts) => parts,
            other => vec![other],
        }
    }

    /// The part of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Named(parts) => parts.iter().find(|(n, _)| n == name).map(|(_, e)| e),
            _ => None,
        }
    }

    /// All tensors, from the first to the last.
    #[must_use]
    pub fn tensors(&self) -> Vec<&Value> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, into: &mut Vec<&'a Value>) {
        match self {
            Self::Tensor(value) => into.push(value),
            Self::Tuple(parts) => parts.iter().for_each(|part| part.collect(into)),
            Self::Named(parts) => parts.iter().for_each(|(_, part)| part.collect(into)),
        }
    }

    /// An element of the same structure with `f` of each tensor.
    ///
    /// # Errors
    /// What `f` returns.
    pub fn map_tensors(&self, f: &mut dyn FnMut(&Value) -> Result<Value>) -> Result<Self> {
        Ok(match self {
            Self::Tensor(value) => Self::Tensor(f(value)?),
            Self::Tuple(parts) => {
                let parts = parts.iter().map(|part| part.map_tensors(f));
                Self::Tuple(parts.collect::<Result<_>>()?)
            }
            Self::Named(parts) => {
                let named =
                    |(name, part): &(String, Self)| Ok((name.clone(), part.map_tensors(f)?));
                Self::Named(parts.iter().map(named).collect::<Result<_>>()?)
            }
        })
    }

    /// Whether the other one has the same parts, whatever the shapes and types of the tensors.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tensor(_), Self::Tensor(_)) => true,
            (Self::Tuple(a), Self::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_alike(b))
            }
            (Self::Named(a), Self::Named(b)) => {
                let same =
                    |((n, a), (m, b)): (&(String, Self), &(String, Self))| n == m && a.is_alike(b);
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            _ => false,
        }
    }
}

/// The part of a tuple; an element that is no tuple is its own part 0.
impl std::ops::Index<usize> for Element {
    type Output = Self;

    fn index(&self, place: usize) -> &Self {
        match self {
            Self::Tuple(parts) => &parts[place],
            other => {
                assert!(place == 0, "an element without part {place}: {other}");
                other
            }
        }
    }
}

/// The structure with types and shapes, such as `(float32 (2,), int64 ())`.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tensor(value) => write!(f, "{} {}", value.dtype(), value.shape()),
            Self::Tuple(parts) => {
                f.write_str("(")?;
                for (k, part) in parts.iter().enumerate() {
                    let comma = if k == 0 { "" } else { ", " };
                    write!(f, "{comma}{part}")?;
                }
                f.write_str(if parts.len() == 1 { ",)" } else { ")" })
            }
            Self::Named(parts) => {
                f.write_str("{")?;
                for (k, (name, part)) in parts.iter().enumerate() {
                    let comma = if k == 0 { "" } else { ", " };
                    write!(f, "{comma}{name}: {part}")?;
                }
                f.write_str("}")
            }
        }
    }
}

/// What can be an element: tensors, numbers, vectors of numbers, tuples of those, and arrays of names with
/// those.
pub trait IntoElement {
    /// The element.
    ///
    /// # Errors
    /// What the evaluation of a tensor returns.
    fn into_element(self) -> Result<Element>;
}

impl IntoElement for Element {
    fn into_element(self) -> Result<Element> {
        Ok(self)
    }
}

impl IntoElement for Value {
    fn into_element(self) -> Result<Element> {
        Ok(Element::Tensor(self))
    }
}

impl IntoElement for Tensor {
    fn into_element(self) -> Result<Element> {
        (&self).into_element()
    }
}

impl IntoElement for &Tensor {
    fn into_element(self) -> Result<Element> {
        Ok(Element::Tensor(self.eval()?))
    }
}

/// The fallible items of an iterator.
impl<T: IntoElement> IntoElement for Result<T> {
    fn into_element(self) -> Result<Element> {
        self?.into_element()
    }
}

impl<T: IntoElement, const N: usize> IntoElement for [T; N] {
    fn into_element(self) -> Result<Element> {
        let parts = self.into_iter().map(T::into_element);
        Ok(Element::Tuple(parts.collect::<Result<_>>()?))
    }
}

impl<T: IntoElement, const N: usize> IntoElement for [(&str, T); N] {
    fn into_element(self) -> Result<Element> {
        let named = |(name, part): (&str, T)| Ok((name.to_owned(), part.into_element()?));
        let parts = self.into_iter().map(named);
        Ok(Element::Named(parts.collect::<Result<_>>()?))
    }
}

/// What the argument of a function on elements may be: the element itself, its tensor, a number, or a tuple of
/// those.
pub trait FromElement: Sized {
    /// The element as this type.
    ///
    /// # Errors
    /// [`Error::Data`] if it is something else.
    fn from_element(element: Element) -> Result<Self>;
}

impl FromElement for Element {
    fn from_element(element: Element) -> Result<Self> {
        Ok(element)
    }
}

impl FromElement for Value {
    fn from_element(element: Element) -> Result<Self> {
        match element {
            Element::Tensor(value) => Ok(value),
            other => Err(unlike("a tensor", &other)),
        }
    }
}

impl FromElement for Tensor {
    fn from_element(element: Element) -> Result<Self> {
        Value::from_element(element).map(Self::from)
    }
}

/// Numbers and vectors of them; a generic implementation would overlap with that of tensors.
macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl IntoElement for $type {
            fn into_element(self) -> Result<Element> {
                Ok(Element::Tensor(Value::scalar(self)))
            }
        }
        impl IntoElement for Vec<$type> {
            fn into_element(self) -> Result<Element> {
                Ok(Element::Tensor(Value::from_vec([self.len()], self)?))
            }
        }
    )*};
}
numbers!(f32, f64, i32, i64, u8, bool);

/// Numbers that an element can be read as, if it has that type exactly.
macro_rules! arguments {
    ($($type:ty),*) => {$(
        impl FromElement for $type {
            fn from_element(element: Element) -> Result<Self> {
                match element.value()?.as_slice::<$type>() {
                    Some([number]) => Ok(*number),
                    _ => Err(unlike(concat!("a number of type ", stringify!($type)), &element)),
                }
            }
        }
    )*};
}
arguments!(f32, f64, i32, i64, u8);

/// The bytes of a text, as [`super::Dataset::text_lines`] gives it.
impl IntoElement for String {
    fn into_element(self) -> Result<Element> {
        self.into_bytes().into_element()
    }
}

impl FromElement for String {
    fn from_element(element: Element) -> Result<Self> {
        let bytes = element.value()?.as_slice::<u8>().map(<[u8]>::to_vec);
        let text = bytes.and_then(|bytes| Self::from_utf8(bytes).ok());
        text.ok_or_else(|| unlike("bytes of UTF-8 text", &element))
    }
}

/// Tuples of up to four parts.
macro_rules! tuples {
    ($(($count:literal: $($name:ident $part:ident),+)),*) => {$(
        impl<$($name: IntoElement),+> IntoElement for ($($name,)+) {
            fn into_element(self) -> Result<Element> {
                let ($($part,)+) = self;
                Ok(Element::Tuple(vec![$($part.into_element()?),+]))
            }
        }
        impl<$($name: FromElement),+> FromElement for ($($name,)+) {
            fn from_element(element: Element) -> Result<Self> {
                match element {
                    Element::Tuple(parts) if parts.len() == $count => {
                        let mut parts = parts.into_iter();
                        $(
                            let $part = parts.next().expect("the parts have been counted");
                        )+
                        Ok(($($name::from_element($part)?,)+))
                    }
                    other => Err(unlike(concat!("a tuple of ", $count), &other)),
                }
            }
        }
    )*};
}
tuples!(
    (1: A a),
    (2: A a, B b),
    (3: A a, B b, C c),
    (4: A a, B b, C c, D d)
);

fn unlike(expected: &str, element: &Element) -> Error {
    Error::data("an element of a dataset", expected, element.to_string(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_and_names_keep_their_structure() {
        let x = Tensor::from([[1.0f32, 2.0]]);
        let element = ([("left", &x), ("right", &x)], 1i32, vec![2.0f32])
            .into_element()
            .unwrap();
        assert_eq!(
            element.to_string(),
            "({left: float32 (1, 2), right: float32 (1, 2)}, int32 (), float32 (1,))"
        );
        assert_eq!(element.tensors().len(), 4);
        assert_eq!(element[0].get("right"), element[0].get("left"));
        assert!(element.is_alike(&element.clone()));
        assert!(!element.is_alike(&element[0]));
    }

    #[test]
    fn an_argument_of_another_type_is_an_error_that_shows_the_element() {
        let element = (1i64, 2.0f32).into_element().unwrap();
        assert_eq!(<(i64, f32)>::from_element(element.clone()), Ok((1, 2.0)));
        let error = <(i64, i64)>::from_element(element.clone()).unwrap_err();
        assert!(
            error.to_string().contains("type i64; got float32 ()"),
            "{error}"
        );
        let error = Value::from_element(element).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("a tensor; got (int64 (), float32 ())"),
            "{error}"
        );
    }
}
