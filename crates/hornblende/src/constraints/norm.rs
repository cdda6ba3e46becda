// tidy: not an item
//! Norms along axes.

use hornblende_core::{Error, Result, Tensor};

use crate::config::{Config, Json};
use crate::ops;

/// Axes along which a norm is taken; a bad one is told by the operation that meets it.
#[derive(Debug, Clone, PartialEq)]
pub struct NormAxes(Vec<isize>);

impl NormAxes {
    pub(super) fn from_config(config: &Config) -> Result<Self> {
        Ok(config.axes("axis")?.map_or_else(Self::default, Self))
    }

    pub(super) fn to_json(&self) -> Json {
        match self.0.as_slice() {
            [axis] => Json::from(*axis),
            axes => Json::from(axes),
        }
    }

    /// The Euclidean norm along the axes, which stay with size 1.
    #[track_caller]
    pub(super) fn norm(&self, w: &Tensor) -> Tensor {
        let rank = w.rank() as isize;
        let mut squares = w.square();
        for axis in &self.0 {
            if !(-rank..rank).contains(axis) {
                return ops::invalid(Error::invalid_argument(
                    "axis",
                    format!("an axis of shape {}", w.shape()),
                    axis.to_string(),
                    "",
                ));
            }
            squares = squares.sum(*axis).expand_dims(*axis);
        }
        squares.sqrt()
    }
}

impl Default for NormAxes {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl From<isize> for NormAxes {
    fn from(axis: isize) -> Self {
        Self(vec![axis])
    }
}

impl<const N: usize> From<[isize; N]> for NormAxes {
    fn from(axes: [isize; N]) -> Self {
        Self(axes.to_vec())
    }
}
