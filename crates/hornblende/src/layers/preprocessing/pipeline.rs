//! Layers one behind the other, in front of a model.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use crate::config::{Config, Json, class_object};
use crate::layers::{
    Call, CallLayer, Entry, Example, Layer, LayerBase, call_layer, layer_object, nested_layer,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Pipeline",
    aliases: &[],
    arguments: &[&["layers"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Pipeline::from_config(config)?)),
    examples: || {
        let of = |class: &str, config: Config| class_object("keras.layers", class, config);
        let scaled = of("Rescaling", Config::new().with("scale", 0.5));
        let brighter = Config::new().with("factor", vec![0.1, 0.2]);
        let brighter = of(
            "RandomBrightness",
            brighter.with("value_range", vec![-2, 2]),
        );
        let layers = Json::from(vec![scaled, brighter]);
        vec![Example::new(
            Config::new().with("layers", layers),
            [[2, 3, 2, 1]],
        )]
    },
};

/// Layers one behind the other, which count as one: the results of each are the inputs of the next. It is made for what
/// prepares data, in training and out of it; a model is a [`Sequential`](crate::models::Sequential).
///
/// # Shapes
/// Those of the layers. Where images come with labels, as `[images, labels]`, image layers take and give both.
///
/// Layers in it that behave otherwise in training do so in calls by hand too, where nobody says whether it is one.
///
/// # Arguments
/// Methods: [`Pipeline::add`]. An element type other than that of single precision is handed to the layers.
///
/// # Errors
/// [`Error::InvalidArgument`] if there is no layer; what the layers return.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let prepare = Pipeline::new().add(Rescaling::new(0.5)).add(CenterCrop::new(1, 1));
/// let y = prepare.call(&Tensor::from([[[0.0f32], [51.0], [255.0]]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [25.5]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.Pipeline`.
#[derive(Clone, Default)]
pub struct Pipeline {
    base: LayerBase,
    layers: Vec<Arc<dyn Layer>>,
}

impl Pipeline {
    /// A pipeline without layers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The pipeline with one more layer behind the others.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "the word of Sequential")]
    pub fn add(mut self, layer: impl CallLayer) -> Self {
        self.layers.push(layer.handle());
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let Some(Json::Array(list)) = config.get("layers") else {
            let got = config
                .get("layers")
                .map_or("none".to_owned(), Json::to_string);
            let expected = "the argument \"layers\", a list";
            return Err(Error::format(ENTRY.class_name, expected, got, ""));
        };
        let layer = |one: &Json| nested_layer(&Config::new().with("layers", one.clone()), "layers");
        Ok(Self {
            base: LayerBase::default(),
            layers: list.iter().map(layer).collect::<Result<_>>()?,
        })
    }
}

impl Layer for Pipeline {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        if self.layers.is_empty() {
            return Err(Error::invalid_argument(
                ENTRY.class_name,
                "at least one layer",
                "none",
                "Use add",
            ));
        }
        // Each layer is built by its first call. Keras's pipeline has no element type of its own.
        let dtype = self.base.dtype();
        let others = self.layers.iter().filter(|_| dtype != DType::F32);
        others.for_each(|layer| layer.base().set_dtype(dtype));
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        let mut inner = call.inner();
        inner.training = call.training_or(true);
        let step = |tensors: Vec<Tensor>, layer| call_layer(layer, &tensors, &inner);
        self.layers.iter().try_fold(inputs.to_vec(), step)
    }

    fn autocast(&self) -> bool {
        false
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        self.layers.clone()
    }

    fn get_config(&self) -> Config {
        let layers = self.layers.iter().map(|layer| layer_object(&**layer));
        self.base
            .get_config(self.class_name())
            .without("trainable")
            .without("dtype")
            .with("layers", Json::from(layers.collect::<Vec<_>>()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    #[test]
    fn images_and_labels_go_through_all_layers() {
        let pipeline = Pipeline::new()
            .add(RandomInvert::new().factor((1.0, 1.0)))
            .add(MixUp::new().seed(1));
        let images = Tensor::full([4, 2, 2, 1], 55.0, DType::F32);
        let labels = Tensor::from([[1.0f32, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]);
        let results = pipeline.call_all([&images, &labels]).unwrap();
        let x = results[0].to_vec::<f32>().unwrap();
        // One rounding of a mixture of equal numbers.
        assert!(x.iter().all(|x| (x - 200.0).abs() < 1e-4), "{x:?}");
        let y = results[1].to_vec::<f32>().unwrap();
        assert!(y.chunks(2).all(|row| (row[0] + row[1] - 1.0).abs() < 1e-6));
        let untouched = pipeline
            .call_with([&images, &labels], &Call::new(false))
            .unwrap();
        assert_eq!(untouched[0].to_vec::<f32>().unwrap(), vec![55.0; 16]);
    }

    #[test]
    fn a_pipeline_without_layers_is_told() {
        let error = Pipeline::new().call(Tensor::zeros([1], DType::F32));
        let text = error.unwrap_err().to_string();
        assert!(text.contains("at least one layer"), "{text}");
    }
}
