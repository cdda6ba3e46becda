// tidy: not an item
//! What layers on images do with random numbers that are given, beside what Keras does with the same.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::augment::Augment;
use crate::config::{Config, Json};
use crate::layers::{self, Layer};
use crate::prelude::*;

/// Made with Keras by `make_transformations.py` beside it.
const CASES: &str = include_str!("../../../../tests/golden/images/transformations.json");

fn cases() -> Vec<Json> {
    let file: Json = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap().clone();
    assert_eq!(cases.len() as u64, file["count"].as_u64().unwrap());
    cases
}

fn tensor(array: &Json) -> Tensor {
    let list = |key: &str| array[key].as_array().unwrap().iter();
    let shape: Vec<usize> = list("shape")
        .map(|n| n.as_u64().unwrap() as usize)
        .collect();
    let numbers: Vec<f64> = list("data").map(|x| x.as_f64().unwrap()).collect();
    let dtype = DType::from_name(array["dtype"].as_str().unwrap()).unwrap();
    Tensor::from_vec(shape, numbers).cast(dtype)
}

fn layer_of(case: &Json) -> Arc<dyn Layer> {
    let Json::Object(config) = &case["config"] else {
        panic!("a configuration is an object");
    };
    layers::from_config(case["class"].as_str().unwrap(), &Config(config.clone())).unwrap()
}

/// The layer as what it does to images.
fn change_of(layer: &dyn Layer) -> &dyn Augment {
    macro_rules! first_of {
        ($($class:ident)*) => {
            $(if let Some(layer) = layer.as_any().downcast_ref::<layers::$class>() {
                return layer;
            })*
        };
    }
    first_of! {
        CutMix MixUp RandomBrightness RandomColorDegeneration RandomContrast RandomElasticTransform RandomErasing
        RandomGaussianBlur RandomHue RandomPerspective RandomPosterization RandomSaturation RandomSharpness RandomShear
        Solarization
    }
    panic!("{} is not in the list", layer.class_name());
}

fn assert_close(about: &str, found: &Tensor, wanted: &Tensor) {
    assert_eq!(found.shape(), wanted.shape(), "{about}");
    let (found, wanted) = (
        found.to_vec::<f32>().unwrap(),
        wanted.to_vec::<f32>().unwrap(),
    );
    for (k, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
        // Places of images are off by some 1e-6, and images change by up to 255 from one to the next.
        let tolerance = 1e-3 + 1e-5 * wanted.abs();
        assert!(
            (found - wanted).abs() <= tolerance,
            "{about} at {k}: {found} instead of {wanted}"
        );
    }
}

#[test]
fn images_are_changed_as_keras_changes_them_with_the_same_random_numbers() {
    for (k, case) in cases().iter().enumerate() {
        if case.get("drawn").is_none() {
            continue;
        }
        let layer = layer_of(case);
        let change = change_of(&*layer);
        let about = format!("case {k}: {} {}", layer.class_name(), case["config"]);
        let drawn: Vec<Tensor> = case["drawn"]
            .as_array()
            .unwrap()
            .iter()
            .map(tensor)
            .collect();
        let images = change.apply(&tensor(&case["images"]), &drawn).unwrap();
        assert_close(&about, &images, &tensor(&case["expected"]));
        if let Some(labels) = case.get("labels") {
            let labels = change.apply_to_labels(&tensor(labels), &drawn).unwrap();
            assert_close(&about, &labels, &tensor(&case["expected_labels"]));
        }
    }
}

/// What Keras can make of the images of its last case with one change of a fixed strength.
fn outcomes() -> (Json, Tensor, Vec<Vec<f32>>) {
    let case = cases().pop().unwrap();
    let list = case["outcomes"].as_array().unwrap().iter();
    let outcomes = list.map(|y| tensor(y).to_vec::<f32>().unwrap()).collect();
    let images = tensor(&case["images"]);
    (case, images, outcomes)
}

#[test]
fn one_change_of_rand_augment_is_one_that_keras_makes_and_each_is_made() {
    let (case, images, outcomes) = outcomes();
    let (mut counts, mut others) = (vec![0; outcomes.len()], 0);
    let layer = layer_of(&case);
    for _ in 0..330 {
        let y = layer.call(&images).unwrap().to_vec::<f32>().unwrap();
        // Bilinear between places that are off by 1e-6.
        let near = |wanted: &Vec<f32>| wanted.iter().zip(&y).all(|(a, b)| (a - b).abs() < 1e-2);
        match outcomes.iter().position(near) {
            Some(k) => counts[k] += 1,
            None => others += 1,
        }
    }
    // Contrast and solarization, 2 of 11 changes, draw from a range; two of the others have two outcomes each. The
    // expectations are 60, 30 and 15; the bounds are more than four standard deviations away.
    assert!((25..100).contains(&others), "{others}");
    assert!(
        counts.iter().all(|count| (1..60).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn a_chain_of_aug_mix_goes_a_part_of_the_way_to_a_change_that_keras_makes() {
    let (case, images, outcomes) = outcomes();
    let config = Config::new()
        .with("num_chains", 1)
        .with("chain_depth", 1)
        .with("factor", case["config"]["factor"].clone());
    let layer = layers::from_config("AugMix", &config).unwrap();
    let x = images.to_vec::<f32>().unwrap();
    let away = |y: &[f32]| -> Vec<f32> { y.iter().zip(&x).map(|(y, x)| y - x).collect() };
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let ways: Vec<Vec<f32>> = outcomes.iter().map(|y| away(y)).collect();
    let (mut counts, mut same) = (vec![0; ways.len()], 0);
    for _ in 0..360 {
        let step = away(&layer.call(&images).unwrap().to_vec::<f32>().unwrap());
        if step.iter().all(|x| x.abs() < 1e-3) {
            same += 1;
            continue;
        }
        let is_part = |way: &Vec<f32>| {
            let part = product(&step, way) / product(way, way);
            let mut rest = step.iter().zip(way).map(|(step, way)| step - part * way);
            (0.0..=1.0).contains(&part) && rest.all(|rest| rest.abs() < 1e-2)
        };
        if let Some(k) = ways.iter().position(is_part) {
            counts[k] += 1;
        }
    }
    // One of 12 choices is no change at all: 30 of 360, and 15 or 30 for each outcome.
    assert!((8..60).contains(&same), "{same}");
    assert!(
        counts.iter().all(|count| (1..60).contains(count)),
        "{counts:?}"
    );
}

/// Every layer on images that draws at random; the configurations make it draw something.
#[test]
fn the_same_seed_draws_the_same_numbers_and_the_next_call_others() {
    let dims = [6, 6, 7, 3];
    let pixel = |k: usize| ((k as f32 + 0.3) * 0.618_034).fract() * 200.0 + 20.0;
    let pixels: Vec<f32> = (0..dims.iter().product()).map(pixel).collect();
    let images = Tensor::from_vec(dims, pixels);
    let needed = |class_name: &str| match class_name {
        "RandomRotation"
        | "RandomBrightness"
        | "RandomContrast"
        | "RandomColorDegeneration"
        | "RandomHue"
        | "RandomSaturation"
        | "RandomSharpness" => Config::new().with("factor", 0.5),
        "RandomPosterization" => Config::new().with("factor", vec![1, 6]),
        "RandomZoom" => Config::new().with("height_factor", 0.3),
        "RandomShear" => Config::new().with("x_factor", 0.3),
        "RandomCrop" => Config::new().with("height", 3).with("width", 3),
        "RandomColorJitter" => Config::new().with("hue_factor", 0.5),
        "Solarization" => Config::new().with("addition_factor", 0.5),
        "RandomTranslation" => {
            let config = Config::new().with("height_factor", 0.3);
            config.with("width_factor", 0.3)
        }
        _ => Config::new(),
    };
    let draws = |entry: &&&layers::Entry| {
        let arguments = entry.arguments.concat();
        arguments.contains(&"seed") && arguments.contains(&"data_format")
    };
    let mut count = 0;
    for entry in layers::LAYERS.iter().filter(draws) {
        let config = needed(entry.class_name);
        let two_calls = |seed: i32| {
            let config = config.clone().with("seed", seed);
            let layer = layers::from_config(entry.class_name, &config);
            let Ok(layer) = layer else {
                return None;
            };
            let call = || layer.call(&images)?.to_vec::<f32>();
            Some([call().ok()?, call().ok()?])
        };
        // Layers that are no image layers want other inputs or arguments.
        let Some(first) = two_calls(7) else {
            continue;
        };
        assert_eq!(two_calls(7), Some(first.clone()), "{}", entry.class_name);
        let [one, two] = &first;
        assert!(
            one != two || two_calls(8) != Some(first.clone()),
            "{}",
            entry.class_name
        );
        count += 1;
    }
    assert_eq!(count, 25);
}

#[test]
fn an_image_layer_trains_unless_it_is_told_not_to() {
    let x = Tensor::full([2, 2, 2, 1], 55.0, DType::F32);
    let layer = RandomInvert::new().factor((1.0, 1.0));
    let first = |y: Vec<Tensor>| y[0].to_vec::<f32>().unwrap()[0];
    assert_eq!(first(layer.call_all(&x).unwrap()), 200.0);
    assert_eq!(first(layer.call_with(&x, &Call::new(false)).unwrap()), 55.0);
    // A model that is called by hand leaves it to the layer; whoever connected the layer may have said it.
    let input = Input::new([2, 2, 1]);
    let mut by_layer = Model::new(&input, layer.call(&input).unwrap()).unwrap();
    assert_eq!(first(by_layer.call_all(&x).unwrap()), 200.0);
    assert_eq!(
        first(by_layer.call_with(&x, &Call::new(false)).unwrap()),
        55.0
    );
    let predicted = by_layer.predict(&x, Predict::new().verbose(0)).unwrap();
    assert_eq!(predicted.to_vec::<f32>().unwrap()[0], 55.0);
    let output = layer
        .call_with(&input, &Call::new(false))
        .unwrap()
        .remove(0);
    let told = Model::new(&input, &output).unwrap();
    let twin = Model::from_json(&told.to_json().unwrap()).unwrap();
    for model in [told, twin] {
        assert_eq!(first(model.call_all(&x).unwrap()), 55.0);
        assert_eq!(first(model.call_with(&x, &Call::new(true)).unwrap()), 200.0);
    }
}

#[test]
fn an_image_layer_at_each_step_trains_only_where_it_is_told_to() {
    let x = Tensor::full([1, 2, 2, 2, 1], 55.0, DType::F32);
    let layer = TimeDistributed::new(RandomInvert::new().factor((1.0, 1.0)));
    let first = |y: Vec<Tensor>| y[0].to_vec::<f32>().unwrap()[0];
    assert_eq!(first(layer.call_all(&x).unwrap()), 55.0);
    assert_eq!(first(layer.call_with(&x, &Call::new(true)).unwrap()), 200.0);
}

#[test]
fn labels_pass_and_what_else_belongs_to_images_is_refused() {
    let x = Tensor::full([2, 2, 2, 3], 55.0, DType::F32);
    let labels = Tensor::from([3i32, 4]);
    let results = RandomHue::new(0.5).call_all([&x, &labels]).unwrap();
    assert_eq!(results[1].to_vec::<i32>().unwrap(), [3, 4]);
    let error = RandomHue::new(0.5)
        .call_all([&x, &labels, &labels])
        .unwrap_err();
    assert!(error.to_string().contains("images and labels"), "{error}");
    let error = MixUp::new().call_all([&x, &labels]).unwrap_err();
    assert!(
        error.to_string().contains("Make class numbers one-hot"),
        "{error}"
    );
}
