//! What holds for every layer in the list.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use hornblende::Value;
use hornblende::config::{Config, Json};
use hornblende::layers::{self, Entry, Example, LAYERS};
use hornblende::prelude::*;
use hornblende_core::function::without_effects;
use hornblende_core::testing::check_gradient;

/// Each entry with each of its examples.
fn examples() -> impl Iterator<Item = (&'static Entry, Example)> {
    LAYERS
        .iter()
        .flat_map(|entry| (entry.examples)().into_iter().map(move |e| (*entry, e)))
}

fn make(entry: &Entry, example: &Example, dtype: &str) -> Arc<dyn Layer> {
    let config = example.config.clone().with("dtype", dtype);
    layers::from_config(entry.class_name, &config).unwrap()
}

/// Numbers between -1 and 1, no two of them close to each other, so that no maximum is a tie; those of another
/// `start` are others.
fn spread(start: usize, shape: &Shape, dtype: DType) -> Value {
    let number = |k: usize| ((k as f64 + 0.3) * 0.618_033_988_749_894_9).fract() * 2.0 - 1.0;
    let numbers: Vec<f64> = (start..start + shape.len()).map(number).collect();
    Value::from_vec(shape, numbers).unwrap().convert(dtype)
}

fn inputs(example: &Example, dtype: DType) -> Vec<Tensor> {
    let value = |(k, shape): (usize, &Shape)| Tensor::from(spread(100 * k, shape, dtype));
    example.inputs.iter().enumerate().map(value).collect()
}

/// Whether training takes something for constant that depends on inputs or weights, as Keras does: the divided
/// kernel of a spectral normalization, the corrections of a batch renormalization.
fn stops_gradients_in_training(entry: &Entry, example: &Example) -> bool {
    let renorm = example.config.flag("renorm").unwrap() == Some(true);
    renorm || entry.class_name == "SpectralNormalization"
}

#[test]
fn every_layer_has_an_example() {
    // A configuration cannot describe the closure of a Lambda, and the others work on the host, in front of
    // models: their files test them.
    let without = [
        "HashedCrossing",
        "Hashing",
        "IntegerLookup",
        "Lambda",
        "StringLookup",
        "TextVectorization",
    ];
    let others = LAYERS.iter().filter(|e| !without.contains(&e.class_name));
    for entry in others {
        assert!(!(entry.examples)().is_empty(), "{}", entry.class_name);
    }
}

/// With regard to all inputs and trainable weights, in training and out of it. Random layers draw the same numbers in
/// each evaluation, since their keys are set before each.
#[test]
fn the_gradients_of_every_layer_agree_with_central_differences() {
    for (entry, example) in examples() {
        let layer = make(entry, &example, "float64");
        let xs = inputs(&example, DType::F64);
        layer.call_all(&xs).unwrap();
        let weights = layer.trainable_variables();
        let mut values: Vec<Value> = xs.iter().map(|x| x.eval().unwrap()).collect();
        values.extend(weights.iter().map(|w| spread(0, w.shape(), w.dtype())));
        let mut states = layer.variables();
        states.retain(|state| !weights.contains(state));
        let states: Vec<_> = states.into_iter().map(|s| (s.value(), s)).collect();
        for training in [false, true] {
            if training && stops_gradients_in_training(entry, &example) {
                continue;
            }
            let f = |tensors: &[Tensor]| {
                without_effects(|| {
                    let (xs, values) = tensors.split_at(xs.len());
                    for (weight, value) in weights.iter().zip(values) {
                        weight.assign(value).unwrap();
                    }
                    for (value, state) in &states {
                        state.assign(&value.clone().into()).unwrap();
                    }
                    layer.call_with(xs, &Call::new(training)).unwrap().remove(0)
                })
            };
            let name = format!(
                "{} {:?} training={training}",
                entry.class_name, example.config
            );
            // The differences are off by about 1e-10 (curvature) and 1e-11 (rounding) of numbers near 1.
            check_gradient(&name, &values, 1e-8, f).unwrap();
        }
    }
}

#[test]
fn every_layer_comes_back_from_its_configuration() {
    for (entry, example) in examples() {
        let layer = make(entry, &example, "float32");
        layer.base().set_trainable(false);
        let mut config = layer.get_config();
        for key in entry.unsupported {
            config = config.with(key, Json::Null);
        }
        let twin = layers::from_config(entry.class_name, &config).unwrap();
        assert_eq!(twin.get_config(), layer.get_config());
        let arguments = example.config.0.keys();
        for key in arguments {
            assert!(
                twin.get_config().0.contains_key(key),
                "{} {key}",
                entry.class_name
            );
        }
        for alias in entry.aliases {
            assert_eq!(
                layers::from_config(alias, &config).unwrap().name(),
                layer.name()
            );
        }
        let xs = inputs(&example, DType::F32);
        let (results, of_twin) = (layer.call_all(&xs).unwrap(), twin.call_all(&xs).unwrap());
        assert_eq!(results.len(), of_twin.len(), "{}", entry.class_name);
    }
}

#[test]
fn every_configuration_with_a_wrong_argument_is_refused() {
    for (entry, example) in examples() {
        let config = example.config.with("sixe", 3);
        let error = layers::from_config(entry.class_name, &config)
            .unwrap_err()
            .to_string();
        let expected = format!(
            "argument of {}: expected the name of a known",
            entry.class_name
        );
        assert!(error.starts_with(&expected), "{error}");
    }
    let error = layers::from_config("Dence", &Config::new())
        .unwrap_err()
        .to_string();
    assert!(error.contains("Did you mean \"Dense\"?"), "{error}");
}

#[test]
fn every_layer_gives_floats_of_its_own_type_and_the_shape_that_a_symbolic_call_foretold() {
    for (entry, example) in examples() {
        let layer = make(entry, &example, "float32");
        let symbolic: Vec<Input> = example
            .inputs
            .iter()
            .map(|shape| Input::new(&shape.dims()[1..]))
            .collect();
        let foretold = layer.call_all(&symbolic).unwrap().remove(0);
        for dtype in [DType::F32, DType::F64] {
            let y = layer.call_all(inputs(&example, dtype)).unwrap().remove(0);
            let about = format!("{} {:?}", entry.class_name, example.config);
            // Categories are whole numbers.
            assert!(y.dtype() == DType::F32 || y.dtype().is_integer(), "{about}");
            assert_eq!(foretold.shape().dims()[0], Shape::UNKNOWN, "{about}");
            assert_eq!(
                foretold.shape().dims()[1..],
                y.shape().dims()[1..],
                "{about}"
            );
            y.eval().unwrap();
        }
    }
}

#[test]
fn every_layer_takes_an_empty_batch() {
    for (entry, example) in examples() {
        let layer = make(entry, &example, "float32");
        layer.call_all(inputs(&example, DType::F32)).unwrap();
        let nothing = Example {
            inputs: example
                .inputs
                .iter()
                .map(|shape| shape.with(0, 0))
                .collect(),
            ..example
        };
        let y = layer
            .call_all(inputs(&nothing, DType::F32))
            .unwrap()
            .remove(0);
        let value = y.eval().unwrap();
        assert_eq!(value.shape().dims()[0], 0, "{}", entry.class_name);
    }
}

#[test]
fn automatic_names_count_up_per_class() {
    layers::clear_session();
    let x = Tensor::ones([1, 2], DType::F32);
    let firsts = LAYERS
        .iter()
        .filter_map(|entry| Some((entry, (entry.examples)().into_iter().next()?)));
    let names: Vec<String> = firsts
        .map(|(entry, example)| make(entry, &example, "float32").name())
        .collect();
    let known = [
        "dense",
        "conv2d",
        "max_pooling2d",
        "re_lu",
        "input_layer",
        "dropout",
    ];
    for name in known {
        assert!(names.iter().any(|n| n == name), "{name}: {names:?}");
    }
    // The examples of wrappers have layers inside, which were counted too.
    layers::clear_session();
    assert_eq!(Dense::new(1).handle().name(), "dense");
    let dense = Dense::new(1);
    dense.call(&x).unwrap();
    assert_eq!(dense.base().name("Dense"), "dense_1");
    let named = Dense::new(1).name("mine");
    named.call(&x).unwrap();
    assert_eq!(named.base().name("Dense"), "mine");
    assert_eq!(Dense::new(1).handle().name(), "dense_2");
}

#[test]
fn an_activity_regularizer_adds_its_value_divided_by_the_batch_size() {
    let layer = Dense::new(1)
        .kernel_initializer("ones")
        .activity_regularizer(L2::new(0.5));
    let call = Call::new(true);
    let x = Tensor::from([[1.0f32], [3.0]]);
    layer.call_with(&x, &call).unwrap();
    let losses = call.losses();
    assert_eq!(losses.len(), 1);
    assert_eq!(losses[0].item::<f32>().unwrap(), 2.5);
    let again = hornblende::layers::from_config("Dense", &layer.get_config()).unwrap();
    assert_eq!(again.get_config(), layer.get_config());
}

#[test]
fn a_weight_carries_the_rules_that_its_layer_was_given() {
    let layer = Dense::new(2)
        .kernel_regularizer("l1")
        .bias_constraint(|w: &Tensor| w * 2.0);
    layer.call(Tensor::from([[1.0f32]])).unwrap();
    let [kernel, bias] = <[Variable; 2]>::try_from(layer.weights()).unwrap();
    let two = Tensor::from([[1.0f32, 1.0]]);
    let l1 = kernel.regularizer().unwrap();
    assert_eq!(l1(&two).item::<f32>().unwrap(), 0.02);
    assert!(kernel.constraint().is_none() && bias.regularizer().is_none());
    let twice = bias.constraint().unwrap();
    assert_eq!(twice(&two).to_vec::<f32>().unwrap(), [2.0, 2.0]);
    let error = Dense::new(1)
        .kernel_regularizer("l3")
        .call(Tensor::from([[1.0f32]]));
    let text = error.unwrap_err().to_string();
    assert!(text.contains("Did you mean \"L1\""), "{text}");
}
