//! Every member of the catalogue runs on kernels of the native engine, and a steady run of it allocates nothing.
//!
//! The counter of allocations is per thread; the process is started again with one thread, so that all work is
//! counted.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::process::Command;
use std::sync::Arc;

use hornblende::Value;
use hornblende::config::{Config, Json};
use hornblende::layers::{self, LAYERS};
use hornblende::losses::{self, LOSSES};
use hornblende::metrics::METRICS;
use hornblende::optimizers::OPTIMIZERS;
use hornblende::prelude::*;
use hornblende_core::{Spec, function, gradient};

const CHILD: &str = "HORNBLENDE_TEST_EXAMINES_PROGRAMS";

/// Numbers in (0.1, 0.9) without a pattern.
fn numbers(shape: impl Into<Shape>) -> Value {
    let shape = shape.into();
    let number = |k: usize| 0.1 + 0.8 * ((k as f32 + 0.3) * 0.618_034).fract();
    let values: Vec<f32> = (0..shape.len()).map(number).collect();
    Value::from_vec(&shape, values).unwrap()
}

fn whole(numbers: &[i32]) -> Value {
    Value::from_vec([numbers.len()], numbers.to_vec()).unwrap()
}

/// What was found wrong.
#[derive(Default)]
struct Findings {
    examined: usize,
    wrong: Vec<String>,
}

impl Findings {
    /// Compiles a step for these inputs and runs it a few times.
    fn examine(
        &mut self,
        name: &str,
        inputs: &[Value],
        step: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
    ) -> Result<()> {
        let spec = |v: &Value| Spec {
            shape: v.shape().clone(),
            dtype: v.dtype(),
        };
        let specs: Vec<Spec> = inputs.iter().map(spec).collect();
        let mut program = function::compile(&specs, step)?;
        let report = program.report();
        assert!(report.steps > 0, "{name}: the engine tells about itself");
        self.examined += 1;
        if !report.interpreted.is_empty() {
            let interpreted = &report.interpreted;
            (self.wrong).push(format!("{name}: interpreted {interpreted:?}"));
        }
        // The first run may make what the engine keeps for later.
        program.run(inputs)?;
        let mut result = Ok(());
        let counted = allocation_counter::measure(|| {
            for _ in 0..3 {
                if let Err(error) = program.run(inputs) {
                    result = Err(error);
                }
            }
        });
        result?;
        if counted.count_total > 0 {
            let count = counted.count_total;
            (self.wrong).push(format!("{name}: {count} allocations in 3 runs"));
        }
        Ok(())
    }
}

/// The layers that work on the host, in front of models.
const ON_THE_HOST: [&str; 5] = [
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
];

/// Each layer forward, and in a training step: gradients with regard to its inputs and weights, and an update.
fn examine_layers(findings: &mut Findings) -> Result<()> {
    for entry in LAYERS {
        if ON_THE_HOST.contains(&entry.class_name) {
            continue;
        }
        for example in (entry.examples)() {
            let layer = layers::from_config(entry.class_name, &example.config)?;
            let inputs: Vec<Value> = example.inputs.iter().map(numbers).collect();
            let tensors: Vec<Tensor> = inputs.iter().cloned().map(Tensor::from).collect();
            layer.call_all(&tensors)?;
            let name = format!("{} {:?}", entry.class_name, example.config);
            findings.examine(&format!("{name} forward"), &inputs, |x| {
                layer.call_with(x, &Call::new(false))
            })?;
            let weights = layer.trainable_variables();
            let optimizer = SGD::new();
            optimizer.build(&weights)?;
            findings.examine(&format!("{name} training"), &inputs, |x| {
                let reads: Vec<Tensor> = weights.iter().map(Variable::read).collect();
                let call = Call::new(true);
                let results = layer.call_with(x, &call)?;
                let floats = results.iter().filter(|y| y.dtype().is_float());
                let terms = floats.map(|y| y.square().mean(..)).chain(call.losses());
                let loss = terms.fold(Tensor::from(0.0f32), |sum, term| sum + term);
                let sources = [x, &reads].concat();
                let mut gradients = gradient(&loss, &sources);
                let of_weights = gradients.split_off(x.len()).into_iter().zip(&weights);
                let pairs: Vec<(Tensor, Variable)> = of_weights
                    .filter_map(|(g, w)| Some((g?, w.clone())))
                    .collect();
                optimizer.apply_gradients(&pairs)?;
                let of_inputs = gradients.into_iter().flatten();
                Ok([loss].into_iter().chain(of_inputs).collect())
            })?;
        }
    }
    Ok(())
}

/// Labels and predictions that fit a loss.
fn for_loss(class_name: &str) -> (Value, Value) {
    match class_name {
        "SparseCategoricalCrossentropy" | "CategoricalGeneralizedCrossEntropy" | "Circle" => {
            (whole(&[2, 0, 1, 2]), numbers([4, 3]))
        }
        "CTC" => {
            let labels = vec![1i32, 2, 0, 1, 1, 2, 0, 0, 0, 2, 0, 0];
            (Value::from_vec([4, 3], labels).unwrap(), numbers([4, 5, 3]))
        }
        _ => (numbers([4, 3]), numbers([4, 3])),
    }
}

/// Each loss with its gradient with regard to the predictions.
fn examine_losses(findings: &mut Findings) -> Result<()> {
    for entry in LOSSES {
        let (y_true, y_pred) = for_loss(entry.class_name);
        let inputs = [y_true, y_pred, numbers([4])];
        for from_logits in [false, true] {
            let config = Config::new().with("from_logits", from_logits);
            let Ok(loss) = losses::from_config(entry.class_name, &config) else {
                // A loss that knows no logits is examined once.
                assert!(losses::from_config(entry.class_name, &Config::new()).is_ok());
                let loss = (entry.from_config)(&Config::new())?;
                examine_loss(findings, entry.class_name, &*loss, &inputs)?;
                break;
            };
            let name = format!("{} from_logits={from_logits}", entry.class_name);
            examine_loss(findings, &name, &*loss, &inputs)?;
        }
    }
    Ok(())
}

fn examine_loss(
    findings: &mut Findings,
    name: &str,
    loss: &dyn Loss,
    inputs: &[Value],
) -> Result<()> {
    findings.examine(name, inputs, |x| {
        let value = loss.compute(&x[0], &x[1], Some(&x[2]));
        let dx = gradient(&value, &[x[1].clone()]).remove(0);
        Ok([value].into_iter().chain(dx).collect())
    })
}

/// The arguments of a metric that have no default.
fn metric_arguments(class_name: &str) -> Config {
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

/// Each metric as part of a step: updated with a batch, and read.
fn examine_metrics(findings: &mut Findings) -> Result<()> {
    for entry in METRICS {
        let metric = (entry.from_config)(&metric_arguments(entry.class_name))?;
        let (y_true, y_pred) = match entry.class_name {
            "IoU" | "MeanIoU" => (whole(&[0, 1, 2, 1]), whole(&[0, 1, 1, 2])),
            "BinaryIoU" => (whole(&[0, 1, 1, 0]), numbers([4])),
            name if name.starts_with("Sparse") => (whole(&[1, 0, 2, 1]), numbers([4, 3])),
            _ => (numbers([4, 3]), numbers([4, 3])),
        };
        let spec = |v: &Value| Spec {
            shape: v.shape().clone(),
            dtype: v.dtype(),
        };
        metric.build(&spec(&y_true), &spec(&y_pred))?;
        let inputs = [y_true, y_pred, numbers([4])];
        findings.examine(entry.class_name, &inputs, |x| {
            metric.update_state(&x[0], &x[1], Some(&x[2]))?;
            Ok(vec![metric.result()])
        })?;
    }
    Ok(())
}

/// The arguments without which an optimizer cannot be made.
fn optimizer_arguments(class_name: &str) -> Config {
    let config = Config::new();
    let inner = || {
        let object = Config::new().with("class_name", "SGD");
        Json::Object(object.with("config", Json::Object(Config::new().0)).0)
    };
    match class_name {
        "Lookahead" => config.with("optimizer", inner()),
        "LossScaleOptimizer" => config.with("inner_optimizer", inner()),
        "MultiOptimizer" => {
            let map = Config::new().with("class_name", "OptimizerMap");
            let arguments = Config::new().with("default_optimizer", inner());
            let map = map.with("config", Json::Object(arguments.0));
            config.with("optimizer_map", Json::Object(map.0))
        }
        _ => config,
    }
}

/// Each optimizer's update of a matrix and a vector, plain and with everything that every optimizer can do.
fn examine_optimizers(findings: &mut Findings) -> Result<()> {
    for entry in OPTIMIZERS {
        let plain = optimizer_arguments(entry.class_name);
        let rich = plain
            .clone()
            .with("use_ema", true)
            .with("weight_decay", 0.01)
            .with("global_clipnorm", 1.0)
            .with("gradient_accumulation_steps", 2);
        for (about, config) in [("", plain), (" with everything", rich)] {
            let Ok(optimizer) = (entry.from_config)(&config) else {
                assert!(!about.is_empty(), "{}", entry.class_name);
                continue;
            };
            let variables = [
                Variable::from_value("kernel", numbers([4, 6])),
                Variable::from_value("bias", numbers([6])),
            ];
            optimizer.build(&variables)?;
            let inputs = [numbers([4, 6]), numbers([6])];
            let name = format!("{}{about}", entry.class_name);
            findings.examine(&name, &inputs, |x| {
                let pairs: Vec<_> = x.iter().cloned().zip(variables.clone()).collect();
                optimizer.step(&pairs)?;
                Ok(Vec::new())
            })?;
        }
    }
    Ok(())
}

/// Not a claim of its own: the other test runs it in a process with one thread.
#[test]
fn examines_when_asked() -> Result<()> {
    let Some(family) = std::env::var_os(CHILD) else {
        return Ok(());
    };
    let engine: Arc<dyn hornblende_core::engine::Engine> = hornblende_core::registry::engine();
    if engine.name() != "cpu" {
        println!("native: SKIPPED, {} is the engine", engine.name());
        return Ok(());
    }
    let mut findings = Findings::default();
    match family.to_str() {
        Some("layers") => examine_layers(&mut findings)?,
        Some("losses") => examine_losses(&mut findings)?,
        Some("metrics") => examine_metrics(&mut findings)?,
        _ => examine_optimizers(&mut findings)?,
    }
    println!("examined {}", findings.examined);
    assert!(findings.wrong.is_empty(), "{}", findings.wrong.join("\n"));
    Ok(())
}

fn check(family: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "examines_when_asked", "--nocapture"])
        .env(CHILD, family)
        .env("HORNBLENDE_NUM_THREADS", "1")
        .output()
        .unwrap();
    let (out, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}{errors}");
    assert!(
        out.contains("examined") || out.contains("SKIPPED"),
        "{out}{errors}"
    );
}

#[test]
fn every_layer_trains_on_kernels_and_allocates_nothing() {
    check("layers");
}

#[test]
fn every_loss_and_its_gradient_runs_on_kernels_and_allocates_nothing() {
    check("losses");
}

#[test]
fn every_metric_runs_on_kernels_and_allocates_nothing() {
    check("metrics");
}

#[test]
fn every_optimizer_updates_with_kernels_and_allocates_nothing() {
    check("optimizers");
}
