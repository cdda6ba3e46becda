//! A layer for each step of a sequence.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor, Variable};

use super::recurrence::{build_inner, time_first};
use crate::config::{Config, class_object, class_of};
use crate::layers::{Call, Entry, Example, InputSpec, LAYERS, Layer, LayerBase, from_config};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "TimeDistributed",
    aliases: &[],
    arguments: &[&["layer"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(TimeDistributed::from_config(config)?)),
    examples: || {
        let of = |class: &str, inner: Config| {
            Config::new().with("layer", class_object("keras.layers", class, inner))
        };
        let dense = of("Dense", Config::new().with("units", 2));
        let dropout = of("Dropout", Config::new().with("rate", 0.5));
        vec![
            Example::new(dense, [vec![2, 3, 4]]),
            Example::new(dropout, [vec![2, 2, 2, 2]]),
        ]
    },
};

/// Applies a layer, with the same weights, to each step of a sequence.
///
/// # Arguments
/// `layer`: what is applied to a step. It may have one result. Methods: those of
/// [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, time, ..]` gives `[batch, time, ..]`, where the layer makes the rest from `[batch, ..]`. A mask
/// `[batch, time, ..]` is handed to the layer step by step, and stays with the result.
///
/// # Errors
/// [`Error::ShapeMismatch`] for an input of less than three axes or a mask that does not fit it.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = TimeDistributed::new(Conv2D::new(4, 3));
/// let y = layer.call(&Tensor::zeros([2, 10, 8, 8, 3], DType::F32))?;
/// assert_eq!(y.shape().dims(), [2, 10, 6, 6, 4]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.TimeDistributed`.
#[derive(Clone)]
pub struct TimeDistributed {
    base: LayerBase,
    layer: Arc<dyn Layer>,
}

impl TimeDistributed {
    /// This layer for each step.
    #[must_use]
    pub fn new(layer: impl Layer) -> Self {
        Self::of_layer(Arc::new(layer))
    }

    fn of_layer(layer: Arc<dyn Layer>) -> Self {
        // The inner layer is named first, as in Keras, where it is made first.
        let _ = layer.base().name(layer.class_name());
        Self {
            base: LayerBase::default(),
            layer,
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        let expected = "the argument \"layer\"";
        let value = config.get("layer");
        let value = value.ok_or_else(|| Error::format("TimeDistributed", expected, "none", ""))?;
        let (class_name, inner) = class_of("layer", value)?;
        Ok(Self::of_layer(from_config(&class_name, &inner)?))
    }

    /// All steps at once, as so many more samples.
    fn folded(&self, x: &Tensor, call: &Call) -> Result<Tensor> {
        let (batch, time) = (x.shape()[0], x.shape()[1]);
        let fold = |x: &Tensor| {
            let rest = &x.shape().dims()[2..];
            x.reshape_to([&[batch * time], rest].concat())
        };
        let steps = match x.remark("mask") {
            Some(mask) => fold(x).with_remark("mask", &fold(mask)),
            None => fold(x),
        };
        let y = self.layer.forward(&[steps], call)?;
        y.check()?;
        let rest = y.shape().dims().get(1..).unwrap_or_default();
        Ok(y.reshape_to([&[batch, time], rest].concat()))
    }

    /// One step after the other.
    fn unrolled(&self, x: &Tensor, call: &Call) -> Result<Tensor> {
        let (steps, mask) = (time_first(x), x.remark("mask").map(time_first));
        let step = |k: usize| {
            let at = |x: &Tensor| x.slice(k..k + 1).squeeze(0);
            let x = match &mask {
                Some(mask) => at(&steps).with_remark("mask", &at(mask)),
                None => at(&steps),
            };
            self.layer.forward(&[x], call)
        };
        let results = (0..x.shape()[1])
            .map(step)
            .collect::<Result<Vec<Tensor>>>()?;
        Ok(Tensor::stack(&results, 1))
    }

    fn check(&self, x: &Tensor) -> Result<()> {
        spec().check(ENTRY.class_name, x.shape())?;
        let Some(mask) = x.remark("mask") else {
            return Ok(());
        };
        if mask.rank() >= 2 && mask.shape().dims()[..2] == x.shape().dims()[..2] {
            return Ok(());
        }
        Err(Error::shape_mismatch(
            "mask of TimeDistributed",
            format!("the batch and time axes of {}", x.shape()),
            mask.shape().to_string(),
            "",
        ))
    }
}

fn spec() -> InputSpec {
    InputSpec::least_rank(3).fix("A sequence has the axes batch, time and features")
}

/// Whether the layer treats each sample by itself and a call leaves nothing behind: then the steps may be
/// samples. A layer of the user's own, a model, and one that counts or draws something may do otherwise.
fn keeps_samples_apart(layer: &dyn Layer) -> bool {
    LAYERS
        .iter()
        .any(|entry| entry.class_name == layer.class_name())
        && layer.class_name() != "Lambda"
        && layer.variables().iter().all(Variable::trainable)
        && layer
            .sublayers()
            .iter()
            .all(|inner| keeps_samples_apart(&**inner))
}

impl Layer for TimeDistributed {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        spec().check(ENTRY.class_name, &inputs[0])?;
        let dims = inputs[0].dims();
        let step: Vec<usize> = dims[..1].iter().chain(&dims[2..]).copied().collect();
        build_inner(&self.base, ENTRY.class_name, &*self.layer, &step.into())
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        self.check(x)?;
        // Keras says here whether to train, and without a word says no, also to layers that train then.
        let call = call.inner().training(call.training);
        match keeps_samples_apart(&*self.layer) || x.shape()[1] == 0 {
            true => self.folded(x, &call),
            false => self.unrolled(x, &call),
        }
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn autocast(&self) -> bool {
        self.layer.autocast()
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        vec![Arc::clone(&self.layer)]
    }

    fn get_config(&self) -> Config {
        let layer = &self.layer;
        let object = class_object("keras.layers", layer.class_name(), layer.get_config());
        self.base
            .get_config(self.class_name())
            .with("layer", object)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
