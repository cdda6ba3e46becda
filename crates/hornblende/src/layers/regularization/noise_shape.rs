// tidy: not an item
//! The shape of random decisions.

use hornblende_core::{Error, Result, Shape};

use crate::config::{Config, Json};

/// The shape of random decisions as the user gave it: along each axis a size, or that of the input.
#[derive(Debug, Clone, Default)]
pub(super) struct NoiseShape(Option<Vec<Option<usize>>>);

impl NoiseShape {
    /// These sizes.
    pub(super) fn of(sizes: &[Option<usize>]) -> Self {
        Self(Some(sizes.to_vec()))
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let size = |v: &Json| match v {
            Json::Null => Some(None),
            v => v.as_u64().map(|n| Some(n as usize)),
        };
        let Some(value) = config.get("noise_shape") else {
            return Ok(Self::default());
        };
        let list = value.as_array();
        match list.and_then(|list| list.iter().map(size).collect()) {
            Some(sizes) => Ok(Self(Some(sizes))),
            None => {
                let expected = "a list of whole numbers and nulls";
                let subject = "argument \"noise_shape\"";
                Err(Error::format(subject, expected, value.to_string(), ""))
            }
        }
    }

    /// As Keras writes it into configurations.
    pub(super) fn json(&self) -> Json {
        let size = |d: &Option<usize>| d.map_or(Json::Null, Json::from);
        match &self.0 {
            None => Json::Null,
            Some(sizes) => sizes.iter().map(size).collect(),
        }
    }

    /// The shape for an input of shape `x`.
    pub(super) fn resolve(&self, class_name: &str, x: &Shape) -> Result<Shape> {
        let Some(noise_shape) = &self.0 else {
            return Ok(x.clone());
        };
        let fits = |(noise, size): (&Option<usize>, &usize)| {
            noise.is_none_or(|noise| noise == 1 || noise == *size)
        };
        if noise_shape.len() != x.rank() || !noise_shape.iter().zip(x.dims()).all(fits) {
            return Err(Error::shape_mismatch(
                format!("{class_name}: noise_shape"),
                format!("for each axis of {x} its size, 1 or None"),
                format!("{noise_shape:?}"),
                "",
            ));
        }
        let sizes = noise_shape.iter().zip(x.dims());
        let sizes: Vec<usize> = sizes.map(|(noise, size)| noise.unwrap_or(*size)).collect();
        Ok(sizes.into())
    }
}
