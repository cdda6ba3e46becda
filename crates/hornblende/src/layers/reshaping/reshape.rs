//! Samples under another shape.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Reshape",
    aliases: &[],
    arguments: &[&["target_shape"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Reshape::from_config(config)?)),
    examples: || {
        let config = Config::new().with("target_shape", vec![Json::from(-1), 2.into()]);
        vec![Example::new(config, [[2, 3, 4]])]
    },
};

/// The same elements in row-major order with samples of another shape.
///
/// # Shapes
/// `[batch, ..]` gives `[batch, target_shape..]`; one size may be -1 and follows.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = Reshape::new([28, -1, 1]).call(&Tensor::zeros([5, 784], DType::F32))?;
/// assert_eq!(y.shape().dims(), [5, 28, 28, 1]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Reshape {
    base: LayerBase,
    target_shape: Vec<isize>,
}

impl Reshape {
    /// A layer whose samples have this shape.
    #[must_use]
    pub fn new(target_shape: impl AsRef<[isize]>) -> Self {
        Self {
            base: LayerBase::default(),
            target_shape: target_shape.as_ref().to_vec(),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        let size = |v: &Json| match v {
            Json::Null => Some(-1),
            v => v.as_i64().map(|n| n as isize),
        };
        let value = config.get("target_shape");
        let sizes: Option<Vec<isize>> = value
            .and_then(Json::as_array)
            .and_then(|list| list.iter().map(size).collect());
        match sizes {
            Some(sizes) => Ok(Self::new(sizes)),
            None => {
                let got = value.map_or("none".to_owned(), Json::to_string);
                let expected = "target_shape, a list of whole numbers";
                Err(Error::format("Reshape", expected, got, ""))
            }
        }
    }
}

impl Layer for Reshape {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let batch = x.shape().dims().first().copied().unwrap_or(1);
        let sample: usize = x.shape().dims().iter().skip(1).product();
        let wrong = || {
            let expected = format!("samples of {sample} elements, at most one size of them -1");
            let got = format!("{:?}", self.target_shape);
            Error::shape_mismatch("Reshape: target_shape", expected, got, "")
        };
        let known = self.target_shape.iter().filter(|d| **d != -1);
        let product = known.clone().try_fold(1usize, |product, d| {
            usize::try_from(*d)
                .ok()
                .and_then(|d| product.checked_mul(d))
        });
        let product = product.ok_or_else(wrong)?;
        let rest = match self.target_shape.len() - known.count() {
            0 if product == sample => 1,
            1 if product > 0 && sample.is_multiple_of(product) => sample / product,
            _ => return Err(wrong()),
        };
        let size = |d: &isize| usize::try_from(*d).unwrap_or(rest);
        let dims: Vec<usize> = [batch]
            .into_iter()
            .chain(self.target_shape.iter().map(size))
            .collect();
        Ok(x.reshape_to(dims))
    }

    fn get_config(&self) -> Config {
        let sizes: Vec<Json> = self.target_shape.iter().map(|d| Json::from(*d)).collect();
        self.base
            .get_config(self.class_name())
            .with("target_shape", sizes)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn samples_that_do_not_fit_are_told() {
        let x = Tensor::zeros([2, 6], DType::F32);
        for target in [vec![4], vec![-1, -1], vec![-2, 3], vec![-1, 0], vec![-1, 4]] {
            let error = Reshape::new(target).call(&x).unwrap_err().to_string();
            assert!(
                error.starts_with("Reshape: target_shape: expected samples of 6 elements"),
                "{error}"
            );
        }
    }
}
