//! What holds for every member of a family: these tests iterate the lists, so that a new member is tested
//! without a word.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;

use hornblende::config::{Config, Json};
use hornblende::optimizers::schedules;
use hornblende::prelude::*;
use hornblende::{
    Value, activations, constraints, initializers, losses, metrics, optimizers, regularizers,
};
use hornblende_core::testing::check_gradient;

/// Numbers in (0, 1) without a pattern that a symmetric error could hide behind.
fn numbers(count: usize) -> impl Iterator<Item = f64> {
    (1..=count).map(|k| (k as f64 * 0.618_033_988_749_894_9).fract())
}

#[test]
fn the_gradient_of_every_activation_is_its_derivative() {
    for entry in activations::ACTIVATIONS {
        // Between -8 and 8, moved away from the kinks by much more than the step of the check.
        let points: Vec<f64> = numbers(24)
            .map(|x| 16.0 * x - 8.0)
            .map(
                |x| match entry.kinks.iter().find(|kink| (x - **kink).abs() < 1e-2) {
                    Some(kink) => kink + 0.05,
                    None => x,
                },
            )
            .collect();
        let x = Value::from_vec([4, 6], points).unwrap();
        // The error of the central differences is about 1e-10 times the third derivative.
        check_gradient(entry.names[0], &[x], 1e-6, |x| (entry.call)(&x[0])).unwrap();
    }
}

#[test]
fn the_gradient_at_a_declared_kink_is_between_the_slopes_beside_it() {
    for entry in activations::ACTIVATIONS {
        for kink in entry.kinks {
            let slope_at = |at: f64| {
                let x = Tensor::from([at]);
                (entry.call)(&x).gradients(&[x])[0].to_vec::<f64>().unwrap()[0]
            };
            let (left, at, right) = (
                slope_at(kink - 1e-9),
                slope_at(*kink),
                slope_at(kink + 1e-9),
            );
            let (low, high) = (left.min(right) - 1e-6, left.max(right) + 1e-6);
            assert!(
                low <= at && at <= high,
                "{} at {kink}: {left} {at} {right}",
                entry.names[0]
            );
        }
    }
}

#[test]
fn the_gradient_of_every_regularizer_and_constraint_is_its_derivative() {
    let points = numbers(6).map(|x| 0.2 + x).collect();
    let w = Value::from_vec([3, 2], points).unwrap();
    for entry in regularizers::REGULARIZERS {
        let it = (entry.from_config)(&Config::new()).unwrap();
        let of = |w: &[Tensor]| it.call(&w[0]);
        check_gradient(entry.class_name, std::slice::from_ref(&w), 1e-6, of).unwrap();
    }
    for entry in constraints::CONSTRAINTS {
        let it = (entry.from_config)(&Config::new()).unwrap();
        let of = |w: &[Tensor]| it.call(&w[0]);
        check_gradient(entry.class_name, std::slice::from_ref(&w), 1e-6, of).unwrap();
    }
}

#[test]
fn a_constraint_leaves_what_obeys_it_nearly_unchanged() {
    let w = Tensor::from([[0.6f32, 0.0], [0.8, 1.0]]);
    for entry in constraints::CONSTRAINTS {
        let it = (entry.from_config)(&Config::new()).unwrap();
        let difference = (it.call(&w) - &w).abs().max(..).item::<f32>().unwrap();
        // Keras adds 1e-7 to the norm.
        assert!(difference < 1e-6, "{}: {difference}", entry.class_name);
    }
}

#[test]
fn no_activation_makes_nan_of_a_large_number() {
    for entry in activations::ACTIVATIONS {
        // Sparsemax looks at all numbers of a row; `exponential` and what grows as a power may be infinite.
        let x = Tensor::from([[1e4f32, -1e4], [-1e4, 1e4]]);
        let y = (entry.call)(&x);
        let gradient = y.gradients(&[x])[0].to_vec::<f32>().unwrap();
        let all = y.to_vec::<f32>().unwrap().into_iter().chain(gradient);
        assert!(all.into_iter().all(|v| !v.is_nan()), "{}", entry.names[0]);
    }
}

#[test]
fn nan_in_gives_nan_out_of_every_activation() {
    for entry in activations::ACTIVATIONS {
        let y = (entry.call)(&Tensor::from([[f32::NAN, f32::NAN]]));
        let y = y.to_vec::<f32>().unwrap();
        assert!(y.iter().all(|v| v.is_nan()), "{}: {y:?}", entry.names[0]);
    }
}

/// Labels that fit a loss, and predictions strictly between 0 and 1 that equal none of them.
fn labels_and_predictions(class_name: &str) -> (Tensor, Value) {
    let (rows, frames, classes) = (4, 5, 3);
    let numbers_of = |shape: &[usize]| {
        let predictions = numbers(shape.iter().product()).map(|x| 0.1 + 0.7 * x);
        Value::from_vec(shape, predictions.collect()).unwrap()
    };
    match class_name {
        "SparseCategoricalCrossentropy" | "CategoricalGeneralizedCrossEntropy" | "Circle" => {
            (Tensor::from([2i32, 0, 1, 2]), numbers_of(&[rows, classes]))
        }
        "CTC" => {
            let labels = [[1i32, 2, 0], [1, 1, 2], [0, 0, 0], [2, 0, 0]];
            (Tensor::from(labels), numbers_of(&[rows, frames, classes]))
        }
        _ => {
            let labels = numbers(rows * classes).map(|x| 0.05 + 0.9 * (1.0 - x));
            let y_true = Tensor::from_vec([rows, classes], labels.collect());
            (y_true, numbers_of(&[rows, classes]))
        }
    }
}

/// Configurations of a loss that are worth a check of the gradient.
fn variants(class_name: &str, arguments: &Config) -> Vec<Config> {
    let mut variants = vec![Config::new(), Config::new().with("reduction", "none")];
    if arguments.get("from_logits").is_some() {
        variants.push(Config::new().with("from_logits", true));
    }
    if arguments.get("label_smoothing").is_some() {
        let smooth = Config::new().with("label_smoothing", 0.125);
        variants.extend([smooth.clone().with("from_logits", true), smooth]);
    }
    let own = match class_name {
        "Huber" => Config::new().with("delta", 0.125),
        "BinaryFocalCrossentropy" => {
            let balanced = Config::new().with("apply_class_balancing", true);
            balanced.with("gamma", 1.5).with("alpha", 0.75)
        }
        "CategoricalFocalCrossentropy" => Config::new()
            .with("alpha", vec![0.5, 1.0, 2.0])
            .with("gamma", 0.5),
        "Circle" => {
            // With the scale of 80, the error of central differences is that of the exponentials.
            let mild = Config::new().with("gamma", 2.0).with("margin", 0.125);
            mild.with("remove_diagonal", false)
        }
        "Tversky" => Config::new().with("alpha", 0.25).with("axis", -1),
        "Dice" | "CosineSimilarity" => Config::new().with("axis", 0),
        "CategoricalGeneralizedCrossEntropy" => Config::new().with("q", 0.125),
        _ => return variants,
    };
    variants.push(own.with("reduction", "sum"));
    variants
}

#[test]
fn the_gradient_of_every_loss_is_its_derivative() {
    for entry in losses::LOSSES {
        let plain = (entry.from_config)(&Config::new()).unwrap();
        for config in variants(entry.class_name, &plain.get_config()) {
            let loss = (entry.from_config)(&config).unwrap();
            let (y_true, y_pred) = labels_and_predictions(entry.class_name);
            let weight = match config.get("axis").and_then(Json::as_i64) {
                Some(0) => Tensor::from([0.5f64, 2.0, 1.0]),
                _ => Tensor::from([0.5f64, 2.0, 0.0, 1.0]),
            };
            for weight in [None, Some(&weight)] {
                let name = format!("{} {config:?}", entry.class_name);
                let of = |y_pred: &[Tensor]| loss.compute(&y_true, &y_pred[0], weight);
                check_gradient(&name, std::slice::from_ref(&y_pred), 1e-6, of).unwrap();
            }
        }
    }
}

#[test]
fn every_loss_of_an_empty_batch_is_a_number() {
    for entry in losses::LOSSES {
        let loss = (entry.from_config)(&Config::new()).unwrap();
        let (y_true, y_pred) = labels_and_predictions(entry.class_name);
        let value = loss.compute(&y_true.slice(..0), &Tensor::from(y_pred).slice(..0), None);
        // These are one minus a share of everything in the batch, and a share of nothing is 0.
        let of_all = ["Dice", "Tversky"].contains(&entry.class_name);
        let wanted = f32::from(u8::from(of_all));
        assert_eq!(value.item::<f32>().unwrap(), wanted, "{}", entry.class_name);
    }
}

#[test]
fn every_loss_and_metric_refuses_labels_of_another_shape() {
    for entry in losses::LOSSES {
        let loss = (entry.from_config)(&Config::new()).unwrap();
        let y_pred = Tensor::zeros([4, 3], DType::F32);
        let error = loss
            .compute(&Tensor::zeros([4, 2], DType::F32), &y_pred, None)
            .eval();
        let text = error.unwrap_err().to_string();
        assert!(text.contains("(4, 3)") && text.contains("(4, 2)"), "{text}");
    }
    for entry in metrics::METRICS {
        // These look at values alone, or at the places of the largest.
        if ["Mean", "Sum", "OneHotIoU", "OneHotMeanIoU"].contains(&entry.class_name) {
            continue;
        }
        let metric = (entry.from_config)(&required(entry.class_name)).unwrap();
        let (y_true, y_pred) = (
            Tensor::zeros([4, 2], DType::F32),
            Tensor::zeros([4, 3], DType::F32),
        );
        let text = metric
            .update_state(&y_true, &y_pred, None)
            .unwrap_err()
            .to_string();
        assert!(text.contains("(4, 3)") && text.contains("(4, 2)"), "{text}");
    }
}

/// The arguments that have no default.
fn required(class_name: &str) -> Config {
    let config = Config::new();
    match class_name {
        "IoU" | "OneHotIoU" => config
            .with("num_classes", 3)
            .with("target_class_ids", vec![0, 2]),
        "MeanIoU" | "OneHotMeanIoU" => config.with("num_classes", 3),
        "PrecisionAtRecall" => config.with("recall", 0.5),
        "RecallAtPrecision" => config.with("precision", 0.5),
        "SensitivityAtSpecificity" => config.with("specificity", 0.5),
        "SpecificityAtSensitivity" => config.with("sensitivity", 0.5),
        "MeanMetricWrapper" => config.with("fn", "huber"),
        _ => config,
    }
}

/// Labels and predictions that fit a metric.
fn batch_for(class_name: &str) -> (Tensor, Tensor) {
    let (rows, classes) = (4, 3);
    let predictions = numbers(rows * classes).map(|x| x as f32).collect();
    let y_pred = Tensor::from_vec([rows, classes], predictions);
    let one_hot = Tensor::from([
        [0.0f32, 1.0, 0.0],
        [1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0],
        [0.0, 1.0, 0.0],
    ]);
    match class_name {
        "IoU" | "MeanIoU" => (Tensor::from([0i32, 1, 2, 1]), Tensor::from([0i32, 1, 1, 2])),
        "BinaryIoU" => {
            let y_pred = Tensor::from([0.2f32, 0.7, 0.4, 0.9]);
            (Tensor::from([0i32, 1, 1, 0]), y_pred)
        }
        _ if class_name.starts_with("Sparse") => (Tensor::from([1i32, 0, 2, 1]), y_pred),
        _ => (one_hot, y_pred),
    }
}

#[test]
fn every_metric_gives_the_same_inside_a_step_as_alone_and_after_a_merge() {
    for entry in metrics::METRICS {
        let make = || (entry.from_config)(&required(entry.class_name)).unwrap();
        let (y_true, y_pred) = batch_for(entry.class_name);
        let weight = Tensor::from([1.0f32, 2.0, 0.0, 3.0]);
        let (alone, inside, merged) = (make(), make(), make());
        alone.update_state(&y_true, &y_pred, Some(&weight)).unwrap();
        merged
            .update_state(&y_true, &y_pred, Some(&weight))
            .unwrap();
        let again = alone
            .call(&y_true, &y_pred, Some(&weight))
            .unwrap()
            .eval()
            .unwrap();
        let step = {
            let inside = Arc::clone(&inside);
            hornblende_core::function(move |x| {
                inside.update_state(&x[0], &x[1], Some(&x[2]))?;
                Ok(vec![inside.result()])
            })
        };
        let inputs = [y_true.clone(), y_pred.clone(), weight.clone()];
        step.call(&inputs).unwrap();
        let traced = step.call(&inputs).unwrap()[0].eval().unwrap();
        merged.merge_state(&[&*merged]).unwrap();
        for other in [traced, merged.result().eval().unwrap()] {
            let (a, b) = (again.to_f64_vec(), other.to_f64_vec());
            let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-6 * (1.0 + b.abs());
            assert!(
                a.len() == b.len() && a.iter().zip(&b).all(near),
                "{}: {a:?} {b:?}",
                entry.class_name
            );
        }
        alone.reset_states().unwrap();
        for variable in alone.variables() {
            assert!(variable.value().to_f64_vec().iter().all(|x| *x == 0.0));
        }
    }
}

#[test]
fn an_empty_batch_and_one_of_weight_zero_change_no_metric() {
    for entry in metrics::METRICS {
        let metric = (entry.from_config)(&required(entry.class_name)).unwrap();
        let (y_true, y_pred) = batch_for(entry.class_name);
        metric.update_state(&y_true, &y_pred, None).unwrap();
        let before = metric.result().to_vec::<f32>().unwrap();
        let (none_true, none_pred) = (y_true.slice(..0), y_pred.slice(..0));
        metric.update_state(&none_true, &none_pred, None).unwrap();
        let nothing = Tensor::from([0.0f32; 4]);
        metric
            .update_state(&y_true, &y_pred, Some(&nothing))
            .unwrap();
        let after = metric.result().to_vec::<f32>().unwrap();
        assert_eq!(before, after, "{}", entry.class_name);
    }
}

/// The configuration with every argument that can be changed blindly changed.
fn changed(config: &Config) -> Config {
    let change = |(key, value): (&String, &Json)| {
        let other = match (key.as_str(), value) {
            ("mode", Json::String(rows)) if rows == "rows" => "columns".into(),
            ("mode", _) => "fan_avg".into(),
            ("distribution", _) => "uniform".into(),
            ("reduction", _) => "sum".into(),
            ("seed", _) => 3.into(),
            ("ignore_class", _) => 1.into(),
            ("axis", _) => 1.into(),
            ("clipvalue" | "weight_decay", _) => 0.25.into(),
            ("gradient_accumulation_steps" | "ema_overwrite_frequency", _) => 2.into(),
            ("k" | "num_regressors", _) => 2.into(),
            ("num_classes" | "num_thresholds", _) => 4.into(),
            ("thresholds" | "label_weights", _) => vec![0.25, 0.5].into(),
            ("top_k" | "class_id", _) => 1.into(),
            ("average", _) => "macro".into(),
            ("class_aggregation", _) => Json::Null,
            ("curve", _) => "PR".into(),
            ("summation_method", _) => "minoring".into(),
            ("dtype", _) => "float64".into(),
            ("ns_steps" | "warmup_steps" | "total_steps", Json::Number(n)) if n.is_u64() => {
                2.into()
            }
            ("sync_period" | "dynamic_growth_steps", _) => 2.into(),
            ("sma_threshold", _) => 4.5.into(),
            (_, Json::Bool(truth)) => (!truth).into(),
            (_, Json::Number(n)) => (n.as_f64().unwrap() * 0.5 + 0.125).into(),
            (_, Json::String(text)) => format!("{text}_2").into(),
            (_, other) => other.clone(),
        };
        (key.clone(), other)
    };
    Config(config.0.iter().map(change).collect())
}

fn check_round_trip<T: ?Sized>(
    class_name: &str,
    from_config: impl Fn(&Config) -> Result<Arc<T>>,
    arguments: Config,
    describe: impl Fn(&T) -> (&'static str, Config),
) {
    let (name, config) = describe(&from_config(&arguments).unwrap());
    assert_eq!(name, class_name);
    for config in [changed(&config), config] {
        let (_, again) = describe(&from_config(&config).unwrap());
        assert_eq!(again, config, "{class_name}");
    }
    let wrong = from_config(&arguments.with("no_such_argument", 1));
    let text = wrong.err().unwrap().to_string();
    assert!(text.contains("no_such_argument"), "{class_name}: {text}");
}

#[test]
fn every_configuration_survives_a_round_trip_and_unknown_arguments_are_refused() {
    for e in initializers::INITIALIZERS {
        check_round_trip(e.class_name, e.from_config, Config::new(), |x| {
            (x.class_name(), x.get_config())
        });
    }
    for e in regularizers::REGULARIZERS {
        check_round_trip(e.class_name, e.from_config, Config::new(), |x| {
            (x.class_name(), x.get_config())
        });
    }
    for e in constraints::CONSTRAINTS {
        check_round_trip(e.class_name, e.from_config, Config::new(), |x| {
            (x.class_name(), x.get_config())
        });
    }
    for e in losses::LOSSES {
        check_round_trip(e.class_name, e.from_config, Config::new(), |x| {
            (x.class_name(), x.get_config())
        });
    }
    for e in metrics::METRICS {
        check_round_trip(e.class_name, e.from_config, required(e.class_name), |x| {
            (x.class_name(), x.get_config())
        });
    }
    for e in optimizers::OPTIMIZERS {
        check_round_trip(e.class_name, e.from_config, needed(e.class_name), |x| {
            (x.class_name(), x.get_config())
        });
    }
    for e in schedules::SCHEDULES {
        check_round_trip(e.class_name, e.from_config, needed(e.class_name), |x| {
            (x.class_name(), x.get_config())
        });
        let schedule = schedules::from_config(e.class_name, &needed(e.class_name)).unwrap();
        let optimizer = SGD::new().learning_rate(schedule);
        let again = optimizers::from_config("SGD", &optimizer.get_config()).unwrap();
        assert_eq!(again.get_config(), optimizer.get_config());
    }
}

/// The arguments without which an optimizer or a schedule cannot be made.
fn needed(class_name: &str) -> Config {
    let config = Config::new();
    let inner = || {
        let arguments = Config::new().with("learning_rate", 0.02);
        let object = Config::new().with("class_name", "SGD");
        Json::Object(object.with("config", Json::Object(arguments.0)).0)
    };
    let decay = || Config::new().with("initial_learning_rate", 0.5);
    match class_name {
        "Lookahead" => config.with("optimizer", inner()),
        "LossScaleOptimizer" => config.with("inner_optimizer", inner()),
        "MultiOptimizer" => {
            let arguments = Config::new().with("default_optimizer", inner());
            let map = Config::new().with("class_name", "OptimizerMap");
            let map = map.with("config", Json::Object(arguments.0));
            config.with("optimizer_map", Json::Object(map.0))
        }
        "CosineDecay" | "PolynomialDecay" => decay().with("decay_steps", 8),
        "CosineDecayRestarts" => decay().with("first_decay_steps", 8),
        "ExponentialDecay" | "InverseTimeDecay" => {
            decay().with("decay_steps", 8).with("decay_rate", 0.5)
        }
        "PiecewiseConstantDecay" => config
            .with("boundaries", vec![2.0, 4.0])
            .with("values", vec![0.5, 0.25, 0.125]),
        _ => config,
    }
}

/// Every name is found, and its misspelling is told a name.
fn check_names<T>(family: &str, names: &[&str], get: impl Fn(&str) -> Result<T>) {
    assert!(!names.is_empty());
    for (k, name) in names.iter().enumerate() {
        assert!(get(name).is_ok(), "{family} {name}");
        assert!(
            !names[..k].contains(name),
            "{family} {name} is listed twice"
        );
        let misspelt = format!("{name}x");
        let text = get(&misspelt).err().unwrap().to_string();
        assert!(text.contains("Did you mean \""), "{text}");
        assert!(text.contains(&format!("\"{misspelt}\"")), "{text}");
    }
}

#[test]
fn every_name_is_found_and_a_misspelt_one_is_told_the_nearest() {
    check_names("activation", &activations::names(), activations::get);
    check_names("initializer", &initializers::names(), initializers::get);
    check_names("loss", &losses::names(), losses::get);
    check_names("metric", &metrics::names(), |name| {
        let is_named = |e: &&&metrics::Entry| e.class_name == name || e.names.contains(&name);
        let entry = metrics::METRICS.iter().find(is_named);
        let arguments = entry.map_or_else(Config::new, |e| required(e.class_name));
        metrics::from_config(name, &arguments)
    });
    check_names("optimizer", &optimizers::names(), |name| {
        match optimizers::get(name) {
            // Known, but it is made around another one.
            Err(error) if error.to_string().contains("expected an argument") => Ok(()),
            result => result.map(drop),
        }
    });
}

#[test]
fn keras_names_are_known() {
    let abbreviations = [
        "bce", "BCE", "mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE", "kld", "KLD",
    ];
    for name in abbreviations
        .iter()
        .chain(&["huber", "log_cosh", "logcosh", "MeanSquaredError"])
    {
        assert!(losses::get(name).is_ok(), "{name}");
    }
    for name in ["swish", "silu", "hard_swish", "leaky_relu", "gelu"] {
        assert!(activations::get(name).is_ok(), "{name}");
    }
    for name in [
        "uniform",
        "normal",
        "one",
        "zero",
        "he_normal",
        "IdentityInitializer",
    ] {
        assert!(initializers::get(name).is_ok(), "{name}");
    }
    for name in ["adam", "Adam", "ADAM", "sgd", "rmsprop", "RMSprop"] {
        assert!(optimizers::get(name).is_ok(), "{name}");
    }
}

#[test]
fn the_same_seed_draws_the_same_numbers_and_no_seed_draws_others() {
    let shape = Shape::from([4, 4]);
    for entry in initializers::INITIALIZERS {
        let default = (entry.from_config)(&Config::new()).unwrap();
        if !default.get_config().0.contains_key("seed") {
            continue;
        }
        let draw = |config: Config| {
            let initializer = (entry.from_config)(&config).unwrap();
            initializer.initialize(&shape, DType::F32).unwrap()
        };
        let seeded = |seed: u64| draw(Config::new().with("seed", seed));
        assert_eq!(seeded(1), seeded(1), "{}", entry.class_name);
        assert_ne!(seeded(1), seeded(2), "{}", entry.class_name);
        let value = |dtype| default.initialize(&shape, dtype).unwrap();
        assert_ne!(value(DType::F32), value(DType::F32), "{}", entry.class_name);
        assert_eq!(
            value(DType::F64).dtype(),
            DType::F64,
            "{}",
            entry.class_name
        );
    }
}

#[test]
fn every_optimizer_finds_the_bottom_of_a_bowl() {
    for entry in optimizers::OPTIMIZERS {
        let config = needed(entry.class_name);
        let config = match entry.class_name {
            // These have the learning rates of the optimizers in them.
            "Lookahead" | "LossScaleOptimizer" | "MultiOptimizer" => config,
            "Adadelta" => config.with("learning_rate", 1.0).with("epsilon", 0.01),
            // Of these the steps become smaller and smaller, or an average lags behind.
            "Adagrad" | "Ftrl" | "ScheduleFreeAdamW" => config.with("learning_rate", 0.5),
            // And these begin with small ones, or small ones near 0.
            "Adafactor" | "RectifiedAdam" | "Ranger" => config.with("learning_rate", 0.1),
            _ => config.with("learning_rate", 0.02),
        };
        let optimizer = (entry.from_config)(&config).unwrap();
        let w = Variable::new("w", Tensor::from([1.0f32, -0.5])).unwrap();
        let start = 1.25;
        for _ in 0..200 {
            optimizer
                .minimize(|| w.read().square().sum(..), std::slice::from_ref(&w))
                .unwrap();
        }
        let end = w.read().square().sum(..).item::<f32>().unwrap();
        // Steps of a fixed size end within a few of them: (2 * 0.02)^2 * 2.
        assert!(end < start * 0.01, "{}: {end}", entry.class_name);
    }
}
