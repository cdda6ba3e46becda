// tidy: not an item
//! The argument `axis` of layers that take one axis or several.

use hornblende_core::{Error, Result, Shape};

use crate::config::{Config, Json};

/// One axis or several, as the user wrote them: `-1`, `[1, 2]`. Negative ones count from the end.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let one = LayerNormalization::new().axis(-1);
/// let two = LayerNormalization::new().axis([1, 2]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AxisList {
    /// One axis.
    One(isize),
    /// Several axes.
    Several(Vec<isize>),
}

impl AxisList {
    /// The argument `axis` of a configuration; -1 if it is absent.
    pub(in crate::layers) fn from_config(config: &Config) -> Result<Self> {
        let whole = |v: &Json| v.as_i64().map(|n| n as isize);
        let Some(value) = config.get("axis") else {
            return Ok(Self::One(-1));
        };
        let found = match value {
            Json::Array(list) => list
                .iter()
                .map(whole)
                .collect::<Option<_>>()
                .map(Self::Several),
            one => whole(one).map(Self::One),
        };
        found.ok_or_else(|| {
            let expected = "a whole number or a list of them";
            Error::format("argument \"axis\"", expected, value.to_string(), "")
        })
    }

    pub(in crate::layers) fn to_json(&self) -> Json {
        match self {
            Self::One(axis) => Json::from(*axis),
            Self::Several(axes) => Json::from(axes.clone()),
        }
    }

    /// The axes of this shape that are meant, ascending.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if there is no such axis, or one is named twice, or none.
    pub(in crate::layers) fn resolve(&self, subject: &str, shape: &Shape) -> Result<Vec<usize>> {
        let named = match self {
            Self::One(axis) => std::slice::from_ref(axis),
            Self::Several(axes) => axes.as_slice(),
        };
        let mut axes: Vec<usize> = named
            .iter()
            .map(|axis| shape.axis(subject, *axis))
            .collect::<Result<_>>()?;
        axes.sort_unstable();
        axes.dedup();
        if axes.is_empty() || axes.len() < named.len() {
            let expected = "one axis or more, each once";
            return Err(Error::invalid_argument(
                subject,
                expected,
                format!("{named:?}"),
                "",
            ));
        }
        Ok(axes)
    }

    /// The sizes along the axes, which must be known.
    pub(in crate::layers) fn sizes(&self, subject: &str, shape: &Shape) -> Result<Vec<usize>> {
        let axes = self.resolve(subject, shape)?;
        let sizes: Vec<usize> = axes.iter().map(|axis| shape[*axis]).collect();
        if sizes.contains(&Shape::UNKNOWN) {
            let got = format!("shape {shape}");
            return Err(Error::shape_mismatch(
                subject,
                "axes of known size",
                got,
                "",
            ));
        }
        Ok(sizes)
    }
}

impl From<isize> for AxisList {
    fn from(axis: isize) -> Self {
        Self::One(axis)
    }
}

impl<const N: usize> From<[isize; N]> for AxisList {
    fn from(axes: [isize; N]) -> Self {
        Self::Several(axes.to_vec())
    }
}

impl From<Vec<isize>> for AxisList {
    fn from(axes: Vec<isize>) -> Self {
        Self::Several(axes)
    }
}
