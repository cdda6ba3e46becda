//! The input of a model.

use std::any::Any;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use hornblende_core::tensor::Origin;
use hornblende_core::{DType, Error, Result, Shape, Spec, Tensor};

use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "InputLayer",
    aliases: &[],
    arguments: &[&[
        "batch_shape",
        "shape",
        "batch_size",
        "sparse",
        "ragged",
        "optional",
    ]],
    unsupported: &["input_tensor"],
    from_config: |config| Ok(Arc::new(Input::from_config(config)?)),
    examples: || {
        let shape = vec![Json::Null, 4.into()];
        vec![Example::new(
            Config::new().with("batch_shape", shape),
            [[2, 4]],
        )]
    },
};

/// The input of a model: a symbolic tensor of a known shape, its batch size apart.
///
/// It stands wherever a tensor is asked for. Its class in Keras is `InputLayer`.
///
/// # Shapes
/// `Input::new([28, 28, 1])` is of shape `(None, 28, 28, 1)`: the batch axis is not named. A size that may
/// differ from batch to batch is [`Shape::UNKNOWN`].
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let inputs = Input::new([784]).name("digits");
/// assert_eq!(inputs.shape().to_string(), "(None, 784)");
/// ```
#[derive(Clone)]
pub struct Input {
    base: LayerBase,
    sample: Shape,
    batch_size: Option<usize>,
    dtype: DType,
    tensor: Arc<OnceLock<Tensor>>,
}

impl Input {
    /// An input whose samples have this shape.
    #[must_use]
    pub fn new(sample: impl Into<Shape>) -> Self {
        Self {
            base: LayerBase::default(),
            sample: sample.into(),
            batch_size: None,
            dtype: DType::F32,
            tensor: Arc::default(),
        }
    }

    /// Names the input. Default: `input_layer`, `input_layer_1`, ...
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        self.base.set_name(name);
        self.afresh()
    }

    /// The element type. Default: `F32`.
    #[must_use]
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = dtype;
        self.afresh()
    }

    /// The number of samples, if it is always the same. Default: any number.
    #[must_use]
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = Some(batch_size);
        self.afresh()
    }

    /// The symbolic tensor: the same one each time.
    #[must_use]
    pub fn tensor(&self) -> &Tensor {
        self.tensor.get_or_init(|| {
            let mut dims = vec![self.batch_size.unwrap_or(Shape::UNKNOWN)];
            dims.extend(self.sample.dims());
            let name = self.base.name(self.class_name());
            Tensor::symbolic_input(name, dims.into(), self.dtype)
        })
    }

    /// An input like this, the number of samples apart.
    pub(crate) fn like(spec: &Spec) -> Self {
        Self::new(spec.shape.dims().get(1..).unwrap_or_default()).dtype(spec.dtype)
    }

    /// The layer of a tensor that a model takes as its input.
    pub(crate) fn of_tensor(tensor: &Tensor) -> Self {
        let mut input = Self::like(tensor.spec());
        let batch_size = tensor.shape().dims().first();
        input.batch_size = batch_size.copied().filter(|n| *n != Shape::UNKNOWN);
        if let Some(Origin::Input { name }) = tensor.origin() {
            input.base.set_name(name.clone());
        }
        input.tensor = Arc::new(OnceLock::from(tensor.clone()));
        input
    }

    /// The input that `get_config` described.
    fn from_config(config: &Config) -> Result<Self> {
        let mut sizes = read_sizes(config, "batch_shape")?;
        let batch_size = match &mut sizes {
            Some(sizes) if !sizes.is_empty() => sizes.remove(0),
            _ => config.size("batch_size")?,
        };
        let sizes = match sizes {
            Some(sizes) => sizes,
            None => read_sizes(config, "shape")?.ok_or_else(|| {
                Error::format("InputLayer", "batch_shape or shape", "neither", "")
            })?,
        };
        let sample = sizes.into_iter().map(|size| size.unwrap_or(Shape::UNKNOWN));
        let mut input = Self::new(sample.collect::<Vec<_>>());
        input.batch_size = batch_size;
        if let Some(dtype) = crate::layers::entry::dtype_of(config)? {
            input.dtype = dtype;
        }
        Ok(input)
    }

    /// A tensor that was made before is not what was asked for now.
    fn afresh(mut self) -> Self {
        self.tensor = Arc::default();
        self
    }
}

impl Deref for Input {
    type Target = Tensor;
    fn deref(&self) -> &Tensor {
        self.tensor()
    }
}

impl Layer for Input {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let dims = self.tensor().shape().dims();
        let got = inputs[0].shape().dims();
        let fits = |(wanted, got): (&usize, &usize)| *wanted == Shape::UNKNOWN || wanted == got;
        if dims.len() != got.len() || !dims.iter().zip(got).all(fits) {
            return Err(Error::shape_mismatch(
                "input of InputLayer",
                format!("shape {}", self.tensor().shape()),
                inputs[0].shape().to_string(),
                "",
            ));
        }
        Ok(inputs[0].cast(self.dtype))
    }

    fn autocast(&self) -> bool {
        false
    }

    fn get_config(&self) -> Config {
        let size = |d: &usize| match *d {
            Shape::UNKNOWN => Json::Null,
            d => d.into(),
        };
        let batch_shape: Vec<Json> = self.tensor().shape().dims().iter().map(size).collect();
        Config::new()
            .with("batch_shape", batch_shape)
            .with("dtype", self.dtype.name())
            .with("sparse", false)
            .with("ragged", false)
            .with("name", self.base.name(self.class_name()))
            .with("optional", false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Sizes of which some may be null.
fn read_sizes(config: &Config, key: &str) -> Result<Option<Vec<Option<usize>>>> {
    let Some(value) = config.get(key) else {
        return Ok(None);
    };
    let size = |v: &Json| match v {
        Json::Null => Some(None),
        v => v.as_u64().map(|n| Some(n as usize)),
    };
    let sizes = value
        .as_array()
        .and_then(|list| list.iter().map(size).collect());
    match sizes {
        Some(sizes) => Ok(Some(sizes)),
        None => Err(Error::format(
            format!("argument \"{key}\""),
            "a list of whole numbers and nulls",
            value.to_string(),
            "",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_one_tensor_however_often_it_is_looked_at() {
        let input = Input::new([3]);
        assert!(input.tensor().is_same(input.clone().tensor()));
        assert!(
            !input
                .tensor()
                .is_same(input.clone().dtype(DType::I32).tensor())
        );
    }

    #[test]
    fn options_are_seen_in_shape_and_type() {
        let input = Input::new([2, Shape::UNKNOWN])
            .batch_size(5)
            .dtype(DType::I32);
        assert_eq!(input.shape().to_string(), "(5, 2, None)");
        assert_eq!(input.tensor().dtype(), DType::I32);
    }
}
