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
