//! A recurrent layer in both directions.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor, scope};

use super::recurrence::build_inner;
use crate::config::{Config, Json, class_object, class_of};
use crate::layers::{Call, Entry, Example, Layer, LayerBase, call_layer, from_config};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Bidirectional",
    aliases: &[],
    arguments: &[&["layer", "merge_mode", "backward_layer"]],
    unsupported: &["weights"],
    from_config: |config| Ok(Arc::new(Bidirectional::from_config(config)?)),
    examples: || {
        let config = |class: &str, all: bool| {
            let inner = Config::new().with("units", 2).with("return_sequences", all);
            Config::new().with("layer", class_object("keras.layers", class, inner))
        };
        vec![
            Example::new(config("LSTM", true), [[2, 3, 2]]),
            Example::new(config("GRU", false).with("merge_mode", "mul"), [[2, 3, 2]]),
        ]
    },
};

/// How the results of both directions become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Merge {
    Concatenate,
    Sum,
    Multiply,
    Average,
    /// They stay two results.
    Apart,
}

impl Merge {
    const NAMES: &[(&str, Self)] = &[
        ("concat", Self::Concatenate),
        ("sum", Self::Sum),
        ("mul", Self::Multiply),
        ("ave", Self::Average),
    ];

    fn from_name(name: Option<&str>) -> Result<Self> {
        let Some(name) = name else {
            return Ok(Self::Apart);
        };
        match Self::NAMES.iter().find(|(known, _)| *known == name) {
            Some((_, merge)) => Ok(*merge),
            None => {
                let known: Vec<&str> = Self::NAMES.iter().map(|(known, _)| *known).collect();
                Err(Error::unknown("merge_mode", name, &known))
            }
        }
    }

    fn name(self) -> Option<&'static str> {
        let found = Self::NAMES.iter().find(|(_, merge)| *merge == self);
        found.map(|(name, _)| *name)
    }

    fn apply(self, forward: Tensor, backward: Tensor) -> Vec<Tensor> {
        vec![match self {
            Self::Concatenate => Tensor::concatenate(&[forward, backward], -1),
            Self::Sum => forward + backward,
            Self::Multiply => forward * backward,
            Self::Average => (forward + backward) / 2.0,
            Self::Apart => return vec![forward, backward],
        }]
    }
}

/// A recurrent layer in both directions: one copy sees the steps from the first to the last, one from the last
/// to the first, and their results are merged.
///
/// # Arguments
/// `layer`: a recurrent layer of this library; its settings are copied twice, under the names `forward_..` and
/// `backward_..`, its weights are not. Methods: [`Bidirectional::merge_mode`],
/// [`Bidirectional::backward_layer`], and those of [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// As the layer has them; with `"concat"` the last axis is twice as long. With `return_state` the states of
/// both directions are further results. First states are further inputs, those of the forward direction first.
/// The outputs of the backward direction come in the order of the input. Steps that a mask leaves out give 0 if
/// all outputs are returned.
///
/// # Errors
/// If the layer is not recurrent, or the layers of both directions do not fit together.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Bidirectional::new(LSTM::new(8).return_sequences(true));
/// let y = layer.call(&Tensor::zeros([2, 5, 3], DType::F32))?;
/// assert_eq!(y.shape().dims(), [2, 5, 16]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: M. Schuster and K. Paliwal, "Bidirectional Recurrent Neural Networks", 1997;
/// `keras.layers.Bidirectional`.
#[derive(Clone)]
pub struct Bidirectional {
    base: LayerBase,
    merge: Result<Merge>,
    /// The forward and the backward layer.
    layers: Result<[Arc<dyn Layer>; 2]>,
}

impl Bidirectional {
    /// Both directions of such a layer.
    #[must_use]
    pub fn new(layer: impl Layer) -> Self {
        Self::of_layers(&layer, None)
    }

    fn of_layers(forward: &dyn Layer, backward: Option<&dyn Layer>) -> Self {
        Self {
            base: LayerBase::default(),
            merge: Ok(Merge::Concatenate),
            layers: directions(forward, backward),
        }
    }

    /// How the results become one: `"concat"` (the default), `"sum"`, `"mul"`, `"ave"`, or `None` for two
    /// results.
    #[track_caller]
    #[must_use]
    pub fn merge_mode<'n>(mut self, name: impl Into<Option<&'n str>>) -> Self {
        let location = scope::location(std::panic::Location::caller());
        self.merge = Merge::from_name(name.into()).map_err(|error| error.at(location));
        self
    }

    /// The layer of the backward direction, which must go backwards. Default: a copy of the other one.
    #[must_use]
    pub fn backward_layer(mut self, layer: impl Layer) -> Self {
        if let Ok([forward, _]) = &self.layers {
            self.layers = directions(&**forward, Some(&layer));
        }
        self
    }

    /// Sets the states that the layers keep to 0.
    ///
    /// # Errors
    /// None in practice: zeros always fit.
    pub fn reset_state(&self) -> Result<()> {
        for layer in self.sublayers() {
            for state in super::Recurrence::kept_states(layer.base()) {
                state.assign(&Tensor::zeros(state.shape().clone(), state.dtype()))?;
            }
        }
        Ok(())
    }

    fn from_config(config: &Config) -> Result<Self> {
        let layer = |key: &str| {
            let read = |value: &Json| {
                let (class_name, config) = class_of(key, value)?;
                from_config(&class_name, &config)
            };
            config.get(key).map(read).transpose()
        };
        let expected = "the argument \"layer\"";
        let forward =
            layer("layer")?.ok_or_else(|| Error::format("Bidirectional", expected, "none", ""))?;
        let backward = layer("backward_layer")?;
        let mut made = Self::of_layers(&*forward, backward.as_deref());
        if let Some(value) = config.0.get("merge_mode") {
            let name = config.text("merge_mode")?;
            made.merge = Ok(Merge::from_name(match value {
                Json::Null => None,
                _ => name.as_deref(),
            })?);
        }
        made.layers()?;
        Ok(made)
    }

    fn layers(&self) -> Result<&[Arc<dyn Layer>; 2]> {
        self.layers.as_ref().map_err(Error::clone)
    }

    fn flag(layer: &dyn Layer, key: &str) -> bool {
        layer.get_config().flag(key).ok().flatten().unwrap_or(false)
    }
}

/// The layers of both directions, made anew from the settings of those given.
fn directions(forward: &dyn Layer, backward: Option<&dyn Layer>) -> Result<[Arc<dyn Layer>; 2]> {
    let again = |layer: &dyn Layer, config: Config| {
        let all = Bidirectional::flag(layer, "return_sequences");
        let config = config.with("zero_output_for_mask", all);
        from_config(layer.class_name(), &config)
    };
    let config = forward.get_config();
    if !config.0.contains_key("go_backwards") {
        let expected = "a recurrent layer, such as LSTM";
        let got = forward.class_name();
        return Err(Error::invalid_argument("Bidirectional", expected, got, ""));
    }
    let name = forward.base().name(forward.class_name());
    let named = |prefix: &str| {
        let bare = name.strip_prefix(prefix).unwrap_or(&name);
        config.clone().with("name", format!("{prefix}{bare}"))
    };
    let first = again(forward, named("forward_"))?;
    let second = match backward {
        Some(backward) => again(backward, backward.get_config())?,
        None => again(forward, named("backward_").with("go_backwards", true))?,
    };
    check_directions(&*first, &*second)?;
    Ok([first, second])
}

fn check_directions(forward: &dyn Layer, backward: &dyn Layer) -> Result<()> {
    let flags = |key: &str| [forward, backward].map(|layer| Bidirectional::flag(layer, key));
    let refuse = |key: &str, expected: &str| {
        let [a, b] = flags(key);
        Err(Error::invalid_argument(
            format!("Bidirectional: {key}"),
            expected,
            format!("{a} and {b}"),
            "",
        ))
    };
    let [a, b] = flags("go_backwards");
    if a == b {
        return refuse("go_backwards", "layers of different directions");
    }
    for key in ["stateful", "return_sequences", "return_state"] {
        let [a, b] = flags(key);
        if a != b {
            return refuse(key, "the same in both layers");
        }
    }
    Ok(())
}

impl Layer for Bidirectional {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        self.merge.as_ref().map_err(Error::clone)?;
        for layer in self.layers()? {
            build_inner(&self.base, ENTRY.class_name, &**layer, &inputs[0])?;
        }
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        let [forward, backward] = self.layers()?;
        let (x, states) = inputs.split_at(1);
        let (first, second) = states.split_at(states.len() / 2);
        let call = call.inner();
        let run = |layer: &Arc<dyn Layer>, states: &[Tensor]| {
            call_layer(layer, &[x, states].concat(), &call)
        };
        let mut of_forward = run(forward, first)?;
        let mut of_backward = run(backward, second)?;
        let (y, mut reversed) = (of_forward.remove(0), of_backward.remove(0));
        let sequences = Self::flag(&**forward, "return_sequences");
        if sequences {
            reversed = reversed.reverse([1]);
        }
        let merge = *self.merge.as_ref().map_err(Error::clone)?;
        let mut outputs = merge.apply(y, reversed);
        if let (true, Some(mask)) = (sequences, x[0].remark("mask")) {
            let masked = |y: Tensor| y.with_remark("mask", mask);
            outputs = outputs.into_iter().map(masked).collect();
        }
        outputs.append(&mut of_forward);
        outputs.append(&mut of_backward);
        Ok(outputs)
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        self.layers
            .as_ref()
            .map_or_else(|_| Vec::new(), |l| l.to_vec())
    }

    fn get_config(&self) -> Config {
        let config = self.base.get_config(self.class_name());
        let name = self.merge.as_ref().ok().and_then(|merge| merge.name());
        let mut config = config.with("merge_mode", name.map_or(Json::Null, Json::from));
        for (key, layer) in ["layer", "backward_layer"].iter().zip(self.sublayers()) {
            let object = class_object("keras.layers", layer.class_name(), layer.get_config());
            config = config.with(key, object);
        }
        config
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
