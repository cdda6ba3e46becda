// tidy: not an item
//! A number, or an array of them, as an argument.

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use crate::config::{Config, Json};

/// A number, or an array of them, as an argument: `0.5`, `[0.5, 1.0]`, `[[0.5, 1.0]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    shape: Shape,
    elements: Vec<f64>,
}

impl Numbers {
    /// The argument of this name, if it is there: a number, nested lists, or what Keras writes for an array.
    pub(super) fn from_config(config: &Config, key: &str) -> Result<Option<Self>> {
        let Some(value) = config.get(key) else {
            return Ok(None);
        };
        // Keras writes an array as an object around its nested lists.
        let inner = value.get("config").and_then(|c| c.get("value"));
        match Self::from_json(inner.unwrap_or(value)) {
            Some(numbers) => Ok(Some(numbers)),
            None => {
                let subject = format!("argument \"{key}\"");
                let expected = "a number or an array of numbers";
                Err(Error::format(subject, expected, value.to_string(), ""))
            }
        }
    }

    fn from_json(value: &Json) -> Option<Self> {
        let Json::Array(list) = value else {
            return Some(value.as_f64()?.into());
        };
        let entries: Option<Vec<Self>> = list.iter().map(Self::from_json).collect();
        let entries = entries?;
        let inner = entries.first().map_or(Shape::scalar(), |e| e.shape.clone());
        if entries.iter().any(|e| e.shape != inner) {
            return None;
        }
        Some(Self {
            shape: [&[list.len()], inner.dims()].concat().into(),
            elements: entries.into_iter().flat_map(|e| e.elements).collect(),
        })
    }

    /// As Keras writes it into configurations.
    pub(super) fn json(&self) -> Json {
        fn nested(dims: &[usize], elements: &[f64]) -> Json {
            match dims {
                [] => Json::from(elements[0]),
                [0, ..] => Json::Array(Vec::new()),
                [size, inner @ ..] => elements
                    .chunks(elements.len() / size)
                    .map(|chunk| nested(inner, chunk))
                    .collect(),
            }
        }
        nested(self.shape.dims(), &self.elements)
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(super) fn tensor(&self, dtype: DType) -> Tensor {
        Tensor::from_vec(self.shape.clone(), self.elements.clone()).cast(dtype)
    }
}

impl From<f64> for Numbers {
    fn from(x: f64) -> Self {
        Self {
            shape: Shape::scalar(),
            elements: vec![x],
        }
    }
}

impl From<Vec<f64>> for Numbers {
    fn from(elements: Vec<f64>) -> Self {
        Self {
            shape: [elements.len()].into(),
            elements,
        }
    }
}

impl<const N: usize> From<[f64; N]> for Numbers {
    fn from(elements: [f64; N]) -> Self {
        elements.to_vec().into()
    }
}

impl<const N: usize, const M: usize> From<[[f64; N]; M]> for Numbers {
    fn from(rows: [[f64; N]; M]) -> Self {
        Self {
            shape: [M, N].into(),
            elements: rows.into_iter().flatten().collect(),
        }
    }
}
