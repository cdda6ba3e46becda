//! Every loss inside `compile` and `fit`.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use hornblende::prelude::*;
use hornblende::{config::Config, losses, random};

const SAMPLES: usize = 16;

/// Numbers in (0, 1) without a pattern.
fn numbers(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let number = |k| (k as f32 * 0.618_034).fract();
    Tensor::from_vec(shape, (1..=count).map(number).collect())
}

/// A model whose outputs suit the loss, its inputs and labels. What is to be learnt is a rule on the inputs.
fn task(class_name: &str) -> (Model, Tensor, Tensor) {
    random::set_seed(3);
    let inputs = numbers(&[SAMPLES, 5, 4]);
    let classes = inputs.sum(2).slice_axis(1, 0..3).argmax(1); // [samples]
    let frames = |model: Sequential| model.add(Input::new([5, 4])).add(Dense::new(3));
    let rows = |activation: &str| {
        let model = Sequential::new()
            .add(Input::new([5, 4]))
            .add(Flatten::new());
        model.add(Dense::new(3).activation(activation)).into()
    };
    match class_name {
        "CTC" => {
            let first = (classes + 1).remainder(2.0) + 1.0;
            let labels = [
                first.clone(),
                first * 0.0 + 1.0,
                Tensor::zeros([SAMPLES], DType::I32),
            ];
            let labels = labels.map(|column| column.cast(DType::I32));
            (
                frames(Sequential::new()).into(),
                inputs,
                Tensor::stack(&labels, 1),
            )
        }
        "SparseCategoricalCrossentropy" | "CategoricalGeneralizedCrossEntropy" => {
            (rows("softmax"), inputs, classes)
        }
        "Circle" => (rows("tanh"), inputs, classes),
        _ => (rows("softmax"), inputs, classes.one_hot(3, DType::F32)),
    }
}

/// The losses of a fit, epoch by epoch.
fn curve(loss: &str, reduction: &str, weighted: bool) -> Result<Vec<f64>> {
    let (mut model, x, y) = task(loss);
    let config = Config::new().with("reduction", reduction);
    let options = Compile::new().optimizer(Adam::new().learning_rate(0.02));
    model.compile(options.loss(losses::from_config(loss, &config)?))?;
    let mut fit = Fit::new().epochs(12).batch_size(6).verbose(0);
    let weights = numbers(&[SAMPLES]);
    if weighted {
        fit = fit.sample_weight(&weights);
    }
    Ok(model.fit((&x, &y), fit)?.history()["loss"].to_vec())
}

#[test]
fn every_loss_becomes_less_when_a_model_is_fitted_to_it() {
    for entry in losses::LOSSES {
        for (reduction, weighted) in [
            ("sum_over_batch_size", false),
            ("sum", true),
            ("mean_with_sample_weight", true),
        ] {
            let name = format!("{} {reduction} {weighted}", entry.class_name);
            let curve = curve(entry.class_name, reduction, weighted)
                .unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(curve.iter().all(|x| x.is_finite()), "{name}: {curve:?}");
            assert!(curve.last() < curve.first(), "{name}: {curve:?}");
        }
    }
}

#[test]
fn a_mask_leaves_samples_out_of_every_loss_of_sequences() {
    let y_pred = numbers(&[2, 3, 4]).with_remark(
        "mask",
        &Tensor::from([[true, false, true], [true, true, false]]),
    );
    let zero_where_masked = [1, 5];
    for entry in losses::LOSSES {
        let y_true = match entry.class_name {
            "CTC" | "Circle" | "Dice" | "Tversky" => continue,
            "SparseCategoricalCrossentropy" | "CategoricalGeneralizedCrossEntropy" => {
                Tensor::from([[1i32, 0, 3], [2, 2, 0]])
            }
            _ => numbers(&[2, 3, 4]).slice(..).square(),
        };
        let of = |reduction: &str| {
            let config = Config::new().with("reduction", reduction);
            let loss = (entry.from_config)(&config).unwrap();
            loss.compute(&y_true, &y_pred, None)
                .to_vec::<f64>()
                .unwrap()
        };
        let each = of("none");
        assert!(
            zero_where_masked.iter().all(|k| each[*k] == 0.0),
            "{}",
            entry.class_name
        );
        let mean = each.iter().sum::<f64>() / 4.0;
        let got = of("sum_over_batch_size")[0];
        assert!(
            (got - mean).abs() < 1e-5 * mean.abs().max(1.0),
            "{}",
            entry.class_name
        );
    }
}

#[test]
fn every_loss_can_be_computed_in_64_bits() {
    for entry in losses::LOSSES {
        let (mut model, x, y) = task(entry.class_name);
        let y_pred = model.predict(&x, Predict::new().verbose(0)).unwrap();
        let of = |dtype: &str| {
            let config = Config::new().with("dtype", dtype);
            let loss = (entry.from_config)(&config).unwrap();
            assert_eq!(
                loss.get_config().text("dtype").unwrap().as_deref(),
                Some(dtype)
            );
            loss.compute(&y, &y_pred, None)
        };
        let (narrow, wide) = (of("float32"), of("float64"));
        assert_eq!((narrow.dtype(), wide.dtype()), (DType::F32, DType::F64));
        let (a, b) = (narrow.item::<f64>().unwrap(), wide.item::<f64>().unwrap());
        // Rounding of F32; a Circle loss magnifies it by its scale of 80.
        assert!(
            (a - b).abs() < 1e-4 * b.abs().max(1.0),
            "{}: {a} {b}",
            entry.class_name
        );
        let half = (entry.from_config)(&Config::new().with("dtype", "float16"))
            .err()
            .unwrap();
        assert!(half.to_string().contains("float32 or float64"), "{half}");
    }
}

#[test]
fn a_reduction_may_be_said_as_keras_2_and_as_python_say_it() {
    let (y_true, y_pred) = (
        Tensor::from([[0.0f32], [0.0]]),
        Tensor::from([[1.0f32], [2.0]]),
    );
    let of = |loss: MeanSquaredError| {
        loss.compute(&y_true, &y_pred, None)
            .to_vec::<f32>()
            .unwrap()
    };
    let new = MeanSquaredError::new;
    assert_eq!(of(new().reduction(Reduction::AUTO)), [2.5]);
    assert_eq!(of(new().reduction("auto")), [2.5]);
    assert_eq!(of(new().reduction("mean")), [2.5]);
    assert_eq!(of(new().reduction(Reduction::SUM)), [5.0]);
    assert_eq!(of(new().reduction(Reduction::NONE)), [1.0, 4.0]);
    assert_eq!(of(new().reduction(None)), [1.0, 4.0]);
    let null = Config::new().with("reduction", hornblende::config::Json::Null);
    let loss = losses::from_config("mse", &null).unwrap();
    assert_eq!(loss.reduction(), Reduction::None);
}
